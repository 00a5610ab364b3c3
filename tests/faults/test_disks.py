"""Disks that are full, read-only, forbidden or out of handles: a clear line, exit code 5, and every document whole."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import Mill
from tests.faults.tools import BUILD, Versions, build, command, documents, restore, versions
from tests.parts import count, require_program


def a_line(said: str, *words: str) -> None:
    """Assert that a person reads one line, with these words in it."""
    assert "Traceback" not in said
    [line] = said.splitlines()
    assert all(word in line for word in words), line


@contextmanager
def mounted(target: Path, *options: str) -> Iterator[None]:
    """Mount something on a directory while the block runs. No installation gives the right to: skip without it."""
    target.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(target)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("only root may mount, outside of most containers")
    try:
        yield
    finally:
        subprocess.run(["umount", str(target)], check=True)


@pytest.fixture
def open_wire() -> Iterator[Mill]:
    """A site to which the way is open for every user; to that of `wire` it is not."""
    with TemporaryDirectory() as name:
        made = Mill(Path(name))
        made.directory.chmod(0o755)
        (made.directory / "content").mkdir()
        yield made


def as_nobody(made: Versions) -> Sequence[str]:
    """Return what runs a build as a user whom permissions bind; the site is made theirs."""
    if os.geteuid() != 0:
        return ()
    setpriv = require_program("setpriv")
    for path in (made.wire.directory, *made.wire.directory.rglob("*")):
        os.chown(path, 65534, 65534)
    user = (setpriv, "--reuid=65534", "--regid=65534", "--clear-groups")
    if subprocess.run([*user, *BUILD, "--version"], capture_output=True, check=False).returncode:
        pytest.skip("no other user may run this Python")
    return user


def test_a_full_disk_keeps_the_old_documents_whatever_room_there_was(wire: Mill) -> None:
    made = versions(wire)
    for kilobytes in range(60, 400, 340 // count(4, 40)):
        shutil.rmtree(wire.feeds)
        with mounted(wire.feeds, "-t", "tmpfs", "-o", f"size={kilobytes}k", "none"):
            for name, content in made.old.items():
                (wire.feeds / name).parent.mkdir(exist_ok=True)
                try:
                    (wire.feeds / name).write_bytes(content)
                except OSError:
                    (wire.feeds / name).unlink()
            before = documents(wire.feeds)
            done = build(wire, "--all-problems")
            if done.returncode:
                assert done.returncode == 5
                a_line(done.stderr, "No space left on device", "make room on the disk")
                assert documents(wire.feeds) == before
            else:
                assert documents(wire.feeds) == made.new
    wire.feeds.rmdir()
    made.assert_complete()


def test_a_disk_too_full_for_the_ledger_stops_the_build_and_replaces_nothing(wire: Mill) -> None:
    made = versions(wire)
    state = wire.directory / ".feedmill"
    shutil.rmtree(state)
    with mounted(state, "-t", "tmpfs", "-o", "size=4k", "none"):
        (state / "filler").write_bytes(b"x" * 4096)
        done = build(wire)
        assert done.returncode == 5
        a_line(done.stderr, "the ledger cannot be written", "every feed is as it was")
        assert documents(wire.feeds) == made.old
    state.rmdir()
    done = build(wire)
    assert done.returncode == 0
    a_line(done.stderr, "there is no ledger, so it is made again from what the feeds show")
    made.assert_complete()


def test_a_read_only_output_is_a_clear_line(wire: Mill) -> None:
    made = versions(wire)
    with mounted(wire.feeds, "--bind", "-o", "ro", str(wire.feeds)):
        done = build(wire)
        assert done.returncode == 5
        a_line(done.stderr, "Read-only file system", "mount it writable")
    made.assert_whole()
    made.assert_complete()


def test_a_read_only_site_is_a_clear_line(wire: Mill) -> None:
    made = versions(wire)
    with mounted(wire.directory, "--bind", "-o", "ro", str(wire.directory)):
        done = build(wire)
        assert done.returncode == 5
        a_line(done.stderr, "Read-only file system", "make the directory writable")
    made.assert_complete()


@pytest.mark.parametrize("locked", ["feeds", "feeds/authors", ".feedmill"])
def test_permission_denied_on_one_directory_is_a_clear_line_and_replaces_nothing(open_wire: Mill, locked: str) -> None:
    made = versions(open_wire)
    user = as_nobody(made)
    folder = open_wire.directory / locked
    if locked == ".feedmill":
        (folder / "lock").chmod(0o000)
    folder.chmod(0o555)
    done = build(open_wire, before=user)
    assert done.returncode == 5
    a_line(done.stderr, locked, "Permission denied", "feedmill")
    assert documents(open_wire.feeds) == made.old
    folder.chmod(0o755)
    if locked == ".feedmill":
        (folder / "lock").chmod(0o644)
    made.assert_complete()


def test_one_document_that_may_not_be_read_is_a_clear_line(open_wire: Mill) -> None:
    made = versions(open_wire)
    user = as_nobody(made)
    (open_wire.feeds / "china.atom").chmod(0o000)
    done = build(open_wire, before=user)
    assert done.returncode == 5
    a_line(done.stderr, "feeds/china.atom: Permission denied", "let the user who runs feedmill write there")
    (open_wire.feeds / "china.atom").chmod(0o644)
    made.assert_whole()
    made.assert_complete()


def test_content_that_may_not_be_listed_empties_no_feed(open_wire: Mill) -> None:
    made = versions(open_wire)
    user = as_nobody(made)
    (open_wire.directory / "content").chmod(0o000)
    done = build(open_wire, before=user)
    assert done.returncode == 5
    a_line(done.stderr, "content: cannot be read: Permission denied", "make it readable")
    assert documents(open_wire.feeds) == made.old
    (open_wire.directory / "content").chmod(0o755)
    made.assert_complete()


def test_out_of_file_handles_no_story_vanishes_from_any_feed(wire: Mill) -> None:
    """Whatever the number at which they run out, the feeds are as they were, or as they should be."""
    made = versions(wire)
    codes = set()
    for handles in range(4, 26, 1 if count(0, 1) else 3):
        restore(made)
        done = subprocess.run(
            ["/bin/sh", "-c", f'ulimit -n {handles}; exec "$@"', "sh", *command(wire, "--all-problems")],
            capture_output=True,
            text=True,
            check=False,
        )
        if "feedmill: " in done.stderr or done.returncode == 0:
            codes.add(done.returncode)
            assert done.returncode in (0, 5), done.stderr
            assert "Traceback" not in done.stderr
        made.assert_whole()
        assert documents(wire.feeds) in (made.old, made.new), handles
    assert 0 in codes
    made.assert_complete()


@pytest.mark.parametrize("error", ["EMFILE", "ENFILE", "EIO", "ESTALE", "ENOMEM"])
def test_a_machine_that_cannot_read_content_replaces_nothing(wire: Mill, tmp_path: Path, error: str) -> None:
    strace = require_program("strace")
    made = versions(wire)
    for place in (wire.directory / "content", _a_story(wire)):
        calls = ["-e", "trace=openat", "-P", str(place), "-e", f"inject=openat:error={error}"]
        done = build(wire, "--all-problems", before=[strace, "-f", "-qq", "-o", "/dev/null", *calls])
        assert done.returncode == 5, done.stderr
        a_line(done.stderr, "cannot be read", "the feeds are as they were")
        assert documents(wire.feeds) == made.old
    made.assert_complete()


def _a_story(wire: Mill) -> Path:
    return next((wire.directory / "content").glob("*.md"))


@pytest.mark.parametrize("name", ["all.atom", "authors/ada.json", "index.html"])
def test_a_directory_where_a_document_should_be_is_a_clear_line_and_replaces_nothing(wire: Mill, name: str) -> None:
    made = versions(wire)
    (wire.feeds / name).unlink()
    (wire.feeds / name / "inside").mkdir(parents=True)
    done = build(wire)
    assert done.returncode == 5
    a_line(done.stderr, f"feeds/{name}: Is a directory", "a directory is where this document belongs: move it away")
    shutil.rmtree(wire.feeds / name)
    assert documents(wire.feeds).items() <= made.old.items()
    made.assert_complete()


@pytest.mark.parametrize("name", ["feeds", "feeds/authors"])
def test_a_file_where_a_directory_should_be_is_a_clear_line(wire: Mill, name: str) -> None:
    made = versions(wire)
    shutil.rmtree(wire.directory / name)
    (wire.directory / name).write_text("in the way")
    done = build(wire)
    assert done.returncode == 5
    a_line(done.stderr, name, "a file is where a directory belongs: move it away")
    assert (wire.directory / name).read_text() == "in the way"
    (wire.directory / name).unlink()
    made.assert_complete()


def test_a_site_that_nobody_may_look_into_is_a_clear_line(open_wire: Mill) -> None:
    made = versions(open_wire)
    user = as_nobody(made)
    open_wire.directory.chmod(0o000)
    done = build(open_wire, before=user)
    assert done.returncode == 2
    a_line(done.stderr, "feedmill.yaml: cannot be read: Permission denied", "make it readable")
    open_wire.directory.chmod(0o755)
    made.assert_complete()
