"""What comes from outside is data: it moves no cursor, forges no line, and becomes no command, whatever prints it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feedmill.characters import visible, visible_in_json
from feedmill.cli import VERBS
from feedmill.operations.scheduling import with_crontab_lines
from tests.conftest import CONFIGURATION, NOW, Mill
from tests.test_linear_time import grows

Capture = pytest.CaptureFixture[str]
ACTING = "\x00\x07\x08\x0a\x0d\x1b\x7f\x85\x9b\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff"
FOREIGN = "x\x1b[2J\x9b31m\u202egnp.\u2028\x7f"
"""What stands in names, titles and values: it would clear a screen, turn text round, and begin a line."""


def acts(text: str) -> list[str]:
    return [character for character in text if character in ACTING and character != "\n"]


@pytest.mark.parametrize("character", ACTING)
def test_what_acts_on_a_terminal_is_spelt_out(character: str) -> None:
    assert visible(f"a{character}b").isprintable()
    assert json.loads(visible_in_json(json.dumps(f"a{character}b", ensure_ascii=False))) == f"a{character}b"
    assert not acts(visible_in_json(json.dumps(f"a{character}b", ensure_ascii=False)))


def test_text_of_every_script_is_left_as_it_is() -> None:
    for text in ("中国的消息", "עברית", "हिन्दी", "👩\u200d👩", "naïve — “x”"):
        assert visible(text) == text


@pytest.fixture
def hostile(wire: Mill) -> Mill:
    """A site in which every text that a verb may print has something in it that would act on a terminal."""
    wire.configure(CONFIGURATION)
    titled = json.dumps(f"Title {FOREIGN}")
    name = FOREIGN.replace("\x00", "")
    wire.write(f"2024-05-01-{name}.md", f"---\ntitle: {titled}\ntopics: [{titled}]\nodd{FOREIGN[0]}: 1\n---\nWords.\n")
    wire.write("2024-05-02-forged\n2024: error: forged.md", "---\ntitle: [\n---\n")
    wire.write(
        "2024-05-03-plain.md",
        f"---\ntitle: Plain\nimage: {titled}\nwhen: {titled}\n---\n<a href='x{FOREIGN}:y'>x</a>\n",
    )
    wire.write("2024-05-04-plain.md", f"---\ntitle: Plain\nlanguage: {titled}\ndate: {titled}\n---\nWords.\n")
    return wire


ARGUMENTS = {
    "validate": ["feeds/all.atom"],
    "explain": ["plain"],
    "withdraw": ["plain"],
    "completion": ["bash"],
    "install": ["systemd"],
    "import": ["page.txt", "--date", "2024-05-01", "--base-url", "https://e.example/", "--dry-run"],
    "ledger": ["export", "-"],
    "build": ["--all-problems"],
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("options", [[], ["--json"], ["--verbose"]], ids=["plain", "json", "verbose"])
def test_no_verb_prints_what_acts_on_a_terminal(
    hostile: Mill, capsys: Capture, verb: str, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile.run("build")
    (hostile.directory / "page.txt").write_text(f"Topic\n\nA {FOREIGN} story\nWords {FOREIGN} here.\n", "utf-8")
    monkeypatch.chdir(hostile.directory)
    capsys.readouterr()
    hostile.run(verb, *ARGUMENTS.get(verb, []), *options)
    printed = capsys.readouterr()
    for said in (printed.out, printed.err):
        assert not acts(said), ascii(said)
        assert not [line for line in said.split("\n") if line.startswith("2024: error: forged")]


@pytest.mark.parametrize("format_", ["text", "json"])
def test_no_log_line_acts_or_is_two(hostile: Mill, capsys: Capture, format_: str) -> None:
    hostile.run("build", "--log-format", format_, "--all-problems")
    said = capsys.readouterr().err
    assert said.count("problem") > 1
    assert not acts(said)
    for line in filter(None, said.split("\n")):
        assert line.startswith("{" if format_ == "json" else str(NOW.year)[:2]), line


def test_a_comment_of_somebodys_in_the_crontab_stays_one_line() -> None:
    comment = "# mine\u2028* * * * * rm -rf x\x0b\x85y"
    made = with_crontab_lines(f"{comment}\n0 * * * * true\n", ("# feedmill: /srv/wire", "* * * * * feedmill"))
    assert made.split("\n") == [comment, "0 * * * * true", "# feedmill: /srv/wire", "* * * * * feedmill", ""]
    assert with_crontab_lines(made, ("# feedmill: /srv/wire", "* * * * * feedmill")) == made
    assert with_crontab_lines("", ("# a", "b")) == "# a\nb\n"


@pytest.mark.parametrize("character", ["\n", "\x1b", "\x7f", "\x85", "\u2028", "\u202e"])
@pytest.mark.parametrize("scheduler", ["cron", "systemd"])
def test_no_scheduler_is_given_a_directory_that_could_end_a_line(
    tmp_path: Path, capsys: Capture, character: str, scheduler: str
) -> None:
    made = Mill(tmp_path / f"a{character}b")
    made.directory.mkdir()
    made.configure(CONFIGURATION)
    (made.directory / "content").mkdir()
    assert made.run("install", scheduler) == 2
    assert not capsys.readouterr().out


def test_spelling_out_takes_time_in_proportion() -> None:
    assert not grows(lambda length: lambda: visible("\x1b\u202e" * length))
