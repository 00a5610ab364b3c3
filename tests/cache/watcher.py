"""Runs the command as cron does, and writes down what the run opened, wrote, judged and imported."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

opened: list[str] = []
listed: list[str] = []
written: list[str] = []
judged: list[str] = []
entries_written: list[str] = []
entries_judged: list[str] = []
_LONG_AGO = -(10**18)


def settle(module: ModuleType) -> None:
    """Let files that a test has just written count as settled: their true times lie too near for a test to wait."""
    if "RACY" not in os.environ:
        vars(module)["_SLACK_NS"] = _LONG_AGO


def watch_writing(module: ModuleType) -> None:
    honest = vars(module)["write_feed"]

    def write_feed(feed: Any, site: Any, *more: Any) -> Any:
        written.append(feed.name)
        return honest(feed, site, *more)

    vars(module)["write_feed"] = write_feed


def watch_judging(module: ModuleType) -> None:
    honest = vars(module)["validate_documents"]

    def validate_documents(documents: Any, **more: Any) -> Any:
        judged.extend(document.path for document in documents)
        return honest(documents, **more)

    vars(module)["validate_documents"] = validate_documents


def watch_entries_written(module: ModuleType) -> None:
    honest = vars(module)["_draft"]

    def _draft(entry: Any, *more: Any) -> Any:
        entries_written.append(entry.path)
        return honest(entry, *more)

    vars(module)["_draft"] = _draft


def watch_entries_judged(module: ModuleType) -> None:
    honest = vars(module)["_gist"]

    def _gist(told: Any) -> Any:
        entries_judged.append(told.title)
        return honest(told)

    vars(module)["_gist"] = _gist


CHANGES = {
    "feedmill.survey": settle,
    "feedmill.cache.signatures": settle,
    "feedmill.writing.documents": watch_writing,
    "feedmill.writing.atom_rss": watch_entries_written,
    "feedmill.validating.gate": watch_judging,
    "feedmill.validating.known": watch_entries_judged,
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
        opened.append(arguments[0])
    elif event in ("os.scandir", "os.listdir"):
        listed.append(str(Path(os.fspath(arguments[0] or ".")).absolute()))


def leave(code: int, process: int = os.getpid(), leave_at_once: Callable[[int], NoReturn] = os._exit) -> NoReturn:
    """Let this process write its report before it ends; its children have none to write."""
    if os.getpid() != process:
        leave_at_once(code)
    sys.exit(code)


os._exit = leave  # type: ignore[assignment]
before = set(sys.modules)
sys.addaudithook(hook)
sys.meta_path.insert(0, Watch())
report = sys.argv.pop(1)
try:
    from feedmill.__main__ import command

    command()
finally:
    entries = [sorted(set(entries_written)), sorted(set(entries_judged))]
    seen = json.dumps([opened, listed, written, judged, entries, sorted(set(sys.modules) - before)])
    Path(report).write_text(seen, encoding="utf-8")
