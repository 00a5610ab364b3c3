"""What the tests of faults share: a site whose two versions are known to the byte, and builds as processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.conftest import CONFIGURATION, NOW, Mill

BUILD = [sys.executable, "-B", "-m", "feedmill"]


@dataclass(frozen=True)
class Versions:
    """A site that goes from an old to a new version, and what all its documents are in either.

    `ledgers` and `manifests` are those files of either version whole, with the number of their build.
    """

    wire: Mill
    old: dict[str, bytes]
    new: dict[str, bytes]
    ledgers: dict[str, bytes]
    manifests: dict[str, bytes]

    def write(self, version: str) -> None:
        """Write the stories and the configuration of a version."""
        authors = "feeds: {authors: true}\nbrake: {changed_ids: 99, shown_again: 99, emptied: 99, lost: 100}\n"
        topic = "  chips: {title: Chips}\n" if version == "new" else "  money: {title: Money}\n"
        self.wire.configure(CONFIGURATION + topic + authors)
        for number in range(6):
            title = f"'{version} story {number}'"
            topics = "[china, chips]" if number % 2 else "[ai, money]"
            self.wire.story(f"2024-05-0{number + 1}-s.md", title=title, topics=topics, authors="[Ada]")

    def assert_whole(self) -> None:
        """Every document is wholly old or wholly new; one that only one version has may also be absent."""
        for path in {*self.old, *self.new} - {"manifest.json"}:
            found = self.wire.feeds / path
            if found.exists():
                assert found.read_bytes() in (self.old.get(path), self.new.get(path)), path
            else:
                assert path not in self.old or path not in self.new, path
        if (self.wire.feeds / "manifest.json").exists():
            manifest = (self.wire.feeds / "manifest.json").read_bytes()
            assert manifest in (self.old["manifest.json"], self.new["manifest.json"])

    def assert_complete(self) -> None:
        """The next run needs no help: all is new, the manifest agrees, and nothing lies about."""
        done = build(self.wire)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert documents(self.wire.feeds) == self.new
        agree(self.wire.feeds)
        left = [path.name for path in (self.wire.directory / ".feedmill").iterdir()]
        assert not [name for name in left if name.endswith((".new", "-journal", "-wal"))]


def versions(wire: Mill) -> Versions:
    """Make a site that stands at its old version, ledger and all, with the stories of the new one written."""
    made = Versions(wire, {}, {}, {}, {})
    for version, found in (("old", made.old), ("new", made.new)):
        made.write(version)
        done = build(wire)
        assert done.returncode == 0, done.stderr
        found.update(documents(wire.feeds))
        made.ledgers[version] = ledger_of(wire).read_bytes()
        made.manifests[version] = (wire.feeds / "manifest.json").read_bytes()
    assert made.old.keys() != made.new.keys()
    restore(made)
    return made


def ledger_of(wire: Mill) -> Path:
    """Return where a site's ledger lies."""
    return wire.directory / ".feedmill" / "ledger.sqlite3"


def restore(made: Versions) -> None:
    """Bring the site back to where its old version is published, and the ledger knows of nothing else.

    There is no cache, which would make the calls of a build depend on the time since the stories were written.
    """
    for path in made.wire.feeds.rglob("*"):
        if path.is_file():
            path.unlink()
    for name, content in made.old.items():
        (made.wire.feeds / name).parent.mkdir(parents=True, exist_ok=True)
        (made.wire.feeds / name).write_bytes(made.manifests["old"] if name == "manifest.json" else content)
    ledger = ledger_of(made.wire)
    for path in (*ledger.parent.glob("ledger.sqlite3*"), *ledger.parent.glob("cache.sqlite3*")):
        path.unlink()
    ledger.write_bytes(made.ledgers["old"])


def documents(feeds: Path) -> dict[str, bytes]:
    """Return every file below the feeds directory, whatever it is called."""
    return {str(path.relative_to(feeds)): path.read_bytes() for path in feeds.rglob("*") if path.is_file()}


def agree(feeds: Path) -> None:
    """Assert that the manifest tells of every document what it is."""
    listed = json.loads((feeds / "manifest.json").read_bytes())["documents"]
    found = documents(feeds)
    assert listed.keys() == found.keys() - {"manifest.json"}
    for path, row in listed.items():
        assert row["sha256"] == sha256(found[path]).hexdigest(), path


def command(wire: Mill, *options: str) -> list[str]:
    return [*BUILD, "-C", str(wire.directory), "build", "--now", NOW.isoformat(), *options]


def build(wire: Mill, *options: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run a build as a process, within another program if one is given."""
    return subprocess.run(
        [*before, *command(wire, *options)], capture_output=True, text=True, errors="replace", timeout=120, check=False
    )
