"""A machine whose clock was ahead for a while: what it wrote holds nothing up once the clock is right."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.bootstrap import App, doctor_findings
from bot.delivery.delivery import DeliveryState
from bot.services.clock_skew import skewed_instants, take_back
from tests.apps import ListedSource, SetClock, batch, paper, printed
from tests.conversations.talk import say

pytestmark = pytest.mark.usefixtures("each_engine")


async def a_day(app: App, arxiv: ListedSource, clock: SetClock, number: int, day: str) -> None:
    """What `paperboy run` does in a morning on which a paper is announced."""
    arxiv.batches = [batch("arxiv", day, [paper(number, f"Agents {number}")])]
    clock.set(f"{day}T08:00")
    await app.make_rounds().poll_sources()
    clock.set(f"{day}T09:00")
    await app.make_rounds().post_digests()


async def doctors(app: App) -> list[str]:
    """What the doctor says of clocks."""
    return [found.detail async for found in doctor_findings(app, offline=True) if found.what == "clock"]


async def test_everything_goes_on_once_the_clock_is_right(
    app: App, arxiv: ListedSource, clock: SetClock
) -> None:
    await say(app, "subscribe agents")
    await say(app, "subscribe agents days:now", "at-once")
    await a_day(app, arxiv, clock, 1, "2025-10-10")
    await a_day(app, arxiv, clock, 2, "2031-03-05")
    assert printed(app).count("Agents 2") == 2, "each channel has it"
    await say(app, "subscribe owls", "snoozed")
    clock.set("2025-10-10T20:00")
    await say(app, "subscribe larks", "snoozed")
    await say(app, "pause until:2026-03-01", "snoozed")

    await a_day(app, arxiv, clock, 3, "2025-10-11")
    with app.database.read() as tx:
        assert tx.papers.find_batch("arxiv", date(2025, 10, 11)), "sources are asked"
    assert "Agents 3" not in printed(app)
    [told] = await doctors(app)
    assert "see that it is 2025-10-11 09:00 UTC, then run `paperboy db mend-clock`" in told

    assert take_back(app.database, clock()) == int(told.split()[0])
    assert await doctors(app) == []
    await app.make_rounds().post_digests()
    await a_day(app, arxiv, clock, 4, "2025-10-12")
    said = printed(app)
    for number in (1, 2, 3, 4):
        assert said.count(f"Agents {number}") == 2, number
    with app.database.read() as tx:
        channels = [
            tx.channels.get(app.terminal.make_caller(place).address) for place in ("local", "snoozed")
        ]
    assert [channel.next_due.date() for channel in channels if channel and channel.next_due] == [
        date(2025, 10, 13),
        date(2026, 3, 1),
    ]


async def test_a_delivery_that_would_be_tried_in_years(
    app: App, arxiv: ListedSource, clock: SetClock
) -> None:
    await say(app, "subscribe agents")
    arxiv.batches = [batch("arxiv", "2025-10-10", [paper(1, "Agents")])]
    clock.set("2025-10-10T08:00")
    await app.make_rounds().poll_sources()
    clock.set("2025-10-10T09:00")
    await app.make_rounds().plan_digests()
    clock.set("2031-03-05T09:00")
    with app.database.begin() as tx:
        [(delivery, _)] = tx.outbox.claim(clock(), clock() + timedelta(minutes=2), 1)
        retry_at = clock() + timedelta(minutes=1)
        assert tx.outbox.finish(delivery, DeliveryState.PENDING, "No answer.", retry_at)
    clock.set("2025-10-10T09:05")
    await app.make_rounds().post_digests()
    assert "Agents" not in printed(app)

    assert take_back(app.database, clock()) > 0
    await app.make_rounds().post_digests()
    assert printed(app).count("Agents") == 1


def test_what_was_asked_about_then_is_asked_about_again(app: App, clock: SetClock) -> None:
    """As the model that summarises is, a day later."""
    clock.set("2031-03-05T09:00")
    with app.database.begin() as tx:
        assert tx.marks.add("summaries", "arxiv:2502.00001", clock(), clock() + timedelta(days=1))
    clock.set("2025-10-10T09:00")

    assert skewed_instants(app.database, clock()) == take_back(app.database, clock()) == 1
    with app.database.begin() as tx:
        assert tx.marks.add("summaries", "arxiv:2502.00001", clock(), clock() + timedelta(days=1))


def test_a_pause_and_a_retry_are_none_of_it(app: App, clock: SetClock) -> None:
    assert skewed_instants(app.database, clock()) == take_back(app.database, clock()) == 0
