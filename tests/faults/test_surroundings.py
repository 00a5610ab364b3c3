"""Clocks that jump, any locale and umask, and names of any length and script."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedmill.cli import main
from tests.conftest import CONFIGURATION, NOW, Mill
from tests.faults.tools import agree, command, documents
from tests.parts import count

LOCALES = ("C", "POSIX", "C.UTF-8", "en_US.UTF-8", "tr_TR.UTF-8", "de_DE.ISO-8859-1", "zh_CN.GB18030", "no_SUCH", "")
UMASKS = (0o000, 0o022, 0o027, 0o077, 0o777)


def built(wire: Mill, **environment: str) -> dict[str, bytes]:
    done = subprocess.run(
        command(wire, "--log-format", "text", "--all-problems"),
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    return documents(wire.feeds)


def test_every_locale_and_terminal_gives_the_same_bytes(wire: Mill) -> None:
    wire.story(
        "2024-05-01-芯片出口.md", title="芯片 İstanbul ß", topics="[china]", authors="[Zoë, 王小明]", summary="ı I i İ"
    )
    found = built(wire)
    for locale in LOCALES[:: 1 if count(0, 1) else 3]:
        for encoding in ("", "ascii", "utf-16"):
            settings = {"LC_ALL": locale, "LANG": locale, "LANGUAGE": locale, "TZ": "Asia/Kathmandu"}
            assert built(wire, PYTHONIOENCODING=encoding, PYTHONUTF8="0", **settings) == found


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_a_build_works_under_any_umask(wire: Mill, umask: int) -> None:
    wire.story("2024-05-01-story.md", authors="[Ada]")
    line = f'umask {umask:03o}; "$@"'
    for _ in range(2):
        done = subprocess.run(["/bin/sh", "-c", line, "sh", *command(wire)], capture_output=True, check=False)
        if umask == 0o777 and os.geteuid() != 0:
            assert done.returncode == 5, "nobody may write into a directory without permissions"
            return
        assert (done.returncode, done.stderr) == (0, b"")
        assert {path.stat().st_mode & 0o777 for path in wire.feeds.glob("*.*")} == {0o666 & ~umask}
    agree(wire.feeds)


def test_a_clock_that_jumps_shows_nothing_early_twice_or_never(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "brake: {shown_again: 99, emptied: 99, lost: 100}\n")
    wire.story("2024-05-01-old.md", topics="[china]")
    wire.story("2024-08-01-later.md", topics="[china]", embargo="2024-08-01T00:00:00Z")
    wire.story("2024-05-02-gone.md", topics="[china]", expires="2024-06-01T00:00:00Z")
    clean: dict[datetime, dict[str, bytes]] = {}
    moments = [
        NOW,
        datetime(1971, 1, 1, tzinfo=UTC),
        datetime(2038, 1, 20, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
    ]
    moments += [NOW + timedelta(days=days) for days in (-60, 40, -60, 40)]
    newest = 0.0
    for moment in moments * count(1, 10):
        arguments = ["-C", str(wire.directory), "build", "--now", moment.isoformat()]
        assert main(arguments) in (0, 3), moment
        found = documents(wire.feeds)
        # The number of the build is of another kind.
        found["manifest.json"] = re.sub(rb'"serial": \d+', b"", found["manifest.json"])
        assert clean.setdefault(moment, found) == found, "what is shown depends on the moment alone"
        assert (b"later" in found["china.atom"]) is (moment >= datetime(2024, 8, 1, tzinfo=UTC))
        stamp = (wire.feeds / "manifest.json").stat().st_mtime
        assert stamp >= newest, "caches see every change as a later one"
        newest = stamp
        agree(wire.feeds)
    assert main(["-C", str(wire.directory), "status", "--now", NOW.isoformat()]) == 0


LONGEST = 255
"""Bytes of a file name on most file systems."""
NAMES = [
    "a" * (LONGEST - len(".md")),
    "三" * ((LONGEST - len(".md")) // 3),
    "é" * 100 + "e\u0301" * 10,
    "🚀 two  spaces, a 'quote' & \"two\" <b>",
    "-rf",
    "~",
    "#hash?query=1&x=%2e%2e%2f",
    "new\nline",
    "\x1b[2Jescape",
    "right\u202eto left",
    "CON.",
    "..hidden..",
    "$(touch x)`id`",
    "100%",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_story_of_any_name_is_published_or_reported(
    wire: Mill, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    wire.story("2024-05-02-good.md", topics="[china]")
    wire.story(f"{name}.md", title="Told under a strange name", date="2024-05-01", topics="[china]")
    code = wire.run("build", "--all-problems")
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "\x1b" not in said
    shown = "Told under a strange name" in (wire.feeds / "china.atom").read_text("utf-8")
    assert code in (0, 1)
    assert shown or code == 1 or name.startswith("."), "never left out without a word"
    assert "2024-05-02-good" not in said
    agree(wire.feeds)


def test_three_hundred_characters_of_folders_and_name_are_a_story_like_any_other(wire: Mill) -> None:
    path = "/".join(["folder" * 10] * 4 + ["三" * 60 + ".md"])
    assert len(path) > 300
    wire.story(path, title="Far down", date="2024-05-01")
    assert wire.run("build") == 0
    assert "Far down" in (wire.feeds / "all.atom").read_text("utf-8")


def test_a_site_in_a_directory_of_any_name_builds(wire: Mill, tmp_path: Path) -> None:
    wire.story(topics="[china]")
    want = built(wire)
    for name in ("三 🚀", "a" * 250, "new\nline", "-C", "%n$HOME"):
        place = tmp_path / name
        place.mkdir()
        for item in ("feedmill.yaml", "content"):
            (wire.directory / item).rename(place / item)
        moved = Mill(place)
        assert built(moved) == want
        for item in ("feedmill.yaml", "content"):
            (place / item).rename(wire.directory / item)
