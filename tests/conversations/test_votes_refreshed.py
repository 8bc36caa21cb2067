"""Votes of the last week's papers are asked for again, and change nothing but what people made of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.errors import SourceError
from bot.papers.identity import PaperId
from bot.papers.paper import Signals
from tests.apps import ListedSource, SetClock, an_app, batch, paper
from tests.conversations.talk import posted, said

pytestmark = pytest.mark.usefixtures("each_engine")

OWLS, LARKS, GONE = paper(1, "Owls hoot"), paper(2, "Larks sing"), PaperId("arxiv", "2510.99999")


class ListedVoters:
    """Tells the signals that the test writes down; an error is raised."""

    name = "huggingface"

    def __init__(self) -> None:
        self.told: Mapping[PaperId, Signals] | SourceError = {}
        self.asked: list[list[date]] = []

    async def signals(self, days: Iterable[date]) -> AsyncIterator[Mapping[PaperId, Signals]]:
        """What the test said."""
        self.asked.append(list(days))
        if isinstance(self.told, SourceError):
            raise self.told
        yield self.told


@pytest.fixture
def clock() -> SetClock:
    return SetClock("2025-10-06T05:00")


@pytest.fixture
def voters() -> ListedVoters:
    return ListedVoters()


@pytest.fixture
async def app(tmp_path: Path, clock: SetClock) -> AsyncIterator[App]:
    app = an_app(tmp_path, clock)
    await said(app, "subscribe owls upvotes:>=20")
    await said(app, "subscribe larks")
    papers = [replace(OWLS, signals=Signals(10, 3)), replace(LARKS, signals=Signals(30))]
    source = ListedSource("huggingface", batch("huggingface", "2025-10-06", papers))
    await replace(app, sources=[source]).make_rounds().ingest_all()
    yield app
    app.database.close()


async def refreshed(app: App, voters: ListedVoters, **votes: Signals) -> None:
    named = {"owls": OWLS.id, "larks": LARKS.id, "gone": GONE}
    voters.told = {named[name]: signals for name, signals in votes.items()}
    await replace(app.make_rounds(), voters=(voters,)).refresh_votes()


def batches(app: App) -> Iterator[object]:
    with app.database.begin() as tx:
        yield from tx.papers.stored_batches(SetClock("2025-01-01").now)


async def test_growth_goes_on_after_the_list_is_fetched_no_more(
    app: App, clock: SetClock, voters: ListedVoters
) -> None:
    before = list(batches(app))
    clock.set("2025-10-09T05:00")
    await refreshed(app, voters, owls=Signals(16), larks=Signals(30), gone=Signals(99))
    clock.set("2025-10-10T05:00")
    await refreshed(app, voters, owls=Signals(40))

    days = [date(2025, 10, 10) - timedelta(days=back) for back in (2, 3, 4, 5, 6)]
    assert voters.asked[-1] == days
    assert list(batches(app)) == before
    answer = await said(app, "trending")
    assert "▲ 40, +30 in 3 days, ★ 3" in answer
    with app.database.begin() as tx:
        assert len(tx.papers.signal_days([OWLS.id])[OWLS.id]) == 3
        assert len(tx.papers.signal_days([LARKS.id])[LARKS.id]) == 1
        assert tx.papers.get(GONE) is None


async def test_a_topic_on_votes_gets_what_reaches_them_and_no_other_gets_anything(
    app: App, clock: SetClock, voters: ListedVoters
) -> None:
    assert "Larks sing" in await posted(app, clock, "2025-10-06T09:00")
    await said(app, "subscribe hoot")
    await said(app, "subscribe hoot upvotes:<20")
    clock.set("2025-10-08T05:00")
    await refreshed(app, voters, owls=Signals(19), larks=Signals(31))
    assert await posted(app, clock, "2025-10-08T09:00") == ""
    clock.set("2025-10-09T12:00")
    await refreshed(app, voters, owls=Signals(25), larks=Signals(32))
    digest = await posted(app, clock, "2025-10-10T09:00")
    assert ("Owls hoot" in digest, "Larks sing" in digest) == (True, False)
    assert "25 upvotes (asked for ≥20)" in digest
    clock.set("2025-10-11T05:00")
    await refreshed(app, voters, owls=Signals(40))
    assert await posted(app, clock, "2025-10-11T09:00") == ""


async def test_it_is_asked_every_three_hours_and_sooner_after_a_failure(
    app: App, clock: SetClock, voters: ListedVoters
) -> None:
    rounds = replace(app.make_rounds(), voters=(voters,))
    voters.told = SourceError("It is down.")
    for minutes, asked in ((0, 1), (29, 1), (1, 2)):
        clock.now += timedelta(minutes=minutes)
        await rounds.refresh_votes()
        assert len(voters.asked) == asked
    with app.database.begin() as tx:
        assert tx.source_polls.failures_of()["huggingface votes"] == 2
    clock.now += timedelta(minutes=30)
    voters.told = {}
    for minutes, asked in ((0, 3), (179, 3), (1, 4)):
        clock.now += timedelta(minutes=minutes)
        await rounds.refresh_votes()
        assert len(voters.asked) == asked
    with app.database.begin() as tx:
        assert tx.source_polls.failures_of()["huggingface votes"] == 0
