"""A whole Paperboy for a test: the real store on a file, the real commands, a clock that the test sets."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from rich.console import Console

from adapters.terminal.platform import Terminal
from bot.bootstrap import App, build
from bot.messages.blocks import Message, PaperCard, Receipt
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, AnnouncementKind, BadRecord, Batch, Paper
from bot.ports.sources import Source
from bot.settings import Settings
from tests.databases import url_in


class SetClock:
    """Stands where the test puts it."""

    def __init__(self, now: str) -> None:
        self.now = datetime.fromisoformat(now).replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: str) -> None:
        """Put it at this UTC time, written in ISO form."""
        self.now = datetime.fromisoformat(now).replace(tzinfo=UTC)


class ListedSource:
    """A source whose batches the test writes down; one that is an error is raised in its turn."""

    def __init__(self, name: str, *batches: Batch | Exception, expected: date | None = None) -> None:
        self.name = name
        self.batches = list(batches)
        self.expected = expected

    def expected_day(self, now: datetime) -> date | None:
        """What the test said."""
        return self.expected

    async def fetch(self, since: date | None = None) -> AsyncIterator[Batch]:
        """The batches, in order."""
        for batch in self.batches:
            if isinstance(batch, Exception):
                raise batch
            yield batch


class Nowhere:
    """A look-up that has no paper."""

    async def paper(self, paper_id: PaperId) -> Paper | None:
        """None."""
        return None


def an_app(folder: Path, clock: SetClock, *sources: Source, width: int = 100, meaning: bool = False) -> App:
    """Paperboy on the database of `folder`, printing into `app.terminal.console.file`."""
    settings = Settings(
        _env_file=None,
        database_url=url_in(folder),
        search_folder=str(folder / "search"),
        timezone="UTC",
        digest_at=time(9),
        digest_limit=20,
        batch_wait_minutes=180,
        sources=(),
        log_level="error",
        meaning=meaning,
    )
    terminal = Terminal(Console(file=io.StringIO(), width=width, color_system=None))
    return replace(build(settings, clock), sources=sources, terminal=terminal, lookup=Nowhere())


def printed(app: App) -> str:
    """What the terminal has printed so far."""
    file = app.terminal.console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def paper(number: int, title: str, abstract: str = "", **more: object) -> Paper:
    """A paper `arxiv:2510.<number>`."""
    return replace(Paper(PaperId("arxiv", f"2510.{number:05}"), title, abstract), **more)  # type: ignore[arg-type]


def batch(
    source: str,
    day: str,
    papers: Sequence[Paper],
    *,
    kind: AnnouncementKind = AnnouncementKind.NEW,
    complete: bool = True,
    bad: tuple[BadRecord, ...] = (),
) -> Batch:
    """A batch that announces every paper as `kind`."""
    announced = tuple(Announcement(one, kind) for one in papers)
    return Batch(source, date.fromisoformat(day), announced, bad, complete)


def titles(message: Message) -> list[str]:
    """The titles of a message's papers, in order."""
    return [block.title for block in message.blocks if isinstance(block, PaperCard)]


def receipt_of(message: Message) -> Receipt:
    """The receipt of a digest."""
    return next(block for block in message.blocks if isinstance(block, Receipt))
