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
    """A site that goes from an old to a new version, and what all its documents are in either."""

    wire: Mill
    old: dict[str, bytes]
    new: dict[str, bytes]

    def write(self, version: str) -> None:
        """Write the stories and the configuration of a version."""
        authors = "feeds: {authors: true}\n"
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
    """Make a site that stands at its old version with the stories of the new one written."""
    made = Versions(wire, {}, {})
    for version, found in (("new", made.new), ("old", made.old)):
        made.write(version)
        assert build(wire).returncode == 0
        found.update(documents(wire.feeds))
    assert made.old.keys() != made.new.keys()
    made.write("new")
    return made


def restore(made: Versions) -> None:
    """Bring the site back to where its old version is published."""
    for path in made.wire.feeds.rglob("*"):
        if path.is_file():
            path.unlink()
    for name, content in made.old.items():
        (made.wire.feeds / name).parent.mkdir(parents=True, exist_ok=True)
        (made.wire.feeds / name).write_bytes(content)


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
