"""`python -m tests.chaos.moved …` is `paperboy …`, but that its clock is what it is told on its input.

Each line is a moment in ISO form; from then on the clock goes on by itself until the next.
"""

from __future__ import annotations

import sys
from datetime import datetime
from threading import Thread

import time_machine

from bot.cli import main as cli


def main() -> None:
    """Wait for the first moment, and run the command."""
    with time_machine.travel(_moment(sys.stdin.readline())) as clock:
        Thread(target=_move, args=(clock,), daemon=True).start()
        cli.main()


def _move(clock: time_machine.Traveller) -> None:
    for line in sys.stdin:
        clock.move_to(_moment(line))


def _moment(line: str) -> datetime:
    return datetime.fromisoformat(line.strip())


if __name__ == "__main__":
    main()
