"""How far an ingestion is: a bar where somebody watches, and a line a batch in any case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from bot.digests.compose import count_noun
from bot.papers.text import clean_line
from bot.services.ingest import Ingested

MOST_BAD = 5
"""Bad records named in full."""


class IngestProgress:
    """Shows what is being ingested."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("asking", total=None)

    def show_asking(self, source: str) -> None:
        """A source is being asked."""
        self._progress.update(self._task, description=f"asking {source}")

    def show_stored(self, done: Ingested) -> None:
        """A batch is stored."""
        self._progress.update(self._task, advance=done.announced, description=f"{done.source} {done.day}")
        self._progress.console.print(_batch_line(done), highlight=False, markup=False, soft_wrap=True)
        for bad in done.bad[:MOST_BAD]:
            text = clean_line(f"  unreadable: {bad.where}: {bad.problem}")
            self._progress.console.print(text, style="yellow", highlight=False, markup=False, soft_wrap=True)
        if len(done.bad) > MOST_BAD:
            self._progress.console.print(f"  and {len(done.bad) - MOST_BAD} more unreadable", style="yellow")


@contextmanager
def ingest_progress(console: Console) -> Iterator[IngestProgress]:
    """Show an ingestion's progress while the block is open."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield IngestProgress(progress)


@contextmanager
def embedding_progress(console: Console, papers: int) -> Iterator[Callable[[int], None]]:
    """Show how many of so many papers are embedded while the block is open."""
    columns = (TextColumn("embedding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("embedding", total=papers)
        yield lambda done: progress.advance(task, done)


def _batch_line(done: Ingested) -> str:
    parts = [
        f"{count_noun(done.announced, 'paper')} announced",
        f"{done.new:,} new",
        f"{done.matched:,} matched",
    ]
    if done.bad:
        parts.append(f"{len(done.bad):,} unreadable")
    parts.append("complete" if done.complete else "more to come")
    return f"{done.source} {done.day}: {', '.join(parts)}"
