"""`paperboy run`: its health, its end, and a port that is taken."""

from __future__ import annotations

import signal
import socket

from tests.cli.command import Paperboy, one_line, wait_for


def test_run_answers_for_its_health_and_stops_when_asked(paperboy: Paperboy) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = paperboy.start("run", PAPERBOY_HEALTH_PORT=str(port))
    try:
        assert wait_for(f"http://127.0.0.1:{port}/healthz") == "ok\n"
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert "stopping" in log


def test_a_port_in_use(paperboy: Paperboy) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = paperboy("run", PAPERBOY_HEALTH_PORT=str(port), PAPERBOY_LOG_LEVEL="error")

    assert f"127.0.0.1:{port} is in use. Set PAPERBOY_HEALTH_PORT" in one_line(done, 1)
