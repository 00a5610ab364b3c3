"""nginx and Caddy with the configuration of docs/operations.md serve what the docs promise. Loopback only."""

from __future__ import annotations

import gzip
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.conftest import NOW, Mill
from tests.parts import ROOT, require_program
from tests.peers.site import write_site

DIRECT = build_opener(ProxyHandler({}))
TYPES = {
    "all.atom": "application/atom+xml", "all.rss": "application/rss+xml", "all.json": "application/feed+json",
    "feeds.opml": "text/x-opml", "china.html": "text/html", "manifest.json": "application/json",
    "status.html": "text/html",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def get(url: str, **headers: str) -> Answer:
    request = Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with DIRECT.open(request, timeout=10) as response:
            return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())


def documented(language: str) -> str:
    """Return the one configuration in the guide that is written in a language."""
    [block] = re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.DOTALL)
    return str(block)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def nginx(directory: Path, port: int, scratch: Path) -> list[str]:
    program = require_program("nginx")
    server = documented("nginx").replace("listen 80;", f"listen 127.0.0.1:{port};").replace("/srv/wire", str(directory))
    scratches = "".join(f"{kind}_temp_path {scratch};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    whole = f"{user} daemon off; pid {scratch}/pid; events {{}} http {{ access_log off; {scratches}\n{server} }}"
    (scratch / "nginx.conf").write_text(whole)
    return [program, "-e", "stderr", "-p", str(scratch), "-c", str(scratch / "nginx.conf")]


def caddy(directory: Path, port: int, scratch: Path) -> list[str]:
    program = require_program("caddy")
    site = documented("caddyfile").replace("example.org {", f"http://127.0.0.1:{port} {{\n\tbind 127.0.0.1")
    options = "{\n\tadmin off\n\tauto_https off\n}\n"
    (scratch / "Caddyfile").write_text(options + site.replace("/srv/wire", str(directory)))
    return [program, "run", "--config", str(scratch / "Caddyfile"), "--adapter", "caddyfile"]


@contextmanager
def running(command: list[str], port: int, scratch: Path) -> Iterator[str]:
    """Run a server until the block ends; give its address."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(scratch), "XDG_DATA_HOME": str(scratch)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment) as process:
        try:
            for _ in range(200):
                assert process.poll() is None, process.stdout.read() if process.stdout else ""
                try:
                    get(f"http://127.0.0.1:{port}/")
                    break
                except URLError:
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/feeds/"
        finally:
            process.terminate()
            process.communicate(timeout=20)


@pytest.mark.parametrize("server", [nginx, caddy], ids=["nginx", "caddy"])
def test_a_server_configured_as_the_guide_says_serves_the_feeds(wire: Mill, tmp_path: Path, server: object) -> None:
    write_site(wire)
    configuration = (wire.directory / "feedmill.yaml").read_text("utf-8")
    wire.configure(configuration.replace("feeds: {", "feeds: {status: true, "))
    wire.build()
    (wire.feeds / ".all.atom.feedmill-new").write_text("half")
    scratch = tmp_path / "server"
    scratch.mkdir()
    port = free_port()
    command = (nginx if server is nginx else caddy)(wire.directory, port, scratch)
    with running(command, port, scratch) as url:
        for name, media_type in TYPES.items():
            answer = get(url + name)
            assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, media_type), name
            assert answer.body == (wire.feeds / name).read_bytes()
            assert answer.headers["access-control-allow-origin" if name != "manifest.json" else "etag"]
        assert "max-age=300" in get(url + "all.atom").headers["cache-control"]
        assert get(url).body == (wire.feeds / "index.html").read_bytes(), "the index"
        for secret in (".all.atom.feedmill-new", "../feedmill.yaml", "../.feedmill/runs.json", "%2e%2e/feedmill.yaml"):
            assert get(url + secret).status in (400, 403, 404), secret
        for outside in ("", "feedmill.yaml", "content/plain.txt", ".feedmill/lock"):
            assert get(url.removesuffix("feeds/") + outside).status == 404, outside
        packed = get(url + "all.atom", Accept_Encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == (wire.feeds / "all.atom").read_bytes()

        before = get(url + "all.atom").headers
        wire.build(NOW + timedelta(days=1))
        assert get(url + "all.atom", If_None_Match=before["etag"]).status == 304, "nothing changed: nothing is sent"
        assert get(url + "all.atom", If_Modified_Since=before["last-modified"]).status == 304
        wire.write("plain.txt", "---\ntitle: Other\ndate: 2024-05-28T00:00:00Z\ntopics: []\n---\nOther words.\n")
        wire.build()
        for after in (
            get(url + "all.atom", If_None_Match=before["etag"]),
            get(url + "all.atom", If_Modified_Since=before["last-modified"]),
        ):
            assert (after.status, after.body) == (200, (wire.feeds / "all.atom").read_bytes())
