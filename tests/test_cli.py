"""The command line: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from feedmill.cli import main
from tests.conftest import Mill


def test_a_build_that_goes_well_says_nothing_to_cron(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story(sumary="a warning is for check")
    assert wire.run("build") == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_a_verbose_build_says_one_line_per_feed(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story(topics="[china]")
    assert wire.run("build", "--verbose") == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["all", "1", "story", "newest", "2024-05-01", "3", "documents", "changed"],
        ["china", "1", "story", "newest", "2024-05-01", "4", "documents", "changed"],
        ["ai", "0", "stories", "empty", "4", "documents", "changed"],
        ["1", "story,", "3", "feeds:", "14", "documents", "written,", "0", "untouched"],
    ]


def test_a_terminal_sees_feeds_and_warnings(wire: Mill) -> None:
    wire.story(sumary="x")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "feedmill", "-C", str(wire.directory), "build"]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL) as process:
        assert process.wait(timeout=60) == 0
    import os

    said = os.read(ours, 65_536).decode()
    os.close(ours)
    os.close(theirs)
    assert "did you mean 'summary'?" in said
    assert "14 documents written" in said


def test_json_is_one_document_on_standard_output(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story("2024-05-01-a.md", topics="[china]")
    wire.story("2024-05-02-b.md", title="")
    assert wire.run("build", "--json") == 1
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told["exit"] == 1
    assert told["stories"] == {"found": 2, "published": 1, "hidden": {}, "left_out": 1}
    assert [(feed["name"], feed["entries"]) for feed in told["feeds"]] == [("all", 1), ("china", 1), ("ai", 0)]
    assert told["problems"] == [
        {
            "level": "error",
            "code": "title",
            "path": "content/2024-05-02-b.md",
            "line": None,
            "column": None,
            "message": "the story has no title",
            "remedy": "add `title:` to its front matter or to a sidecar beside it; or let notes be published without "
            "one: content.untitled: publish",
        }
    ]
    assert "content/2024-05-02-b.md: error: title" in said.err


def test_errors_are_json_too(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.configure("site: {titel: x}\n")
    assert wire.run("check", "--json") == 2
    told = json.loads(capsys.readouterr().out)
    assert told["exit"] == 2
    assert "config-unknown-key" in {problem["code"] for problem in told["problems"]}


def test_check_ends_with_a_summary_worst_first_and_writes_nothing(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.story("2024-05-01-a.md", sumary="x", tittle="y")
    wire.story("2024-05-02-b.md", title="")
    wire.story("2024-05-03-c.md", title="", date="never")
    assert wire.run("check") == 1
    assert capsys.readouterr().out.split("\n\n")[1].splitlines() == [
        "      2  error    title                first at content/2024-05-02-b.md",
        "      1  error    date                 first at content/2024-05-03-c.md:2:7",
        "      2  warning  unknown-key          first at content/2024-05-01-a.md:3:1",
        "3 stories, 2 left out, 5 problems",
    ]
    assert not wire.feeds.exists()
    assert not (wire.directory / ".feedmill").exists()


@pytest.mark.parametrize(
    "name",
    ["a", "content/2024-05-01-a.md", "2024-05-01-a.md", "tag:wire.example,2024:2024-05-01:a",
     "https://wire.example/2024/05/01/a/"],
)  # fmt: skip
def test_explain_takes_any_name_of_a_story(wire: Mill, capsys: pytest.CaptureFixture[str], name: str) -> None:
    wire.story("2024-05-01-a.md", topics="[prc]", sumary="x")
    assert wire.run("explain", name) == 0
    said = capsys.readouterr().out
    assert "day and slug under site.id_authority" in said
    assert "the file's name or folders; no time, so midnight in America/New_York" in said
    assert "china (the story's 'prc' means it)" in said
    assert [line.split()[:2] for line in said.splitlines() if line.startswith("  ")] == [
        ["all", "in,"], ["china", "in,"], ["ai", "not"],
    ]  # fmt: skip
    assert "unknown-key" in said


def test_explain_says_why_a_story_is_left_out_hidden_or_unknown(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story("2024-05-01-a.md", title="")
    wire.story("2024-05-02-b.md", draft="true")
    wire.story("2024-05-01-twin.md")
    wire.story("2024-05-02-twin.md")
    assert wire.run("explain", "content/2024-05-01-a.md") == 1
    assert "the story has no title" in capsys.readouterr().out
    assert wire.run("explain", "b") == 0
    assert "a draft" in capsys.readouterr().out
    assert wire.run("explain", "twni") == 2
    assert "no story is called 'twni'; did you mean twin?" in capsys.readouterr().err
    assert wire.run("explain", "twin") == 2
    assert "means several stories" in capsys.readouterr().err


def test_init_and_build_in_an_empty_directory_give_valid_feeds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["-C", str(tmp_path)]
    assert main([*where, "init"]) == 0
    assert main([*where, "build"]) == 0
    assert main([*where, "check"]) == 0
    assert "1 story, no problems" in capsys.readouterr().out
    documents = [f"feeds/{path.name}" for path in (tmp_path / "feeds").iterdir() if path.suffix != ".html"]
    assert main([*where, "validate", *(name for name in documents if "manifest" not in name)]) == 0
    assert "13 documents, 0 findings" in capsys.readouterr().out


def test_init_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "feedmill.yaml").write_text("mine")
    assert main(["-C", str(tmp_path), "init"]) == 2
    assert (tmp_path / "feedmill.yaml").read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


def test_validate_names_findings_and_counts_them_by_code(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    (wire.directory / "a.rss").write_text('<rss version="2.0"><channel><title>T</title></channel></rss>')
    (wire.directory / "b.html").write_text("<html/>")
    assert wire.run("validate", "a.rss", "b.html") == 1
    said = capsys.readouterr().out
    assert "b.html:1:1: error: HtmlPage: " in said
    assert "a.rss:1:20: error: MissingLink: " in said
    assert "2 documents" in said
    assert wire.run("validate", "nowhere.atom") == 1
    assert "nowhere.atom: error: UnreadableDocument: cannot be read: No such file" in capsys.readouterr().out


def test_validate_reads_standard_input(wire: Mill) -> None:
    wire.story()
    wire.build()
    command = [sys.executable, "-m", "feedmill", "validate", "-", "--json"]
    done = subprocess.run(command, input=(wire.feeds / "all.rss").read_bytes(), capture_output=True, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["documents"] == [{"document": "standard input", "valid": True, "findings": []}]


@pytest.mark.parametrize("now", ["yesterday", "2024-06-01", "2024-06-01T00:00:00"])
def test_now_must_be_one_instant(wire: Mill, capsys: pytest.CaptureFixture[str], now: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["-C", str(wire.directory), "build", "--now", now])
    assert caught.value.code == 2
    assert "write 2024-06-01T00:00:00Z" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["init", "build", "check", "explain", "validate", "import", "status", "install"])
def test_the_help_of_every_verb_teaches_by_example(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    said = capsys.readouterr().out
    assert "examples:" in said
    assert f"feedmill {verb}" in said


def test_a_fault_in_feedmill_itself_is_a_line_and_no_traceback(
    wire: Mill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("surprise")

    monkeypatch.delenv("FEEDMILL_DEBUG", raising=False)
    monkeypatch.setattr("feedmill.build.build", broken)
    assert wire.run("build") == 5
    said = capsys.readouterr().err
    assert said.startswith("feedmill: a fault in Feedmill itself: RuntimeError: surprise")
    assert "Traceback" not in said


def test_output_cut_off_by_a_pager_is_no_fault(wire: Mill) -> None:
    for number in range(300):
        wire.story(f"2024-05-01-s{number}.md", **{f"key{n}": "x" for n in range(20)})
    command = f"{sys.executable} -m feedmill -C {wire.directory} check | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_of_any_encoding_is_written_to(wire: Mill, encoding: str) -> None:
    wire.story("2024-05-01-a.md", title="", summary="北京")
    wire.story("2024-05-01-北京.md", date="never")
    command = [sys.executable, "-m", "feedmill", "-C", str(wire.directory), "check"]
    done = subprocess.run(command, env={"PYTHONIOENCODING": encoding}, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"\\u5317\\u4eac" in done.stdout
