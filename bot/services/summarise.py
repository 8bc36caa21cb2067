"""Summaries by a language model, where whoever runs Paperboy has set one up; off otherwise.

Only papers that a topic matched and that came without a summary are asked about, between digests and never
for one: a digest takes what there is by then, else the sentence of `bot.papers.summary`. What the model
answers is text of strangers, as any paper's, and has to be what was asked for (`accept_answer`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import SourceError
from bot.papers.paper import Paper
from bot.papers.summary import accept_answer
from bot.ports.clock import Clock
from bot.ports.store import Store, Transaction

NAME = "summaries"
"""As polls and figures name what is asked."""
TOGETHER = 5
"""Papers of one turn: some ten seconds, so that a stop is not kept waiting for long."""
SINCE = timedelta(days=14)
"""Papers announced longer ago are not asked about."""
AGAIN = timedelta(days=1)
"""After which a paper is asked about once more, of which nothing came that can be shown."""
PAUSE = timedelta(minutes=10)
"""After a failure nothing is asked for so long."""
LEASE = timedelta(minutes=10)
"""How long the asking belongs to the process that does it."""
_LOOKED_AT = 200
"""Papers among which those are looked for that were not asked about lately."""

log = structlog.get_logger()


class Summariser(Protocol):
    """A language model."""

    @property
    def model(self) -> str:
        """Its name, which stands beside its summaries."""
        ...

    async def ask(self, title: str, abstract: str) -> str:
        """What it answers, as it is, when asked for one or two sentences.

        Raises SourceError where it cannot be asked.
        """
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How summaries stand: papers that have none yet, and how often in a row asking has failed."""

    lacking: int
    failures: int


def summary_state(store: Store, now: datetime) -> Standing:
    """How they stand. Raises StorageError."""
    with store.begin() as tx:
        return Standing(
            tx.papers.unsummarised_number(_first_day(now)), tx.source_polls.failures_of().get(NAME, 0)
        )


async def summarise_papers(store: Store, summariser: Summariser, clock: Clock) -> int:
    """Ask about some papers, the latest first, unless another process does; how many have a summary now.

    What fails is logged, and counted as failures of a source are. Raises StorageError.
    """
    papers = await asyncio.to_thread(_take_papers, store, clock())
    made, asked, well = 0, 0, None
    try:
        for paper in papers:
            answer = await summariser.ask(paper.title, paper.abstract)
            asked += 1
            made += await asyncio.to_thread(_store_summaries, store, paper, answer, summariser.model)
        well = made > 0 or not papers
    except SourceError as error:
        log.warning("not summarised", model=summariser.model, problem=str(error))
        well = False
    finally:
        if papers:
            await asyncio.to_thread(_end_attempt, store, clock(), papers[asked:], well=well)
    return made


def _first_day(now: datetime) -> date:
    return (now - SINCE).date()


def _take_papers(store: Store, now: datetime) -> Sequence[Paper]:
    """The papers to ask about now; none where nothing is due, or somebody else asks."""
    with store.begin() as tx:
        if not tx.source_polls.due_sources([NAME], now):
            return ()
        found = tx.papers.papers_without_summary(_first_day(now), _LOOKED_AT)
        papers: list[Paper] = []
        for paper in found:
            if len(papers) < TOGETHER and tx.marks.add(NAME, str(paper.id), now, now + AGAIN):
                papers.append(paper)
        if papers and not tx.source_polls.claim_poll(NAME, now, now + LEASE):
            _forget_papers(tx, papers, now)
            return ()
        return papers


def _store_summaries(store: Store, paper: Paper, answer: str, model: str) -> bool:
    summary = accept_answer(answer)
    if not summary:
        log.warning("summary not used", model=model, paper=str(paper.id), characters=len(answer))
        return False
    with store.begin() as tx:
        return tx.papers.store_summary(paper, summary, model)


def _end_attempt(store: Store, now: datetime, unasked: Sequence[Paper], *, well: bool | None) -> None:
    """Note how it ended; what was not asked about is as due as before."""
    with store.begin() as tx:
        _forget_papers(tx, unasked, now)
        if well is None:
            tx.source_polls.give_back(NAME)
        else:
            tx.source_polls.finish_poll(NAME, now if well else now + PAUSE, failed=not well)


def _forget_papers(tx: Transaction, papers: Sequence[Paper], now: datetime) -> None:
    for paper in papers:
        tx.marks.take(NAME, str(paper.id), now)
