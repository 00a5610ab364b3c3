"""Publishing replaces whole documents, and only those that changed."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feedmill.errors import PublishingError
from feedmill.model import Document
from feedmill.publishing import Change, stage, sweep, wait_for_disk
from feedmill.publishing import publish as rename_all
from feedmill.publishing.manifest_reading import read_manifest
from tests.conftest import CONFIGURATION, Mill

MOMENT = datetime(2024, 5, 1, tzinfo=UTC)


def document(path: str, content: str, modified: datetime = MOMENT) -> Document:
    return Document(path, f"https://e.example/{path}", "text/plain", content.encode(), modified)


def manifest(*paths: str) -> Document:
    rows = ", ".join(f'"{path}": {{}}' for path in paths)
    return document("manifest.json", f'{{"documents": {{{rows}}}}}')


def publish(documents: list[Document], manifest: Document, directory: Path) -> None:
    """Stage documents and publish them in the place of those that the manifest lists, as a build does."""
    try:
        gone = read_manifest(directory).documents - {each.path for each in (*documents, manifest)}
        staged = [stage(each, directory) for each in (*documents, manifest)]
        wait_for_disk(staged, directory)
        rename_all(staged[:-1], staged[-1], directory, gone=gone)
    except PublishingError:
        sweep(directory)
        raise


def let_looking_fail(patched: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Let the system answer with an error where it is asked about a file of such a name."""
    look = os.stat

    def looks(path: str | Path, *rest: Any, **options: Any) -> os.stat_result:
        if name in Path(path).name:
            raise OSError(number, os.strerror(number), str(path))
        return look(path, *rest, **options)

    patched.setattr(os, "stat", looks)


def state(directory: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in directory.rglob("*")}


def test_a_second_build_touches_nothing(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {authors: true}\n")
    wire.story(topics="[china]", authors="[Ada]")
    wire.build()
    before = state(wire.feeds)
    published = wire.build().published
    assert set(published.changes.values()) == {Change.UNTOUCHED}
    assert state(wire.feeds) == before


def test_only_the_documents_that_change_are_replaced(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", topics="[china]")
    wire.story("2024-05-01-b.md", title="B", topics="[ai]", summary="One")
    wire.build()
    before = state(wire.feeds)
    wire.story("2024-05-01-b.md", title="B", topics="[ai]", summary="Two")
    wire.build()
    changed = {Path(path).name for path, was in state(wire.feeds).items() if before.get(path) != was and was}
    feeds = {f"{name}.{ending}" for name in ("all", "ai") for ending in ("atom", "rss", "json")}
    assert changed - {"feeds"} == feeds | {"ai.html", "manifest.json"}


def test_a_files_time_is_its_newest_entrys_and_advances_when_bytes_change(tmp_path: Path) -> None:
    publish([document("a", "one")], manifest("a"), tmp_path)
    assert (tmp_path / "a").stat().st_mtime == MOMENT.timestamp()
    publish([document("a", "two")], manifest("a"), tmp_path)
    assert (tmp_path / "a").stat().st_mtime == MOMENT.timestamp() + 1
    publish([document("a", "three", MOMENT + timedelta(days=1))], manifest("a"), tmp_path)
    assert (tmp_path / "a").stat().st_mtime == MOMENT.timestamp() + 86_400


def test_a_document_that_nobody_makes_any_more_is_removed(wire: Mill) -> None:
    wire.story(topics="[china]")
    wire.build()
    (wire.feeds / "mine.txt").write_text("kept")
    wire.configure(CONFIGURATION.replace("  china:", "  asia:"))
    published = wire.build(force=True).published
    assert {path for path, change in published.changes.items() if change is Change.REMOVED} == {
        "china.atom", "china.rss", "china.json", "china.html",
    }  # fmt: skip
    assert not list(wire.feeds.glob("china.*"))
    assert (wire.feeds / "mine.txt").exists()


@pytest.mark.parametrize("trap", ["../outside", "/etc/hostname", "a/../../outside"])
def test_a_manifest_that_was_tampered_with_removes_nothing_outside(tmp_path: Path, trap: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("kept")
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    (feeds / "manifest.json").write_bytes(manifest(trap).content)
    publish([document("a", "one")], manifest("a"), feeds)
    assert outside.exists()


def test_a_disk_that_fails_altogether_is_told_of_as_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish([document("a.atom", "one")], manifest("a.atom"), tmp_path)

    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fails)
        let_looking_fail(patched, "feedmill-new", errno.EIO)
        with pytest.raises(PublishingError, match="Input/output error"):
            publish([document("a.atom", "two")], manifest("a.atom"), tmp_path)


@pytest.mark.parametrize("otherwise", ["./a.atom", ".//a.atom", "x/../a.atom"])
def test_a_manifest_that_names_a_document_otherwise_does_not_remove_it(tmp_path: Path, otherwise: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "manifest.json").write_bytes(manifest(otherwise).content)
    publish([document("a.atom", "one")], manifest("a.atom"), tmp_path)
    assert (tmp_path / "a.atom").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"documents": 3}',
        b'{"documents": [3]}',
        b"\xff",
        b"[" * 200_000,
        b'{"documents": {"a\\u0000": {}, "\\ud800": {}}}',
    ],
)
def test_a_damaged_manifest_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    publish([document("a", "one")], manifest("a"), tmp_path)
    assert (tmp_path / "manifest.json").read_bytes() == manifest("a").content


def test_all_that_is_staged_is_on_the_disk_before_anything_is_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: set[int] = set()
    fsync, replace = os.fsync, os.replace

    def forcing(handle: int) -> None:
        forced.add(os.fstat(handle).st_ino)
        fsync(handle)

    def renaming(source: Path, target: Path) -> None:
        assert source.stat().st_ino in forced, target
        replace(source, target)

    publish([document("a", "old"), document("b", "same")], manifest("a", "b"), tmp_path)
    monkeypatch.setattr(os, "fsync", forcing)
    monkeypatch.setattr(os, "replace", renaming)
    publish([document("a", "new"), document("b", "same"), document("authors/c", "new")], manifest("a", "b"), tmp_path)
    assert {(tmp_path / name).stat().st_ino for name in ("a", "authors/c")} <= forced
    assert (tmp_path / "b").stat().st_ino not in forced


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("call", ["replace", "fsync"])
@pytest.mark.parametrize("at", range(1, 12))
def test_killed_at_any_step_every_document_is_whole_and_the_next_run_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, at: int
) -> None:
    names = ["a", "b", "authors/c"]
    publish([document(name, "old") for name in names], manifest(*names), tmp_path)
    honest, calls = getattr(os, call), 0

    def dying(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == at:
            raise Killed
        return honest(*arguments)

    new = [document(name, "new words") for name in [*names, "d"]]
    with monkeypatch.context() as patched:
        patched.setattr(os, call, dying)
        try:
            publish(new, manifest(*names, "d"), tmp_path)
        except Killed:
            assert all((tmp_path / name).read_text() in ("old", "new words") for name in names)
    publish(new, manifest(*names, "d"), tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        *names, "d", "manifest.json",
    }  # fmt: skip
    assert all((tmp_path / name).read_text() == "new words" for name in names)


def test_what_a_killed_run_left_beside_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / ".a.feedmill-new").write_text("half")
    publish([document("a", "one")], manifest("a"), tmp_path)
    assert not list(tmp_path.glob(".*"))


def test_when_one_document_cannot_be_written_none_is_replaced(tmp_path: Path) -> None:
    publish([document("a", "old")], manifest("a"), tmp_path)
    (tmp_path / "b").mkdir()
    with pytest.raises(PublishingError, match="b: Is a directory"):
        publish([document("a", "new"), document("b", "new")], manifest("a", "b"), tmp_path)
    assert (tmp_path / "a").read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_new_documents_obey_the_umask_and_replaced_ones_keep_their_mode(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        publish([document("a", "one")], manifest("a"), tmp_path)
        assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
        (tmp_path / "a").chmod(0o604)
        publish([document("a", "two")], manifest("a"), tmp_path)
        assert (tmp_path / "a").stat().st_mode & 0o777 == 0o604
    finally:
        os.umask(before)


def test_what_cannot_be_looked_at_to_be_swept_hides_no_other_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = tmp_path / ".a.atom.feedmill-new"
    waiting.touch()
    with monkeypatch.context() as patched:
        let_looking_fail(patched, "authors", errno.EACCES)
        sweep(tmp_path)
    assert not waiting.exists()
