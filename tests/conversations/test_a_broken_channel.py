"""A channel that cannot be posted to: nothing is deleted, everybody is told, and nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.delivery.retry import DEAD_AFTER, LEASE
from bot.errors import DeliveryError
from bot.services.deliver import deliver_due
from tests.apps import ListedSource, SetClock, an_app, batch, paper, titles
from tests.conversations.chat import Chat

pytestmark = pytest.mark.usefixtures("each_engine")

ANN = Caller(Address("chat", "T1/C1"), "ann")
REASON = DeliveryError("The channel is archived.", "Unarchive it.", permanent=True)


@pytest.fixture
async def app(tmp_path: Path, clock: SetClock) -> AsyncIterator[App]:
    one = an_app(
        tmp_path, clock, ListedSource("arxiv", batch("arxiv", "2025-10-10", [paper(1, "Agents that plan")]))
    )
    for user, topic in (("ann", "agents"), ("ben", "planning"), ("gone", "zebras")):
        await one.front_door().answer(f"subscribe {topic}", replace(ANN, user=user))
    await one.make_rounds().ingest_all()
    yield one
    one.database.close()


async def digest(app: App, chat: Chat) -> int:
    rounds = app.make_rounds()
    await replace(rounds, platforms={"chat": chat}).post_digests()
    return len(chat.got)


async def listed(app: App) -> str:
    subscriptions = (await app.front_door().channel(ANN.address)).subscriptions
    return " ".join(f"{sub.topic} {sub.broken}" for sub in subscriptions)


async def test_a_permanent_failure_breaks_and_the_next_use_mends(app: App, clock: SetClock) -> None:
    chat = Chat()
    chat.trouble = REASON
    clock.set("2025-10-10T09:00")
    assert await digest(app, chat) == 0

    assert (await listed(app)).count("The channel is archived. Unarchive it.") == 3
    assert [user for user, _ in chat.told] == ["ann", "ben"], (
        "each owner once; who cannot be told is no fault"
    )
    assert "Unarchive it." in chat.told[0][1]
    channel = (await app.front_door().channel(ANN.address)).channel
    assert channel.next_due is None

    chat.trouble = None
    clock.set("2025-10-11T12:00")
    assert await digest(app, chat) == 0, "nothing is tried until somebody uses it"
    answer = await app.front_door().answer("list", ANN)
    assert "broken: The channel is archived" in str(answer.blocks)
    assert "tried again now" in str(answer.blocks)
    assert "archived" not in await listed(app)
    assert await digest(app, chat) == 1
    assert titles(chat.got[0]) == ["Agents that plan"], "the failed digest is not lost"
    assert "tried again" not in str((await app.front_door().answer("list", ANN)).blocks)


async def test_a_passing_failure_breaks_nothing(app: App, clock: SetClock) -> None:
    chat = Chat()
    chat.trouble = DeliveryError("Slack answered 503.", permanent=False)
    clock.set("2025-10-10T09:00")
    assert await digest(app, chat) == 0
    assert "503" not in await listed(app)

    chat.trouble = None
    clock.set("2025-10-10T09:05")
    assert await deliver_due(app.database, {"chat": chat}, clock) == 1
    assert chat.told == []


async def test_what_may_have_been_posted_is_not_posted_again(app: App, clock: SetClock) -> None:
    chat = Chat()
    chat.trouble = DeliveryError("The answer was lost.", permanent=True, unknown=True)
    clock.set("2025-10-10T09:00")
    assert await digest(app, chat) == 0

    chat.trouble = None
    clock.set("2025-10-10T12:00")
    assert await digest(app, chat) == 0
    assert "lost" not in await listed(app)


@pytest.mark.parametrize("got_through", [True, False])
async def test_a_worker_that_stopped_is_followed_by_one_that_looks(
    app: App, clock: SetClock, *, got_through: bool
) -> None:
    chat = Chat()
    clock.set("2025-10-10T09:00")
    chat.trouble = DeliveryError("Not yet.", permanent=False)
    await digest(app, chat)
    clock.set("2025-10-10T09:05")
    with app.database.begin() as tx:
        [(taken, _)] = tx.outbox.claim(clock(), clock() + LEASE, 1)
        assert tx.outbox.start(taken, clock() + LEASE)
    chat.trouble = None
    chat.got = [taken.message] if got_through else []
    assert await deliver_due(app.database, {"chat": chat}, clock) == 0, "the lease still runs"

    clock.set("2025-10-10T09:08")
    assert await deliver_due(app.database, {"chat": chat}, clock) == 1
    assert len(chat.got) == 1


async def test_the_channels_of_a_user_are_those_of_their_workspace(app: App) -> None:
    commands = app.front_door()
    await commands.answer("subscribe vision", Caller(Address("chat", "T2/C9"), "ann"))
    await commands.answer("subscribe vision", Caller(Address("chat", "T1/C2"), "ben"))

    async def places(user: str, place: str) -> list[str]:
        found = await commands.channels_of(Address("chat", place), user)
        return [one.channel.address.place for one in found]

    assert await places("ann", "T1/") == ["T1/C1"]
    assert await places("ann", "T2/C9") == ["T2/C9"]
    assert await places("ben", "T1/C1") == ["T1/C1", "T1/C2"]
    assert await places("eve", "T1/C1") == []


async def test_the_owners_hear_of_a_digest_that_may_be_missing(app: App, clock: SetClock) -> None:
    chat = Chat()
    chat.trouble = DeliveryError("Nobody can tell.", permanent=True, unknown=True)
    clock.set("2025-10-10T09:00")
    await digest(app, chat)

    assert [user for user, _ in chat.told] == ["ann", "ben"]
    assert "may be missing" in chat.told[0][1]
    assert "paperboy deliveries settle 1 sent|lost" in chat.told[0][1]


async def test_the_owners_hear_of_a_digest_that_is_given_up(app: App, clock: SetClock) -> None:
    chat = Chat()
    chat.trouble = DeliveryError("No answer.", permanent=False)
    clock.set("2025-10-10T09:00")
    for _ in range(20):
        await digest(app, chat)
        clock.now += timedelta(hours=1)
        if chat.told:
            break

    assert clock.now - SetClock("2025-10-10T09:00").now <= DEAD_AFTER + timedelta(hours=1)
    assert [user for user, _ in chat.told] == ["ann", "ben"]
    assert "It was tried for 6 hours" in chat.told[0][1]
    assert "paperboy deliveries retry 1" in chat.told[0][1]
