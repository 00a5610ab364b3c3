"""A feeds directory served over HTTP on the loopback interface, with the media types of the formats."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from feedmill.model import MEDIA_TYPES


@dataclass
class Served:
    """Where the directory is served, and which paths were asked for so far."""

    url: str
    requests: list[str] = field(default_factory=list)


class _Handler(SimpleHTTPRequestHandler):
    timeout = 10

    def __init__(self, *arguments: Any, served: Served, **options: Any) -> None:
        self.served = served
        self.extensions_map = {
            **self.extensions_map,
            ".html": "text/html; charset=utf-8",
            **{f".{format_.value}": media_type for format_, media_type in MEDIA_TYPES.items()},
        }
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        self.served.requests.append(self.path)
        # A rebuild within one second must reach the reader, too.
        del self.headers["If-Modified-Since"]
        super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(directory: Path) -> Iterator[Served]:
    """Serve a directory until the block ends."""
    served = Served("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, served=served, directory=str(directory)))
    server.daemon_threads = False
    served.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
