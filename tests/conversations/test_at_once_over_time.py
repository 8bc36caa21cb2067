"""What goes out at once while processes race, clocks move and a channel is broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from bot.bootstrap import App
from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.delivery.delivery import DeliveryState
from bot.errors import DeliveryError
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.services.plan_digests import plan_at_once, plan_due
from tests.apps import ListedSource, SetClock, an_app, batch, paper, receipt_of, titles
from tests.conversations.chat import Chat

pytestmark = pytest.mark.usefixtures("each_engine")

ANN = Caller(Address("chat", "T1/C1"), "ann")
Process = Callable[[], App]


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def process(tmp_path: Path, clock: SetClock, source: ListedSource, chat: Chat) -> Iterator[Process]:
    """Makes an app as another process has it: on the same database, with nothing else in common."""
    with ExitStack() as stack:

        def start() -> App:
            app = an_app(tmp_path, clock, source)
            stack.enter_context(closing(app.database))
            return app

        yield start


@pytest.fixture
def app(process: Process) -> App:
    return process()


async def announced(app: App, source: ListedSource, *titles: str, day: str = "2025-10-10") -> None:
    """These papers stand in the batch, each of which has its id by its title."""
    papers = [paper(sum(map(ord, title)), title) for title in titles]
    source.batches = [batch("arxiv", day, papers)]
    await app.make_rounds().ingest_all()


async def tick(app: App, chat: Chat) -> None:
    """Plan and post."""
    await replace(app.make_rounds(), platforms={"chat": chat}).post_digests()


async def posted(app: App, clock: SetClock, chat: Chat, at: str) -> list[str]:
    """The papers of what a tick at that time posts."""
    before = len(chat.got)
    clock.set(at)
    await tick(app, chat)
    return [title for message in chat.got[before:] for title in titles(message)]


async def test_of_planners_that_race_one_plans(
    app: App, process: Process, clock: SetClock, source: ListedSource, chat: Chat
) -> None:
    """Also where the daily digest, and a paper of both, are due at the same moment."""
    places = [replace(ANN, address=Address("chat", f"T1/C{number}")) for number in range(8)]
    for caller in places:
        await app.front_door().answer("subscribe larks days:now", caller)
        await app.front_door().answer("subscribe larks OR owls", caller)
    await announced(app, source, "Larks sing", "Owls hoot")
    clock.set("2025-10-10T09:00")
    planners = [process() for _ in range(3)]
    ready = Barrier(len(planners))

    def plan(one: App) -> int:
        ready.wait(20)
        # A channel that another planner has is left to it, and looked at again in the next tick.
        return sum(
            plan_at_once(one.database, clock()) + plan_due(one.database, clock(), {}, one.make_rounds().wait)
            for _ in range(3)
        )

    with ThreadPoolExecutor(len(planners)) as pool:
        planned = sum(pool.map(plan, planners))
    await tick(app, chat)
    assert planned == len(chat.got)
    found = Counter(
        (place, title)
        for place, message in zip(chat.places, chat.got, strict=True)
        for title in titles(message)
    )
    expected = {(one.address.place, title) for one in places for title in ("Larks sing", "Owls hoot")}
    assert found == dict.fromkeys(expected, 1)


async def test_the_calm_after_a_digest_holds_over_processes_and_restarts(
    app: App, process: Process, clock: SetClock, source: ListedSource, chat: Chat
) -> None:
    await app.front_door().answer("subscribe larks days:now", ANN)
    await announced(app, source, "Larks sing")
    assert await posted(app, clock, chat, "2025-10-10T01:00:00") == ["Larks sing"]
    await announced(app, source, "Larks sing", "Larks fly")
    assert await posted(process(), clock, chat, "2025-10-10T01:14:59") == []
    assert await posted(process(), clock, chat, "2025-10-10T01:15:00") == ["Larks fly"]
    assert await posted(app, clock, chat, "2025-10-10T01:40:00") == []


@pytest.mark.parametrize(
    ("times", "numbers"),
    [
        pytest.param(("10-10T21:50", "10-10T22:04", "10-10T22:05"), [1, 1], id="over midnight in Berlin"),
        pytest.param(("10-26T00:55", "10-26T01:09", "10-26T01:10"), [1, 2], id="an hour comes twice"),
        pytest.param(("10-26T21:50", "10-26T22:04", "10-26T22:05"), [1, 2], id="a day of 25 hours"),
        pytest.param(("03-30T00:50", "03-30T01:04", "03-30T01:05"), [1, 2], id="an hour is left out"),
    ],
)
async def test_neither_midnight_nor_a_moved_clock_is_anything_to_it(
    app: App, clock: SetClock, source: ListedSource, times: tuple[str, ...], numbers: list[int]
) -> None:
    """The second of these times is too soon after the first, the third is not."""
    clock.set("2025-03-01T12:00")
    chat = Chat()
    chat.trouble = DeliveryError("No answer.", permanent=False)
    for command in ("subscribe larks days:now", "settings tz:Europe/Berlin"):
        await app.front_door().answer(command, ANN)
    for number, at in enumerate(times):
        await announced(app, source, *("Larks sing", "Larks fly", "Larks nest")[: number + 1])
        await posted(app, clock, chat, f"2025-{at}")

    with app.database.begin() as tx:
        parcels = sorted(tx.outbox.entries([DeliveryState.PENDING], 9), key=lambda one: one.id)
    assert [parcel.number for parcel in parcels] == numbers


async def test_a_channel_that_breaks_and_works_again_loses_nothing(
    app: App, clock: SetClock, source: ListedSource, chat: Chat
) -> None:
    await app.front_door().answer("subscribe larks days:now", ANN)
    await announced(app, source, "Larks sing")
    chat.trouble = DeliveryError("The channel is archived.", permanent=True)
    assert await posted(app, clock, chat, "2025-10-10T01:00") == []
    await announced(app, source, "Larks sing", "Larks fly")
    chat.trouble = None
    assert await posted(app, clock, chat, "2025-10-10T02:00") == [], "nothing is tried until it is used"
    assert "works" not in str(await app.front_door().answer("list", ANN))
    found = await posted(app, clock, chat, "2025-10-10T02:01")
    assert sorted(found) == ["Larks fly", "Larks sing"]
    assert await posted(app, clock, chat, "2025-10-10T09:00") == []


async def test_what_is_cut_off_and_what_is_muted_come_no_more(
    app: App, clock: SetClock, source: ListedSource, chat: Chat
) -> None:
    commands = app.front_door()
    for command in ("subscribe larks OR owls days:now", "settings limit:1", "mute owls"):
        await commands.answer(command, ANN)
    await announced(app, source, "Larks sing", "Larks fly", "Owls hoot")
    assert len(await posted(app, clock, chat, "2025-10-10T01:00")) == 1
    assert receipt_of(chat.got[0]).lines[-1].counts == ("3 announced, 3 matched, 1 shown, 1 muted, complete")
    await commands.answer("unmute owls", ANN)
    await announced(app, source, "Larks sing", "Larks fly", "Owls hoot", "Owls sleep")
    assert await posted(app, clock, chat, "2025-10-10T02:00") == ["Owls sleep"]


async def test_two_papers_that_turn_out_to_be_one_come_once(
    app: App, clock: SetClock, source: ListedSource, chat: Chat
) -> None:
    await app.front_door().answer("subscribe larks days:now", ANN)
    preprint = Paper(PaperId("doi", "10.1101/2025.10.01.000001"), "Larks sing")
    source.batches = [batch("arxiv", "2025-10-10", [preprint])]
    await app.make_rounds().ingest_all()
    assert await posted(app, clock, chat, "2025-10-10T01:00") == ["Larks sing"]
    same = paper(1, "Larks sing, and fly", aliases=(preprint.id,))
    source.batches = [batch("arxiv", "2025-10-11", [paper(1, "Larks sing, and fly")])]
    await app.make_rounds().ingest_all()
    source.batches = [batch("arxiv", "2025-10-12", [same])]
    await app.make_rounds().ingest_all()
    assert await posted(app, clock, chat, "2025-10-12T01:00") == []
