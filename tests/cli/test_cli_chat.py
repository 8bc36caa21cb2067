"""`paperboy chat`: one command, many, and a prompt that is left."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.cli.command import Paperboy


def test_chat_answers_one_command(stocked: Paperboy) -> None:
    done = stocked("chat", "-c", "/papers subscribe emergent misalignment")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Subscribed" in done.stdout
    assert "1 subscription" in stocked("chat", "-c", "list").stdout
    assert "Emergent misalignment" in stocked("chat", "-c", "/papers show 2502.17424").stdout

    wrong = stocked("chat", "-c", '/papers subscribe "unclosed')
    assert wrong.returncode == 2
    assert "This quote is never closed." in wrong.stdout


def test_chat_reads_commands_until_the_input_ends(stocked: Paperboy) -> None:
    done = stocked.anew("chat", said="subscribe wing\nlist\nexit\nlist\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("1 subscription") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_ctrl_c_leaves_the_prompt_at_once(stocked: Paperboy) -> None:
    ours, theirs = os.openpty()
    script = (
        "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
        "sys.argv = ['paperboy', 'chat']; from bot.cli.main import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=stocked.folder,
        env=stocked.env | {"TERM": "dumb"},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        said = read_until(ours, "/papers ")
        os.write(ours, b"list\n")
        said += read_until(ours, "\n/papers ")
        # One that comes between the prompt and the wait for a line, Python sees with the next.
        for _ in range(8):
            os.write(ours, b"\x03")
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
                break
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert "Nothing is subscribed here" in said


def read_until(terminal: int, text: str) -> str:
    said = ""
    while text not in said:
        said += os.read(terminal, 4096).decode(errors="replace")
    return said


class Busy(BaseHTTPRequestHandler):
    """A source that asks everybody to come back at once."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.send_header("Retry-After", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_a_look_up_that_fails_is_said_by_the_answer_alone(stocked: Paperboy) -> None:
    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        Thread(target=server.serve_forever).start()
        stocked.env |= {
            "PAPERBOY_SOURCES": "arxiv",
            "PAPERBOY_ARXIV_API_URL": f"http://127.0.0.1:{server.server_port}/api",
            "PAPERBOY_ARXIV_PACE_SECONDS": "0",
        }
        done = stocked("chat", "-c", "show 2510.99999")
        heard = stocked("chat", "-c", "show 2510.99999", PAPERBOY_LOG_LEVEL="debug")
        server.shutdown()
    assert (done.returncode, done.stderr) == (0, "")
    assert "127.0.0.1 answered 503. Try again in a few minutes." in done.stdout
    assert heard.stderr.count("an attempt failed") == 4
    assert "stamina" not in heard.stderr
