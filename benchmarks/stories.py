"""Generated stories: seeded, so that every machine builds the same ones."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

WORDS = (
    "access agency agreement analyst annual archive capital chip city committee company compute council country data "
    "deal design economy energy engineer export factory figure firm foundry future group growth industry lab law "
    "leader licence machine market memory ministry model month network number order output paper partner plan plant "
    "policy power price project public question rate region report research result review rule science season sector "
    "share signal software source spending standard state study supply survey system talent team test tool trade "
    "training university value wafer week year Zürich naïve façade 北京 芯片"
).split()
TOPICS = 40
SHOWN = 50
EDITED = 7  # the feed of all stories and those of its topics show it
EMBARGOED = 0  # the newest story: every feed of its topics shows it once its embargo is over
NOW = "2024-07-01T00:00:00Z"
EMBARGO = "2024-07-01T06:00:00Z"
LATER = "2024-07-01T12:00:00Z"
NEWEST = datetime(2024, 6, 1, tzinfo=UTC)
STOCK = 4_000  # paragraphs that stories are put together from: drawing each word anew would take minutes for a million


@dataclass(frozen=True, slots=True)
class Told:
    """What a feed must show of a story: its number, how many words its body has, and its first and last words."""

    number: int
    words: int
    first: str
    last: str


class Newest:
    """The newest stories of each feed as the generator knows them: the yardstick for every peer's feeds."""

    def __init__(self) -> None:
        self._told: dict[str, list[Told]] = {name: [] for name in feed_names()}

    def add(self, told: Told, topics: list[str]) -> None:
        """Take in the next older story."""
        for name in ("all", *topics):
            if len(self._told[name]) <= SHOWN:  # one more than is shown, for when the embargoed one is left out
                self._told[name].append(told)

    def of(self, name: str, *, embargoed: bool) -> list[Told]:
        """Return what a feed must show, newest first, with the embargoed story still left out or not."""
        return [told for told in self._told[name] if not embargoed or told.number != EMBARGOED][:SHOWN]

    def with_new(self, told: Told, topics: list[str]) -> Newest:
        """Return the same with a story that is newer than all of these."""
        after = Newest()
        for name, stories in self._told.items():
            after._told[name] = [told, *stories] if name in ("all", *topics) else stories
        return after


def feed_names() -> list[str]:
    """Return the names of the 41 feeds."""
    return ["all", *(f"topic-{n}" for n in range(TOPICS))]


def write_site(
    directory: Path, count: int, *, words: tuple[int, int] = (400, 900), seed: int = 2024, archive: bool = True
) -> Newest:
    """Write a feedmill.yaml of 40 topics and `count` stories, each of a number of words between two.

    Returns what the feeds must show.
    """
    chance = random.Random(seed)
    (directory / "content").mkdir(parents=True)
    (directory / "feedmill.yaml").write_text(
        "site: {title: Bench, url: https://bench.example/, id_authority: 'bench.example,2020'}\n"
        "content: {on_missing: drop}\n"
        f"feeds: {{formats: [atom, rss, json], limit: {SHOWN}, archive: {str(archive).lower()}}}\n"
        "topics:\n" + "".join(f"  topic-{n}: {{title: Topic {n}}}\n" for n in range(TOPICS))
    )
    stock = [_paragraph(chance) for _ in range(STOCK)]
    newest = Newest()
    folder = Path()
    for number in range(count):
        date = NEWEST - timedelta(minutes=37 * number)
        text, told, topics = _story(chance, stock, number, date, chance.randint(*words))
        if (wanted := story_path(directory, number).parent) != folder:
            folder = wanted
            folder.mkdir(parents=True, exist_ok=True)
        with open(f"{folder}/story-{number}.md", "wb") as file:  # noqa: PTH123 - a Path for each of a million costs
            file.write(text.encode())
        newest.add(told, topics)
    return newest


def story_path(directory: Path, number: int) -> Path:
    """Return where a story of a site lies."""
    date = NEWEST - timedelta(minutes=37 * number)
    return directory / "content" / f"{date:%Y}" / f"{date:%m}" / f"story-{number}.md"


def new_story(count: int) -> tuple[str, Told, list[str]]:
    """Return a story newer than all of a site of `count`: its text, what feeds must show of it, and its topics."""
    chance = random.Random(count)
    return _story(chance, [_paragraph(chance) for _ in range(12)], count, NEWEST + timedelta(hours=1), 650)


def new_path(directory: Path, count: int) -> Path:
    """Return where that story lies."""
    return directory / "content" / f"{NEWEST:%Y}" / f"{NEWEST:%m}" / f"story-{count}.md"


def _paragraph(chance: random.Random) -> list[str]:
    length = chance.randint(40, 90)
    said = chance.choices(WORDS, k=length)
    said[0] = said[0].capitalize()
    said[length // 2] = f"[{said[length // 2]}](../other-{chance.randrange(97)}/)"
    said[length // 3] = f"*{said[length // 3]}*"
    return said


def _story(
    chance: random.Random, stock: list[list[str]], number: int, date: datetime, words: int
) -> tuple[str, Told, list[str]]:
    title = " ".join(chance.choices(WORDS, k=8)).capitalize()
    topics = [f"topic-{n}" for n in chance.sample(range(TOPICS), 2)]
    first, last = f"Story {number} begins", f"Story {number} ends here."
    paragraphs = []
    left = words - len(first.split()) - len(last.split())
    while left > 0:
        said = chance.choice(stock)[:left]
        left -= len(said)
        paragraphs.append(" ".join(said))
    body = ".\n\n".join(paragraphs)
    embargo = f"embargo: {EMBARGO}\n" if number == EMBARGOED else ""
    text = (
        f'---\ntitle: "{title} {number}"\ndate: {date.isoformat()}\nauthors: [Author {number % 50}]\n'
        f"topics: [{', '.join(topics)}]\ntags: [tag-{number % 200}]\nsummary: {' '.join(chance.choices(WORDS, k=20))}\n"
        f"image: /images/{number}.jpg\nimage_alt: Picture {number}\nlanguage: en\nrights: Free to share\n{embargo}---\n"
        f"\n{first} {body}.\n\n![A chart](chart-{number}.png)\n\n{last}\n"
    )
    return text, Told(number, words, first, last), topics
