"""Every document that Feedmill writes validates with no error and no warning, the extensions included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedcheck import validate
from tests.conftest import CONFIGURATION, NOW, Mill
from tests.parts import ROOT
from tests.rendering.test_atom_rss import RICH

KINDS = (".atom", ".rss", ".json", ".opml")


def findings(feeds: Path, now: datetime) -> list[str]:
    documents = [path for path in sorted(feeds.rglob("*")) if path.suffix in KINDS]
    assert documents
    return [
        str(problem) for path in documents for problem in validate(path.read_bytes(), name=path.name, now=now).findings
    ]


def test_the_demonstration_has_no_finding() -> None:
    assert findings(ROOT / "feeds", datetime(2026, 11, 23, tzinfo=UTC)) == []


def test_media_corrections_withdrawals_archives_and_moved_feeds_have_no_finding(wire: Mill) -> None:
    configured = CONFIGURATION + "feeds: {hub: https://hub.example/, limit: 3, authors: true, archive: true}\n"
    wire.configure(configured)
    wire.story("2024-05-30-rich.md", body="Words <b>x</b>, [more](b/) and ![a map](m.png).\n", **RICH)
    for month in range(1, 7):
        wire.story(f"2024-{month:02}-02-s.md", title=f"Story {month} & its <tags>", topics="[china, ai]")
    wire.build()
    wire.story("2024-06-02-s.md", title="Gone", topics="[china, ai]", withdrawn="{date: 2024-06-20, reason: Wrong.}")
    wire.story("2024-05-02-s.md", title="Story 5", topics="[china]", correction="{date: 2024-06-21, note: A name.}")
    wire.configure(configured.replace("  ai: {title", "  models: {moved_from: [ai], aliases: [ai], title"))
    wire.build(NOW + timedelta(hours=1))
    assert list((wire.feeds / "archive").rglob("*.atom"))
    assert findings(wire.feeds, NOW + timedelta(days=1)) == []
