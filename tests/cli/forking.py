"""`python -m tests.cli.forking` has all that the command imports, and forks it for each line of its input.

Importing is nine tenths of what a short command costs. What it forks is a process of its own still.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.cli import main as cli
from tests.environment import environment

OUT, ERR = "out", "err"


@dataclass(frozen=True, slots=True)
class Forks:
    """The server that forks, and the folder where it runs and leaves what commands say."""

    server: subprocess.Popen[str]
    folder: Path

    def run(
        self, args: Sequence[str], folder: Path, env: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """The command `paperboy` in a folder with an environment, and what it said."""
        assert self.server.stdin
        assert self.server.stdout
        print(json.dumps([list(args), str(folder), dict(env)]), file=self.server.stdin, flush=True)
        code = int(self.server.stdout.readline())
        out, err = ((self.folder / name).read_bytes().decode() for name in (OUT, ERR))
        return subprocess.CompletedProcess(list(args), code, out, err)


@contextmanager
def forks() -> Iterator[Forks]:
    """A server, until the end of the block."""
    command, env = [sys.executable, "-m", __name__], environment()
    pipe = subprocess.PIPE
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, env=env, stdin=pipe, stdout=pipe, text=True) as server,
    ):
        try:
            yield Forks(server, Path(folder))
        finally:
            server.kill()


def main() -> None:
    """Fork a command for each line, and write its exit code."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(*json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def _become(args: list[str], folder: str, env: dict[str, str]) -> None:
    """Be `paperboy`, as if started so."""
    for number, name, how in ((0, os.devnull, os.O_RDONLY), (1, OUT, _WRITE), (2, ERR, _WRITE)):
        os.dup2(os.open(name, how), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["paperboy", *args]
    cli.main()


_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC

if __name__ == "__main__":
    main()
