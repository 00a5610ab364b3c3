"""Events of a run → log lines, one each, for people's tools or for programs."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from feedmill.characters import visible_in_json
from feedmill.expressions import expression

_PLAIN = expression(r"[^\s\"=\x00-\x20\x7f-\x9f]+")
_TAIL = 60
"""Lines that are kept for the report of a failure."""


class LogFormat(StrEnum):
    """How a log line is written."""

    TEXT = "text"
    JSON = "json"


class Event(Struct, frozen=True):
    """What happened in a run, and when. `level` is info, warning or error."""

    moment: datetime
    level: str
    name: str
    run: str
    fields: dict[str, str | int | float | None]


def text_line(event: Event) -> str:
    """Write an event as `time level event key=value …` (logfmt). Fields without a value are left out."""
    pairs = {"run": event.run[:8], **event.fields}
    told = " ".join(f"{key}={_text(value)}" for key, value in pairs.items() if value not in (None, ""))
    return f"{_time(event.moment)} {event.level:7} {event.name:14} {told}"


def json_line(event: Event) -> str:
    """Write an event as one JSON object."""
    row = {"time": _time(event.moment), "level": event.level, "event": event.name, "run": event.run, **event.fields}
    given = {key: value for key, value in row.items() if value not in (None, "")}
    return visible_in_json(json.dumps(given, ensure_ascii=False))


_WRITERS: dict[LogFormat, Callable[[Event], str]] = {LogFormat.TEXT: text_line, LogFormat.JSON: json_line}


class Log:
    """Takes the events of one run, writes each at once as a line, and keeps the last ones.

    `clock` gives aware moments; `write` is given a line and its level. Without a format nothing is written.
    """

    def __init__(
        self, run: str, *, clock: Callable[[], datetime], format_: LogFormat | None, write: Callable[[str, str], None]
    ) -> None:
        self.run = run
        self._clock = clock
        self._format = format_
        self._write = write
        self._tail: deque[str] = deque(maxlen=_TAIL)

    def renewed(self, run: str) -> Log:
        """Return a log like this one for another run."""
        return Log(run, clock=self._clock, format_=self._format, write=self._write)

    @property
    def is_written(self) -> bool:
        """Whether anybody reads it."""
        return self._format is not None

    @property
    def tail(self) -> str:
        """The last lines, as text."""
        return "\n".join(self._tail)

    def tell(self, level: str, name: str, **fields: str | int | float | None) -> None:
        """Add an event."""
        event = Event(self._clock(), level, name, self.run, fields)
        self._tail.append(text_line(event))
        if self._format is not None:
            self._write(_WRITERS[self._format](event), level)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: str | int | float | None) -> str:
    text = str(value)
    return (
        text if _PLAIN.fullmatch(text) and text.isprintable() else visible_in_json(json.dumps(text, ensure_ascii=False))
    )
