"""Generated stories: seeded, so that every machine builds the same ones."""

from __future__ import annotations

import random
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


def write_site(directory: Path, count: int, *, words: int = 900, seed: int = 2024) -> None:
    """Write a feedmill.yaml of 40 topics and `count` stories of about `words` words each."""
    chance = random.Random(seed)
    topics = "".join(f"  topic-{n}: {{title: Topic {n}}}\n" for n in range(TOPICS))
    (directory / "content").mkdir(parents=True)
    (directory / "feedmill.yaml").write_text(
        "site: {title: Bench, url: https://bench.example/, id_authority: 'bench.example,2020'}\ntopics:\n" + topics
    )
    newest = datetime(2024, 6, 1, tzinfo=UTC)
    for number in range(count):
        date = newest - timedelta(minutes=37 * number)
        folder = directory / "content" / f"{date:%Y}" / f"{date:%m}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"story-{number}.md").write_text(_story(chance, number, date, words), encoding="utf-8")


def _story(chance: random.Random, number: int, date: datetime, words: int) -> str:
    title = " ".join(chance.choices(WORDS, k=8))
    topics = ", ".join(f"topic-{n}" for n in chance.sample(range(TOPICS), 2))
    paragraphs = []
    while words > 0:
        length = min(words, chance.randint(40, 90))
        words -= length
        said = chance.choices(WORDS, k=length)
        said[length // 2] = f"[{said[length // 2]}](../other-{number % 97}/)"
        said[length // 3] = f"*{said[length // 3]}*"
        paragraphs.append(" ".join(said).capitalize() + ".")
    return (
        f'---\ntitle: "{title.capitalize()} {number}"\ndate: {date.isoformat()}\nauthors: [Author {number % 50}]\n'
        f"topics: [{topics}]\ntags: [tag-{number % 200}]\nsummary: {' '.join(chance.choices(WORDS, k=20))}\n"
        f"image: /images/{number}.jpg\nimage_alt: Picture {number}\nlanguage: en\nrights: Free to share\n---\n\n"
        + "\n\n".join(paragraphs)
        + f"\n\n![A chart](chart-{number}.png)\n"
    )
