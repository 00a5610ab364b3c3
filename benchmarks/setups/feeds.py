"""The script that most people would write: RSS and Atom with python-frontmatter, Markdown and feedgen."""

import sys
from datetime import datetime
from pathlib import Path

import frontmatter
import markdown
from feedgen.feed import FeedGenerator

SITE = "https://bench.example/"


def read_stories(content: Path, now: datetime) -> list[frontmatter.Post]:
    """Return the stories whose embargo is over, newest first, with their bodies as HTML."""
    stories = []
    for path in content.rglob("*.md"):
        story = frontmatter.load(str(path))
        if "embargo" in story.metadata and story["embargo"] > now:
            continue
        story["link"] = f"{SITE}{path.stem}/"
        story["body"] = markdown.markdown(story.content, extensions=["extra"])
        stories.append(story)
    return sorted(stories, key=lambda story: story["date"], reverse=True)


def write_feed(out: Path, name: str, stories: list[frontmatter.Post]) -> None:
    """Write the newest 50 as RSS and as Atom."""
    feed = FeedGenerator()
    feed.id(f"{SITE}feeds/{name}")
    feed.title(name)
    feed.description(f"Stories about {name}")
    feed.link(href=SITE)
    for story in stories[:50]:
        entry = feed.add_entry(order="append")
        entry.id(story["link"])
        entry.title(story["title"])
        entry.link(href=story["link"])
        entry.published(story["date"])
        entry.updated(story["date"])
        for author in story["authors"]:
            entry.author(name=author)
        entry.summary(story["summary"])
        entry.content(story["body"], type="html")
    feed.rss_file(str(out / f"{name}.rss"))
    feed.atom_file(str(out / f"{name}.atom"))


def main() -> None:
    """Build every feed: `feeds.py CONTENT OUT NOW`."""
    content, out, now = Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
    out.mkdir(exist_ok=True)
    topics = {"all": read_stories(content, now)}
    for story in topics["all"]:
        for topic in story["topics"]:
            topics.setdefault(topic, []).append(story)
    for name, stories in topics.items():
        write_feed(out, name, stories)


if __name__ == "__main__":
    main()
