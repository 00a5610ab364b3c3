"""The rules of the house, held over the source itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "feedmill"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))

# Lower rooms never import higher ones; rooms on one floor never import each other.
FLOORS = [
    {"errors", "located", "policies", "keys", "content_settings", "program", "expressions", "scan", "problems"},
    {"plain_yaml", "yaml_values", "characters", "fetching", "logs", "look"},
    {"model", "manifest_reading", "workers"},
    {"site_keys", "record", "feeds"},
    {"site_policies", "store", "runs"},
    {
        "site",
        "reading",
        "normalising",
        "writing",
        "validating",
        "publishing",
        "progress",
        "metrics",
        "pinging",
        "scheduling",
    },
    {"stories", "documents"},
    {"content", "ledger"},
    {"archives", "timing"},
    {"work"},
    {"identifying"},
    {"rendering", "searching"},
    {"reporting"},
    {"braking", "delivering"},
    {"build"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
WORDS = {"model", "problems", "errors", "located", "policies", "keys", "content_settings", "expressions", "characters"}
STAGES = {
    # What each may import besides the words that all share: a scanned folder, YAML, the record of runs.
    "scan": set(),
    "reading": {"scan", "plain_yaml", "yaml_values"},
    "normalising": set(),
    "feeds": set(),
    "writing": {"record"},
    "validating": set(),
    "publishing": set(),
}
KNOW_SQL = {"look.py", "commands/reading.py"}
"""Modules beside those of store/ and ledger/ that know SQL: they read one row each, before there is a store."""
SQL = re.compile(r"\b(?:SELECT\s.+\sFROM|INSERT\s|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s)", re.DOTALL)
ABOVE_ALL = {"__init__"}


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
    steps = {"content", "documents", "archives", "timing", "workers", "writing"}
    for path in MODULES:
        if room_of(path) == "commands":
            others = {name.split(".")[1] for name in imports_of(path) if name.startswith("feedmill.")}
            assert others.isdisjoint(steps), path


def test_feedgen_is_known_to_one_module_only() -> None:
    users = [path for path in MODULES if any(name.split(".")[0] == "feedgen" for name in imports_of(path))]
    assert [path.relative_to(PACKAGE).as_posix() for path in users] == ["writing/atom_rss.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_cli_reads_the_clock_prints_and_exits(path: Path) -> None:
    if room_of(path) in {"cli", "__main__"}:
        return
    called = {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    }
    forbidden = {"print", "sys.exit", "exit", "datetime.now", "datetime.utcnow", "date.today", "time.time", "input"}
    assert not called & forbidden


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_what_it_does_and_does_only_that(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_compiles_regular_expressions_when_it_is_imported(path: Path) -> None:
    for statement in ast.parse(path.read_text("utf-8")).body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)):
            called = {ast.unparse(node.func) for node in ast.walk(statement) if isinstance(node, ast.Call)}
            assert "re.compile" not in called, f"{path.name}:{statement.lineno}: see feedmill.expressions"


def test_there_is_no_room_for_odds_and_ends() -> None:
    assert not [path for path in MODULES if path.stem in {"utils", "util", "helpers", "misc", "common"}]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_keeps_changing_state(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not isinstance(node, ast.Global), f"{path.name}:{node.lineno}"
