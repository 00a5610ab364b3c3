"""One run at a time."""

import subprocess
import sys
import threading
import time
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


def test_who_holds_the_lock_is_told(tmp_path: Path) -> None:
    with (
        run_lock(tmp_path, holder="process 17, since noon"),
        pytest.raises(Locked, match=r"\(process 17, since noon\)"),
        run_lock(tmp_path),
    ):
        raise AssertionError


def test_a_run_that_waits_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    held, release = threading.Event(), threading.Event()

    def other() -> None:
        with run_lock(tmp_path):
            held.set()
            release.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    assert held.wait(10)
    threading.Timer(0.2, release.set).start()
    began = time.monotonic()
    with run_lock(tmp_path, wait=30):
        assert 0.1 < time.monotonic() - began < 10
    thread.join()


def test_waiting_ends(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story()
    with run_lock(wire.directory / ".feedmill"):
        began = time.monotonic()
        assert wire.run("build", "--wait", "0.3") == 4
        assert 0.3 <= time.monotonic() - began < 10


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "1e9"])
def test_a_wait_must_be_a_number_of_seconds(wire: Mill, capsys: pytest.CaptureFixture[str], text: str) -> None:
    with pytest.raises(SystemExit) as caught:
        wire.run("build", f"--wait={text}")
    assert caught.value.code == 2
    assert "is not a number of seconds" in capsys.readouterr().err


def test_the_kernel_frees_the_lock_of_a_run_that_was_killed(tmp_path: Path) -> None:
    code = "import sys,time,pathlib;from feedmill.publishing import run_lock\nwith run_lock(pathlib.Path(sys.argv[1])):"
    code += "\n print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(Locked), run_lock(tmp_path):
            raise AssertionError
        process.kill()
    with run_lock(tmp_path):
        pass
