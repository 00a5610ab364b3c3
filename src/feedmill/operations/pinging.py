"""A run → its monitor: start, success and failure, the way of healthchecks.io."""

from __future__ import annotations

import http.client
import threading
import time
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

ATTEMPTS = 3
TIMEOUT = 4.0
"""Seconds for one attempt."""
DEADLINE = 10.0
"""Seconds for all attempts of one ping together, whatever hangs."""
_FIRST_PAUSE = 0.25
_MAX_BODY = 10_000
"""Bytes: what healthchecks.io keeps on its smallest plan."""


class Ping:
    """One ping on its way, in the background. `signal` is `start` or an exit code, by which its path ends."""

    def __init__(self, url: str, signal: str, *, run: str, body: str = "") -> None:
        self._trouble = f"no answer within {DEADLINE:.0f} seconds"
        address = ping_address(url, signal, run)
        data = body.encode("utf-8", "replace")[-_MAX_BODY:].decode("utf-8", "ignore").encode()
        # A name server that hangs is bound by no timeout, so the thread is left behind at the deadline.
        self._until = time.monotonic() + DEADLINE
        self._thread = threading.Thread(target=self._send, args=(address, data), daemon=True)
        self._thread.start()

    def wait(self) -> str:
        """Wait until it has arrived, or has not by the deadline; return why not, empty when it has."""
        self._thread.join(max(0.0, self._until - time.monotonic()))
        return self._trouble

    def _send(self, address: str, data: bytes) -> None:
        pause = _FIRST_PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            trouble, again = _attempt(address, data)
            if not trouble or not again or attempt == ATTEMPTS:
                self._trouble = trouble
                return
            time.sleep(pause)
            pause *= 4


def ping_address(url: str, signal: str, run: str) -> str:
    """Return where a signal goes: a path below the address, with the run's id so that its duration is known."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode({"rid": run})) if part)
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{signal}", query, ""))


class _Nowhere(HTTPRedirectHandler):
    """Follows no redirect: it could lead to another scheme, or to a machine that nobody configured."""

    def redirect_request(self, *_: object) -> None:
        """Leave the answer as it is, an error."""


def _attempt(address: str, data: bytes) -> tuple[str, bool]:
    """Send once. Return what went wrong, empty when nothing did, and whether it may go better the next time."""
    headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "feedmill"}
    request = Request(address, data=data, headers=headers, method="POST")  # noqa: S310 - http or https: see config/loading.py
    try:
        with build_opener(_Nowhere()).open(request, timeout=TIMEOUT):
            return "", False
    except HTTPError as error:
        error.close()
        return f"answered {error.code}", error.code >= 500 or error.code == 429
    except URLError as error:
        return str(error.reason), True
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}", True
