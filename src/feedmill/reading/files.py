"""A file → its text: bounded, UTF-8, with one kind of line end."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Protocol

from feedmill.errors import Unreadable
from feedmill.located import LocatedError

MAX_STORY_BYTES = 4_000_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def reason_of(error: OSError) -> str:
    """Return what the system says of a failure, in its words."""
    return os.strerror(error.errno or 0)


_PASSING = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT}
)


def refuse_passing_trouble(error: OSError, path: Path | str) -> None:
    """Raise Unreadable when the machine, not the file, is at fault.

    A disk or a mount that fails, or too few file handles, must not make stories vanish from every feed.
    """
    if error.errno in _PASSING:
        raise Unreadable(
            f"{path}: cannot be read: {reason_of(error)}",
            remedy="the feeds are as they were; look after the machine, its disks and its limits (ulimit -n)",
        ) from None


class Digest(Protocol):
    """A digest on its way, as hashlib makes them."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""


def read_bounded_text(path: Path | str, digest: Digest | None = None) -> str:
    r"""Read a bounded UTF-8 text with its line ends made `\n`. Its bytes are added to `digest`.

    Raises OSError, or LocatedError for a file too large or not UTF-8.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        size = os.fstat(handle).st_size
        if size > MAX_STORY_BYTES:
            if digest is not None:
                digest.update(b"%d:" % size)
            raise LocatedError(
                "story-size",
                f"{size:,} bytes; a story may have {MAX_STORY_BYTES:,}",
                "split it, or move embedded images into files of their own",
                0,
                0,
            )
        data = os.read(handle, size + 1)
        while len(data) > size and (chunk := os.read(handle, MAX_STORY_BYTES)):
            data += chunk
            if len(data) > MAX_STORY_BYTES:
                raise LocatedError("story-size", "it grows while it is read", "build when it is complete", 0, 0)
    finally:
        os.close(handle)
    if digest is not None:
        digest.update(b"%d:" % len(data))
        digest.update(data)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise LocatedError("not-utf-8", "the file is UTF-16", "save it as UTF-8", 1, 1)
    try:
        text = data.decode() if not data.startswith(_BYTE_ORDER_MARK) else data[len(_BYTE_ORDER_MARK) :].decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start]
        raise LocatedError(
            "not-utf-8",
            f"byte 0x{data[error.start]:02X} is not UTF-8",
            "save the file as UTF-8",
            line,
            len(before.decode("utf-8", "replace")) + 1,
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
