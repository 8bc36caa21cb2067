"""Roles and polls: any number of processes, no leader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.bootstrap import ROLES, App
from bot.errors import SourceError, UsageError
from bot.papers.paper import Batch
from bot.process import Service, Work, parse_roles
from bot.services.rounds import POLL_LEASE, Rounds
from tests.apps import ListedSource, SetClock, an_app, batch, paper, printed

EVERY = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], set(ROLES)),
        (["all"], set(ROLES)),
        (["ingest,all"], set(ROLES)),
        (["ingest"], {Work.INGEST}),
        (["ingest, Deliver", "slack"], {Work.INGEST, Work.DELIVER, "slack"}),
    ],
)
def test_roles_are_read(texts: list[str], expected: set[str]) -> None:
    assert parse_roles(texts, ROLES) == expected


def test_an_unknown_role_names_the_roles() -> None:
    with pytest.raises(UsageError, match=r"“leader” is not a role\. There are: ingest, digest, deliver"):
        parse_roles(["ingest,leader"], ROLES)


class CountingSource(ListedSource):
    """Counts how often it is asked."""

    asked = 0

    async def fetch(self, since: date | None = None) -> AsyncIterator[Batch]:
        """What the test wrote down."""
        self.asked += 1
        async for found in super().fetch(since):
            yield found


@pytest.fixture
def clock() -> SetClock:
    return SetClock("2025-10-10T08:00")


def replicas(folder: Path, clock: SetClock, source: ListedSource) -> tuple[App, list[Rounds]]:
    """An app, and the rounds of two processes on its database."""
    app = an_app(folder, clock, source)
    other = an_app(folder, clock, source)
    return app, [app.make_rounds(), other.make_rounds()]


async def test_two_processes_ask_a_source_once(tmp_path: Path, clock: SetClock) -> None:
    source = CountingSource("arxiv", batch("arxiv", "2025-10-10", [paper(1, "Agents")]))
    _, rounds = replicas(tmp_path, clock, source)
    for minutes, asked in ((0, 1), (29, 1), (30, 2), (31, 2)):
        clock.set(f"2025-10-10T08:{minutes:02}")
        await asyncio.gather(*(one.poll_sources() for one in rounds))
        assert source.asked == asked


async def test_a_source_that_was_being_asked_when_its_process_died_is_asked_again(
    tmp_path: Path, clock: SetClock
) -> None:
    source = CountingSource("arxiv", batch("arxiv", "2025-10-10", [paper(1, "Agents")]))
    app, (rounds, _) = replicas(tmp_path, clock, source)
    with app.database.begin() as tx:
        assert tx.source_polls.claim_poll("arxiv", clock(), clock() + POLL_LEASE)
        assert not tx.source_polls.claim_poll("arxiv", clock(), clock() + POLL_LEASE)
    clock.now += POLL_LEASE - timedelta(seconds=1)
    await rounds.poll_sources()
    assert source.asked == 0
    clock.now += timedelta(seconds=1)
    await rounds.poll_sources()
    assert source.asked == 1


async def test_a_source_that_was_being_asked_at_a_stop_is_asked_by_the_next_process(
    tmp_path: Path, clock: SetClock
) -> None:
    source = CountingSource("arxiv", batch("arxiv", "2025-10-10", [paper(1, "Agents")]))

    class Slow(ListedSource):
        async def fetch(self, since: date | None = None) -> AsyncIterator[Batch]:
            begun.set()
            await asyncio.sleep(60)
            async for found in super().fetch(since):
                yield found

    begun = asyncio.Event()
    app, (rounds, other) = replicas(tmp_path, clock, source)
    asking = asyncio.create_task(replace(rounds, sources=[Slow("arxiv")]).poll_sources())
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await other.poll_sources()
    assert source.asked == 1
    with app.database.begin() as tx:
        assert tx.source_polls.failures_of() == {"arxiv": 0}, "a stop is no failure"


async def test_failures_in_a_row_are_counted(tmp_path: Path, clock: SetClock) -> None:
    source = ListedSource("arxiv", SourceError("No answer."))
    app, (rounds, _) = replicas(tmp_path, clock, source)

    async def failures() -> object:
        await rounds.poll_sources()
        clock.now += EVERY
        with app.database.begin() as tx:
            return tx.source_polls.failures_of()

    assert await failures() == {"arxiv": 1}
    assert await failures() == {"arxiv": 2}
    source.batches.clear()
    assert await failures() == {"arxiv": 0}


@pytest.mark.usefixtures("each_engine")
async def test_after_days_down_papers_come_before_the_one_digest(tmp_path: Path, clock: SetClock) -> None:
    """Three days: one digest of each channel, with all that was announced meanwhile."""
    days = [f"2025-10-{day}" for day in (10, 11, 12, 13)]
    source = ListedSource("arxiv", *(batch("arxiv", day, [paper(int(day[-2:]), "Agents")]) for day in days))
    app, beside = an_app(tmp_path, clock, source), an_app(tmp_path, clock, source)
    rounds, other = app.make_rounds(), beside.make_rounds()
    for place in ("local", "second"):
        await app.front_door().answer("subscribe agents", app.terminal.make_caller(place))
    clock.set("2025-10-13T10:00")

    def service(of: Rounds) -> Service:
        return Service(replace(of, platforms=rounds.platforms), of.make_worker(), app.make_housekeeping())

    planner, poller = service(other), service(rounds)
    ticks = {tick.name: tick.work for tick in planner.ticks_of({Work.DIGEST, Work.DELIVER})}
    await ticks["plan"]()
    assert printed(app) == "", "the papers are not there yet"

    ingest, _ = poller.ticks_of({Work.INGEST})
    await ingest.work()
    await ticks["plan"]()
    await rounds.make_worker().deliver_round()
    assert printed(app).count("4 papers for Monday 13 October 2025") == 2
    with app.database.begin() as tx:
        assert not tx.channels.due_channels(clock(), 9)
    clock.set("2025-10-14T08:59")
    await ticks["plan"]()
    await rounds.make_worker().deliver_round()
    assert printed(app).count("papers for") == 2
    for one in (app, beside):
        one.database.close()


async def test_digests_do_not_wait_for_ever_for_an_ingesting_process(tmp_path: Path, clock: SetClock) -> None:
    app, (rounds, _) = replicas(tmp_path, clock, ListedSource("arxiv"))
    await app.front_door().answer("subscribe agents", app.terminal.make_caller("local"))
    service = Service(rounds, rounds.make_worker(), app.make_housekeeping())
    plan = next(tick.work for tick in service.ticks_of({Work.DIGEST}) if tick.name == "plan")
    clock.set("2025-10-10T08:10")
    await plan()
    clock.set("2025-10-10T09:00")
    await plan()
    with app.database.begin() as tx:
        assert not tx.channels.due_channels(clock(), 9)


@pytest.mark.parametrize(
    ("roles", "names"),
    [
        (ROLES, ["ingest", "embed", "plan", "tidy", "deliver"]),
        ({Work.DELIVER}, ["deliver"]),
        ({"slack"}, []),
    ],
)
def test_a_role_is_its_ticks(tmp_path: Path, clock: SetClock, roles: set[str], names: list[str]) -> None:
    app, (rounds, _) = replicas(tmp_path, clock, ListedSource("arxiv"))
    service = Service(rounds, rounds.make_worker(), app.make_housekeeping())

    assert [tick.name for tick in service.ticks_of(roles)] == names
