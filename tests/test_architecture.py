"""The rules of the house, held over the source itself."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from feedmill.cli import VERBS

SOURCE = Path(__file__).resolve().parents[1] / "src"
PACKAGE = SOURCE / "feedmill"
MODULES = sorted(PACKAGE.rglob("*.py"))
OF_FEEDCHECK = sorted((SOURCE / "feedcheck").rglob("*.py"))
EVERYWHERE = [*MODULES, *OF_FEEDCHECK]

# Lower rooms never import higher ones; rooms on one floor never import each other.
FLOORS = [
    {"errors", "located", "program", "expressions", "scan", "problems"},
    {"characters", "look", "problem_catalogue"},
    {"model", "workers"},
    {"config"},
    {"feeds"},
    {"store"},
    {"reading", "normalising", "importing", "rendering", "validating", "publishing"},
    {"operations"},
    {"page_templates"},
    {"stories", "documents"},
    {"content", "ledger"},
    {"archives", "timing"},
    {"work"},
    {"withholding"},
    {"identifying"},
    {"selecting", "searching"},
    {"accepting"},
    {"reporting"},
    {"braking", "delivering"},
    {"build"},
    {"running"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
WORDS = {"model", "problems", "errors", "located", "config", "expressions", "characters"}
STAGES = {
    # What each may import besides the words that all share.
    "scan": set(),
    "reading": {"scan"},
    "normalising": set(),
    "feeds": set(),
    "rendering": set(),
    "validating": set(),
    "publishing": set(),
    "importing": set(),
}
KNOW_SQL = {"look.py", "running/open_site.py"}
"""Modules beside those of store/ and ledger/ that know SQL: they read one row each, before there is a store."""
COMMAND_LINES = {"feedmill/cli.py", "feedmill/__main__.py", "feedcheck/command.py"}
USE_FEEDCHECK = {"validating", "commands/validate_command.py", "running/inputs.py"}
"""Who uses the validator, which is a package of its own: the promises, its verb, and whoever fetches a document."""
SQL = re.compile(r"\b(?:SELECT\s.+\sFROM|INSERT\s|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s)", re.DOTALL)
ABOVE_ALL = {"__init__"}
OF_ANY_PACKAGE = {"__init__", "__main__"}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Return the modules that a module imports when it runs (not those for type checkers alone)."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for_types.update(inner for statement in node.body for inner in ast.walk(statement))
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def test_every_room_has_a_floor() -> None:
    known = set().union(*FLOORS, ABOVE_ALL)
    assert {room_of(path) for path in MODULES} == known


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_itself_and_lower_floors(path: Path) -> None:
    room = room_of(path)
    if room in ABOVE_ALL:
        return
    for name in imports_of(path):
        if name.startswith("feedmill.") and name != "feedmill.__version__":
            other = name.split(".")[1]
            assert other == room or floor_of(other) < floor_of(room), f"{path.name} imports {name}"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_the_model_its_own_modules_and_libraries(stage: str) -> None:
    for path in MODULES:
        if room_of(path) == stage:
            others = {name.split(".")[1] for name in imports_of(path) if name.startswith("feedmill.")}
            assert others <= WORDS | STAGES[stage] | {stage}, path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_two_databases_know_sql(path: Path) -> None:
    if room_of(path) in {"store", "ledger"} or path.relative_to(PACKAGE).as_posix() in KNOW_SQL:
        return
    assert "sqlite3" not in {name.split(".")[0] for name in imports_of(path)}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not SQL.match(node.value.strip()), f"{path.name}:{node.lineno}"


def test_verbs_go_the_one_way_and_know_no_other() -> None:
    steps = {"content", "documents", "archives", "timing", "workers", "rendering"}
    for path in MODULES:
        if room_of(path) in {"commands", "running"}:
            others = {name.split(".")[1] for name in imports_of(path) if name.startswith("feedmill.")}
            assert others.isdisjoint(steps), path


def test_the_validator_imports_nothing_of_feedmill() -> None:
    for path in OF_FEEDCHECK:
        assert "feedmill" not in {name.split(".")[0] for name in imports_of(path)}, path


def test_few_use_the_validator() -> None:
    for path in MODULES:
        if any(name.split(".")[0] == "feedcheck" for name in imports_of(path)):
            assert {room_of(path), path.relative_to(PACKAGE).as_posix()} & USE_FEEDCHECK, path


def test_verbs_stand_alone_in_their_room() -> None:
    modules = {path.stem for path in (PACKAGE / "commands").glob("*.py")} - OF_ANY_PACKAGE
    assert modules == {f"{verb}_command" for verb in VERBS}


def test_no_name_of_a_module_or_package_occurs_twice() -> None:
    names = [path.stem for path in EVERYWHERE if path.stem not in OF_ANY_PACKAGE]
    names += [path.parent.name for path in EVERYWHERE if path.name == "__init__.py"]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_no_name_of_a_class_occurs_twice() -> None:
    names = [
        node.name
        for path in EVERYWHERE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_feedgen_is_known_to_one_module_only() -> None:
    users = [path for path in MODULES if any(name.split(".")[0] == "feedgen" for name in imports_of(path))]
    assert [path.relative_to(PACKAGE).as_posix() for path in users] == ["rendering/atom_rss.py"]


@pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_command_lines_read_the_clock_print_and_exit(path: Path) -> None:
    if path.relative_to(SOURCE).as_posix() in COMMAND_LINES:
        return
    called = {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    }
    forbidden = {"print", "sys.exit", "exit", "datetime.now", "datetime.utcnow", "date.today", "time.time", "input"}
    assert not called & forbidden


@pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_says_what_it_does_and_does_only_that(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 400


@pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_module_compiles_regular_expressions_when_it_is_imported(path: Path) -> None:
    for statement in ast.parse(path.read_text("utf-8")).body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)):
            called = {ast.unparse(node.func) for node in ast.walk(statement) if isinstance(node, ast.Call)}
            assert "re.compile" not in called, f"{path.name}:{statement.lineno}: see `expression`"


def test_there_is_no_room_for_odds_and_ends() -> None:
    assert not [path for path in EVERYWHERE if path.stem in {"utils", "util", "helpers", "misc", "common"}]


@pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_module_keeps_changing_state(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not isinstance(node, ast.Global), f"{path.name}:{node.lineno}"
