"""Every command of the README runs and prints what the README says; docs lead nowhere wrong."""

from __future__ import annotations

import ast
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from feedmill.config.loading import parse_site
from tests.parts import ROOT

DOCS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
DATE = re.compile(r"\d{4}[-/]\d\d[-/]\d\d|(?<=example\.org,)\d{4}")


def sessions() -> list[list[tuple[str, list[str]]]]:
    """Return the README's console blocks, each as commands with the lines that they print."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL):
        commands: list[tuple[str, list[str]]] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append((line[2:], []))
            else:
                commands[-1][1].append(line)
        found.append(commands)
    return found


def at_a_terminal(command: list[str], directory: Path) -> tuple[int, list[str]]:
    """Run a command whose output is a terminal, as a reader of the README would."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            said += piece
        os.close(ours)
        # On a slow machine there is a progress bar, too, which a reader sees come and go.
        lines = said.decode().splitlines()
        return process.wait(timeout=60), [line for line in lines if "\x1b" not in line]


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    makes, _ = sessions()
    assert [command for command, _ in makes] == ["make feeds", "make test"]
    for command, _ in makes:
        done = subprocess.run(
            [*shlex.split(command), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert {"make feeds": "feedmill build", "make test": "pytest"}[command] in done.stdout


def test_the_example_of_the_readme_is_true(tmp_path: Path) -> None:
    _, example = sessions()
    assert len(example) >= 5
    for command, expected in example:
        program, *arguments = shlex.split(command)
        assert program == "feedmill"
        code, said = at_a_terminal([sys.executable, "-m", "feedmill", *arguments], tmp_path)
        assert code == 0
        assert [DATE.sub("DATE", line) for line in said] == [DATE.sub("DATE", line) for line in expected], command


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    prose = re.sub(r"^```.*?^```|^ {4}.*?$|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose):
        assert link.startswith("https://") or (path.parent / link).exists(), link


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "how-to").glob("use-*.md")), ids=lambda path: path.stem)
def test_the_configuration_in_every_guide_is_valid(path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 1
    assert parse_site(blocks[0]).url == "https://harbour.example/"


def test_the_repository_names_no_registry_and_no_machine() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    hosts = re.compile(r"//[^ /\"]*(?:" + "|".join(("py" + "pi", "python" + "hosted", "npm" + "js")) + r")[^ /\"]*")
    for name in files:
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            text = path.read_bytes().decode("utf-8", "replace")
            assert not hosts.search(text), name


def test_every_test_that_the_security_page_names_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    table = text.partition("| line | test |")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for path, name in named:
            tree = ast.parse((ROOT / path).read_text("utf-8"))
            assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{path}::{name}"


def test_the_guide_for_operators_tells_what_to_do_for_every_exit_code() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE)
    told = {int(code) for row in rows for code in row.split(",")}
    errors = ast.parse((ROOT / "src" / "feedmill" / "errors.py").read_text("utf-8"))
    set_there = {
        node.value.value
        for node in ast.walk(errors)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, int)
        and not isinstance(node.value.value, bool)
    }  # fmt: skip
    assert {2, 3, 4, 5} <= set_there
    assert told >= {0, 1, 130, 143} | set_there


def test_every_verb_and_option_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference" / "command-line.md").read_text("utf-8")
    helps = subprocess.run(
        [sys.executable, "-m", "feedmill", "--help"], capture_output=True, text=True, check=True
    ).stdout
    verbs = re.findall(r"^    (\w+) ", helps, re.MULTILINE)
    assert len(verbs) > 6
    for verb in verbs:
        assert f"`{verb}" in reference, verb
        said = subprocess.run(
            [sys.executable, "-m", "feedmill", verb, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for option in re.findall(r"^  (--[\w-]+)", said, re.MULTILINE):
            assert f"`{option}" in reference, f"{verb} {option}"
