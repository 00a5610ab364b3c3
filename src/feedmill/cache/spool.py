"""Bytes put aside, so that a build does not hold in memory what it has to write several times."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

Slip = tuple[int, int]
"""By which bytes are had back: where they begin, and how many they are."""
_MOST_ON_DISK = 1 << 30
_MOST_HELD = 32_000_000


class Spool:
    """A file that has no name and is gone with the process. Where there can be none, some bytes are held in memory.

    Processes made by fork have back what was put aside before; what they put aside, each has for itself.
    """

    def __init__(self, folder: Path | None) -> None:
        """Open it in `folder` once it is needed: the bodies of stories under embargo are for nobody else to read."""
        self._folder = folder
        self._handle: int | None = None
        self._owner = 0
        self._end = 0
        self._held: dict[int, bytes] = {}
        self._elsewhere: set[int] = set()
        self._bytes_held = 0

    def put(self, content: bytes) -> Slip:
        """Put bytes aside."""
        at = self._end
        self._end += len(content)
        if content and not self._write(content, at):
            self._hold(content, at)
        return at, len(content)

    def get(self, slip: Slip) -> bytes | None:
        """Return bytes that were put aside; None of those for which there was no room."""
        at, length = slip
        if not length:
            return b""
        if at in self._elsewhere or self._handle is None:
            return self._held.get(at)
        with suppress(OSError):
            content = os.pread(self._handle, length, at)
            if len(content) == length:
                return content
        return None

    def _hold(self, content: bytes, at: int) -> None:
        if self._bytes_held > _MOST_HELD:
            self._held.clear()
            self._bytes_held = 0
        self._elsewhere.add(at)
        self._held[at] = content
        self._bytes_held += len(content)

    def _write(self, content: bytes, at: int) -> bool:
        if self._handle is None and self._folder is not None:
            self._open(self._folder)
        if self._handle is None or self._owner != os.getpid() or self._end > _MOST_ON_DISK:
            return False
        try:
            return os.pwrite(self._handle, content, at) == len(content)
        except OSError:  # a disk that is full
            return False

    def _open(self, folder: Path) -> None:
        self._folder = None
        if hasattr(os, "O_TMPFILE"):
            with suppress(OSError):
                self._handle = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
                self._owner = os.getpid()

    def __del__(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                os.close(self._handle)
