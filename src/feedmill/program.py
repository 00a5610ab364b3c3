"""Which Feedmill this is, with the libraries on which results depend: what was made by another is not reused."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARIES = (
    "docutils",
    "feedgen",
    "lxml",
    "minijinja",
    "msgspec",
    "nh3",
    "pyromark",
    "python_dateutil",
    "pyyaml",
    "regex",
    "tzdata",
)
"""The distributions whose results find their way into documents, as their folders of metadata are named."""
_TIME_ZONES = "/usr/share/zoneinfo/tzdata.zi"


def program_text() -> str:
    """Return one line that differs when Feedmill, Python, a library or the system's time zones have changed.

    Read from the names of installed distributions and from the times of Feedmill's own files, which costs a
    thousandth of importing them.
    """
    installed = sorted(name for folder in dict.fromkeys(sys.path) for name in _distributions(folder))
    above = os.path.dirname(os.path.dirname(__file__))
    own = sorted(module for package in ("feedmill", "feedcheck") for module in _modules(os.path.join(above, package)))
    return " ".join((sys.version.split()[0], *installed, *own, _time_of(_TIME_ZONES)))


def _distributions(folder: str) -> Iterator[str]:
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return
    for name in names:
        if name.endswith((".dist-info", ".egg-info")) and name.lower().startswith(LIBRARIES):
            yield name


def _modules(folder: str) -> Iterator[str]:
    """Yield the time and size of all that the program is made of: it may change without a new version."""
    with os.scandir(folder) as found:
        for entry in found:
            name = entry.name
            if name.endswith((".py", ".rng", ".html", ".css", ".js")):
                state = entry.stat()
                yield f"{name}:{state.st_mtime_ns}:{state.st_size}"
            elif name != "__pycache__" and entry.is_dir():
                yield from _modules(entry.path)


def _time_of(path: str) -> str:
    try:
        return str(os.stat(path).st_mtime_ns)
    except OSError:
        return ""
