"""Pings say when a run starts and how it ends, try a few times, and never fail or hold up a build for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from feedmill.operations import pinging
from feedmill.operations.pinging import Ping, ping_address
from feedmill.publishing import run_lock
from tests.conftest import CONFIGURATION, Mill


@dataclass
class Monitor:
    """A monitor on the loopback interface: what it was sent, and what it will answer (200 when that runs out)."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    delay: float = 0.0
    heard: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def signals(self) -> list[str]:
        return [signal for signal, _, _ in self.heard]


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pinging, "_FIRST_PAUSE", 0.01)
    made = Monitor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            parts = urlsplit(self.path)
            [run] = parse_qs(parts.query)["rid"]
            made.heard.append((parts.path.removeprefix("/ping/u-1/"), run, body))
            time.sleep(made.delay)
            try:
                self.send_response(made.answers.pop(0) if made.answers else 200)
                self.end_headers()
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    made.url = f"http://127.0.0.1:{server.server_port}/ping/u-1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def watched(wire: Mill, monitor: Monitor) -> Mill:
    wire.configure(CONFIGURATION + f"monitoring: {{ping_url: '{monitor.url}/'}}\n")
    wire.story()
    return wire


def test_start_and_success_are_told_under_one_run(watched: Mill, monitor: Monitor) -> None:
    assert watched.run("build") == 0
    assert monitor.signals == ["start", "0"]
    [run] = {run for _, run, _ in monitor.heard}
    assert UUID(run).version == 4
    assert "build-finished" in monitor.heard[1][2]


def test_a_failure_is_told_with_its_exit_code_and_the_end_of_the_log(watched: Mill, monitor: Monitor) -> None:
    watched.story("2024-05-02-bad.md", title="")
    assert watched.run("build") == 1
    assert monitor.signals == ["start", "1"]
    assert "content/2024-05-02-bad.md" in monitor.heard[1][2]
    monitor.heard.clear()
    (watched.feeds / "all.atom").unlink()
    (watched.feeds / "all.atom").mkdir()
    assert watched.run("build") == 5
    assert monitor.signals == ["start", "5"]
    assert "Is a directory" in monitor.heard[1][2]


def test_a_fault_in_feedmill_itself_is_told_too(
    watched: Mill, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("surprise")

    monkeypatch.delenv("FEEDMILL_DEBUG", raising=False)
    monkeypatch.setattr("feedmill.build.build", broken)
    assert watched.run("build") == 5
    assert monitor.signals == ["start", "5"]
    assert "RuntimeError: surprise" in monitor.heard[1][2]


def test_a_run_that_finds_the_lock_held_tells_nothing(watched: Mill, monitor: Monitor) -> None:
    with run_lock(watched.directory / ".feedmill"):
        assert watched.run("build") == 4
    assert monitor.heard == []


def test_a_monitor_that_fails_is_tried_again_a_few_times(
    watched: Mill, monitor: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    monitor.answers[:] = [503, 429, 200]
    assert watched.run("build") == 0
    assert monitor.signals == ["start", "start", "start", "0"]
    monitor.heard.clear()
    monitor.answers[:] = [200, 500, 500, 500]
    assert watched.run("build", "--log-format", "text") == 0
    assert monitor.signals == ["start", "0", "0", "0"]
    assert "ping-failed" in capsys.readouterr().err


def test_a_monitor_that_knows_nothing_of_it_is_not_asked_again(
    watched: Mill, monitor: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    monitor.answers[:] = [404, 404]
    assert watched.run("build") == 0
    assert monitor.signals == ["start", "0"]
    assert capsys.readouterr().err == "", "a monitor that is away wakes nobody: it will say so itself"


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid"])
def test_no_monitor_at_all_fails_nothing(wire: Mill, capsys: pytest.CaptureFixture[str], host: str) -> None:
    wire.configure(CONFIGURATION + f"monitoring: {{ping_url: 'http://{host}/x'}}\n")
    wire.story()
    began = time.monotonic()
    assert wire.run("build") == 0
    assert time.monotonic() - began < 2 * pinging.DEADLINE + 5
    assert capsys.readouterr().err == ""


def test_a_monitor_that_hangs_holds_a_run_up_no_longer_than_the_deadline(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinging, "DEADLINE", 0.3)
    monitor.delay = 1.0
    began = time.monotonic()
    assert "no answer within" in Ping(monitor.url, "start", run="r").wait()
    assert time.monotonic() - began < 1.0


def test_a_body_is_bounded_and_stays_text(monitor: Monitor) -> None:
    assert Ping(monitor.url, "1", run="r", body="三" * 10_000 + "end").wait() == ""
    [(_, _, body)] = monitor.heard
    assert body.endswith("三end")
    assert 9_000 < len(body.encode()) <= 10_000


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://hc.example/u-1", "https://hc.example/u-1/start?rid=r"),
        ("https://hc.example/u-1/", "https://hc.example/u-1/start?rid=r"),
        ("https://hc.example/u-1?create=1", "https://hc.example/u-1/start?create=1&rid=r"),
    ],
)
def test_a_signal_is_a_path_below_the_address(url: str, address: str) -> None:
    assert ping_address(url, "start", "r") == address


def test_an_address_that_is_none_is_a_mistake_in_the_configuration(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.configure(CONFIGURATION + "monitoring: {ping_url: 'file:///etc/passwd'}\n")
    assert wire.run("build") == 2
    said = capsys.readouterr().err
    assert "feedmill.yaml:10:24: error: config-value: 'file:///etc/passwd' is not a valid monitoring.ping_url" in said
