"""The cache does not grow without bound, whatever comes and goes."""

from __future__ import annotations

from tests.conftest import CONFIGURATION, Mill
from tests.parts import count

STORIES = 60


def test_builds_with_edits_renames_and_deletions_leave_the_cache_no_larger_than_twice_its_size(
    wire: Mill,
) -> None:
    wire.configure(
        CONFIGURATION
        + "content: {on_missing: drop}\nfeeds: {limit: 30}\n"
        + "brake: {lost: 100, shown_again: 999, emptied: 99, changed_ids: 999}\n"
    )
    cache = wire.directory / ".feedmill" / "cache.sqlite3"

    def write(number: int, turn: int) -> None:
        body = f"Words of story {number} at turn {turn}, and more of them. " * 20
        wire.story(f"2024-05-01-s{number:03}.md", body, title=f"Story {number}", topics="[china]", summary=f"'{turn}'")

    for number in range(STORIES):
        write(number, 0)
    wire.build()
    cold = cache.stat().st_size
    sizes = []
    for turn in range(1, count(15, 30) + 1):
        for number in range(turn, turn + 10):
            write(turn + number % STORIES, turn)  # some edited, some deleted before and written anew
        content = wire.directory / "content"
        there = sorted(content.glob("*.md"))
        there[turn % len(there)].rename(content / f"2024-05-01-renamed-{turn}.md")
        for path in there[turn % 7 :: 20]:
            path.unlink(missing_ok=True)
        for number in range(STORIES - len(list(content.glob("*.md")))):
            write(1_000 * turn + number, turn)
        wire.build()
        sizes.append(cache.stat().st_size)
    assert max(sizes) <= 2 * cold, (cold, sizes)
