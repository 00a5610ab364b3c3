"""The rich site, built for one test."""

from __future__ import annotations

import pytest

from tests.conftest import Finished, Mill
from tests.peers.site import build_site


@pytest.fixture
def built(wire: Mill) -> Finished:
    """The build of the rich site. Its feeds lie in `wire.feeds`."""
    return build_site(wire)
