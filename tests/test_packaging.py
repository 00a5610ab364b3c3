"""What comes with the commands: completion, a man page, a licence, and files for those who work on Feedmill."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from feedmill.cli import VERBS
from tests.conftest import Mill
from tests.parts import ROOT


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_verb(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Mill(tmp_path).run("completion", shell) == 0
    script = capsys.readouterr().out
    assert [verb for verb in VERBS if not re.search(rf"\b{verb}\b", script)] == []
    assert "--log-format" in script or "log-format" in script


def test_bash_completes_a_verb_and_an_option(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [sys.executable, "-m", "feedmill", "completion", "bash"], capture_output=True, text=True, check=True
    )
    (tmp_path / "feedmill.bash").write_text(done.stdout)
    for words, expected in (("feedmill exp", "explain"), ("feedmill build --met", "--metrics")):
        asked = f"""
            source {tmp_path}/feedmill.bash
            COMP_WORDS=({words}); COMP_CWORD={len(words.split()) - 1}; COMP_LINE="{words}"; COMP_POINT={len(words)}
            function_name=$(complete -p feedmill | sed 's/.*-F \\([^ ]*\\).*/\\1/')
            $function_name feedmill "{words.split()[-1]}" "{words.split()[-2]}"
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        said = subprocess.run([bash, "-c", asked], capture_output=True, text=True, check=False)
        assert expected in said.stdout.split(), said.stderr


def test_the_man_page_is_made_from_the_parser(tmp_path: Path) -> None:
    # `make test` runs this, and what it tells a make within it is not for this one.
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    lines = subprocess.run(
        ["make", "--always-make", "--dry-run", "man"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=outside,
    ).stdout
    recipe = lines[lines.index("COLUMNS=") :].replace("\\\n", " ").strip()
    command = recipe.replace("docs/feedmill.1", str(tmp_path / "page")).replace(
        ".venv/bin/", f"{Path(sys.executable).parent}/"
    )
    subprocess.run(["sh", "-c", command], cwd=ROOT, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    # Pythons break lines differently.
    assert (tmp_path / "page").read_text().split() == (ROOT / "docs" / "feedmill.1").read_text().split(), "make man"


def test_the_project_says_who_may_do_what() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


def test_the_files_for_a_public_host_can_be_read() -> None:
    files = sorted((ROOT / ".github").rglob("*.yml"))
    assert len(files) >= 3
    for path in files:
        assert isinstance(yaml.safe_load(path.read_text()), dict), path
    steps = [
        step.get("run", "")
        for step in yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())["jobs"]["test"]["steps"]
    ]
    assert {"make feeds", ".ci/run"} <= set(steps)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_every_path_in_the_guide_for_contributors_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    paths = re.findall(r"`((?:src|tests|docs|benchmarks|\.ci|\.github)/[\w./-]+)`", text)
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []
