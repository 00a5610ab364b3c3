"""One run at a time."""

from pathlib import Path

import pytest

from feedmill.errors import Locked, PublishingError
from feedmill.publishing import run_lock
from tests.conftest import Mill


def test_a_second_run_leaves_at_once_and_says_so(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story()
    with run_lock(wire.directory / ".feedmill"):
        assert wire.run("build") == 4
    assert "another run is at work here" in capsys.readouterr().err
    assert not wire.feeds.exists()
    assert wire.run("build") == 0


def test_the_lock_is_free_again_after_a_run_that_failed(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), run_lock(tmp_path):
        raise RuntimeError
    with run_lock(tmp_path), pytest.raises(Locked), run_lock(tmp_path):
        raise AssertionError


def test_a_lock_that_cannot_be_made_is_a_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishingError, match="the lock cannot be made"), run_lock(tmp_path / "file" / "state"):
        raise AssertionError
