"""Runs the command as cron does, and writes down what the run opened, listed, wrote, judged and imported.

Every event is a line that is written at once: processes of a pool are ended without a word.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

_LONG_AGO = -(10**18)
_log = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)


def tell(what: str, name: str) -> None:
    os.write(_log, f"{what}\t{name}\0".encode("utf-8", "surrogateescape"))


def settle(module: ModuleType) -> None:
    """Let files that a test has just written count as settled: their true times lie too near for a test to wait."""
    if "RACY" not in os.environ:
        vars(module)["SLACK_NS"] = _LONG_AGO


def watch_documents(module: ModuleType) -> None:
    """Tell which documents are written beside their places, and which are looked at whole."""
    stage, check = vars(module)["stage"], vars(module)["check"]

    def staging(document: Any, *more: Any) -> Any:
        tell("written", document.feed or "")
        return stage(document, *more)

    def checking(document: Any) -> None:
        tell("judged", document.path)
        check(document)

    vars(module).update(stage=staging, check=checking)


def watch_entries(module: ModuleType) -> None:
    """Tell of which entries fragments are made, and looked at; under names by which a pool finds the functions."""
    render_entry, judge = vars(module)["render_entry"], vars(module)["judge"]

    @functools.wraps(render_entry)
    def rendering(context: Any, wanted: Any) -> Any:
        rendered = render_entry(context, wanted)
        if rendered.fragments:
            tell("rendered", wanted.path)
        return rendered

    @functools.wraps(judge)
    def judging(context: Any, rendered: Sequence[Any]) -> Any:
        for each in rendered:
            if each.fragments:
                tell("validated", each.path)
        return judge(context, rendered)

    vars(module).update(render_entry=rendering, judge=judging)


CHANGES: dict[str, Callable[[ModuleType], None]] = {
    "feedmill.scan": settle,
    "feedmill.stories": watch_entries,
    "feedmill.delivering": watch_documents,
}


class Watch:
    """Changes a module when, and only when, the run imports it."""

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        if name not in CHANGES:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        assert spec is not None and spec.loader is not None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            CHANGES[name](module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str):
        tell("opened", arguments[0])
    elif event == "os.scandir":
        tell("listed", str(Path(os.fspath(arguments[0] or ".")).absolute()))


def leave(code: int, process: int = os.getpid(), leave_at_once: Callable[[int], NoReturn] = os._exit) -> NoReturn:
    """Let this process tell what it has imported before it ends; its children have nothing to add."""
    if os.getpid() != process:
        leave_at_once(code)
    sys.exit(code)


os._exit = leave  # type: ignore[assignment]
before = set(sys.modules)
sys.addaudithook(hook)
sys.meta_path.insert(0, Watch())
try:
    from feedmill.__main__ import command

    command()
finally:
    for name in sorted(set(sys.modules) - before):
        tell("imported", name)
