"""The table of commands: a row for each, and what each column does at the user's door."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from bot.commands.grammar import parse_command
from bot.commands.model import COMMANDS, Command
from bot.commands.table import ROWS, Access, row_of
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.ports.store import Transaction
from tests.apps import ListedSource, SetClock, an_app, paper

EXAMPLES = {
    "search": "search agents",
    "subscribe": "subscribe agents",
    "unsubscribe": "unsubscribe all",
    "list": "list",
    "preview": "preview agents",
    "trending": "trending week agents",
    "show": "show 2502.17424",
    "save": "save 2502.17424",
    "saved": "saved",
    "unsave": "unsave 2502.17424",
    "like": "like 2502.17424",
    "dislike": "dislike 2502.17424",
    "unlike": "unlike 2502.17424",
    "feedback": "feedback reset",
    "export": "export bibtex 2502.17424",
    "mute": "mute agents",
    "unmute": "unmute all",
    "pause": "pause",
    "resume": "resume",
    "settings": "settings limit:5",
    "help": "help",
}
"""Every command with what it takes, as it would be typed."""


class Asked:
    """A look-up that notes what it is asked, and knows one paper."""

    def __init__(self) -> None:
        self.papers: list[PaperId] = []

    async def paper(self, paper_id: PaperId) -> Paper | None:
        self.papers.append(paper_id)
        return replace(paper(1, "Emergent misalignment"), id=paper_id)


class Counting:
    """A store that notes which transactions are opened."""

    def __init__(self, store: object) -> None:
        self._store = store
        self.opened: list[str] = []

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        self.opened.append("begin")
        with self._store.begin() as tx:  # type: ignore[attr-defined]
            yield tx

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        self.opened.append("read")
        with self._store.read() as tx:  # type: ignore[attr-defined]
            yield tx


def test_every_command_has_one_row_in_the_order_of_help() -> None:
    assert [row.command for row in ROWS] == list(get_args(Command)) == list(COMMANDS.values())
    assert list(EXAMPLES) == list(COMMANDS), "an example for each command"


def test_every_handler_takes_its_own_command() -> None:
    for row in ROWS:
        first = next(iter(inspect.signature(row.handler).parameters.values()))
        assert first.annotation in {row.command.__name__, f"model.{row.command.__name__}"}


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_that_only_reads_never_takes_the_write_lock(name: str, tmp_path: Path) -> None:
    app = an_app(tmp_path, SetClock("2025-10-10T08:00"), ListedSource("arxiv"))
    store = Counting(app.database)
    command = parse_command(EXAMPLES[name])
    front_door = replace(app.front_door(), store=store, lookup=None)
    await front_door.run(command, app.terminal.make_caller("local"))
    app.database.close()

    assert type(command) is COMMANDS[name]
    assert ("begin" in store.opened) is not row_of(command).reads(command)


@pytest.mark.parametrize("name", [name for name, text in EXAMPLES.items() if "2502.17424" in text])
async def test_a_paper_that_a_command_names_is_looked_up_where_its_row_says_so(
    name: str, tmp_path: Path
) -> None:
    app = an_app(tmp_path, SetClock("2025-10-10T08:00"), ListedSource("arxiv"))
    asked = Asked()
    answer = await replace(app.front_door(), lookup=asked).answer(
        EXAMPLES[name], app.terminal.make_caller("local")
    )
    app.database.close()

    assert bool(asked.papers) is row_of(COMMANDS[name]).looks_up
    if asked.papers:
        assert "misalignment" in str(answer).lower(), "what was looked up is in the answer"


async def test_what_only_shows_without_an_argument_reads_then(tmp_path: Path) -> None:
    app = an_app(tmp_path, SetClock("2025-10-10T08:00"), ListedSource("arxiv"))
    alone = [name for name, kind in COMMANDS.items() if row_of(kind).access is Access.READS_ALONE]
    assert alone == ["feedback", "mute", "settings"]
    for name in alone:
        store = Counting(app.database)
        await replace(app.front_door(), store=store).answer(name, app.terminal.make_caller("local"))
        assert "begin" not in store.opened
    app.database.close()
