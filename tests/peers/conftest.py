"""The rich site, built for one test."""

from __future__ import annotations

import pytest

from feedmill.pipeline import Built
from tests.conftest import Mill
from tests.peers.site import build_site


@pytest.fixture
def built(wire: Mill) -> Built:
    """The build of the rich site. Its feeds lie in `wire.feeds`."""
    return build_site(wire)
