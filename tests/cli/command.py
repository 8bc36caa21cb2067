"""The command line as a user runs it: real processes, a real database file, sources on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import IO
from urllib.request import urlopen

from tests.cli.forking import Forks
from tests.environment import environment

PAPERS = (
    {
        "id": "2502.17424",
        "title": "Emergent misalignment",
        "abstract": "Narrow finetuning.",
        "authors": ["Ann Author"],
        "categories": ["cs.CL"],
        "published": "2025-02-24",
        "announced": "2025-10-09",
        "upvotes": 7,
    },
    {"id": "2510.00001", "title": "Emergent abilities", "announced": "2025-10-09"},
    {"id": "7", "title": "A wing in a slipstream", "announced": "2025-10-09"},
)


class Paperboy:
    """The command `paperboy` in a folder of its own."""

    def __init__(self, folder: Path, forks: Forks) -> None:
        self.folder = folder
        self._forks = forks
        self.env = environment(PAPERBOY_MEANING="0", COLUMNS="100", NO_COLOR="1")

    def __call__(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """The command, forked where its imports are done already."""
        return self._forks.run(args, self.folder, self.env | env)

    def anew(self, *args: str, said: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        """The command, started as a user starts it, who then says something."""
        return self._ended(["-m", "bot", *args], said, env)

    def after(self, preamble: str, *args: str) -> subprocess.CompletedProcess[str]:
        """The command, in a process that ran `preamble` before."""
        script = (
            f"{preamble}; import sys; sys.argv = {['paperboy', *args]}; from bot.cli.main import main; main()"
        )
        return self._ended(["-c", script], "", {})

    def _ended(self, command: list[str], said: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=self.env | env,
            input=said,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    def start(self, *args: str, stdout: int | IO[str] = subprocess.PIPE, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *args],
            cwd=self.folder,
            env=self.env | env,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    @property
    def database(self) -> Path:
        return self.folder / "paperboy.db"


def write_papers(path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in PAPERS), encoding="utf-8")


def one_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    """What a failing command says: one line, no traceback, the right exit code."""
    assert done.returncode == code, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("paperboy: ")
    return lines[0].removeprefix("paperboy: ")


def wait_for(url: str) -> str:
    for _ in range(200):
        try:
            with urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} never answered")
