"""Several deliveries at once: in their turns, and fair between channels."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.channel import Address
from bot.delivery.rate_limits import (
    CLAIM_AHEAD,
    LATEST_START,
    PlatformLimits,
    ReservedTime,
    limits_for,
    reserve_next,
)
from bot.messages.blocks import Message
from bot.services.deliver import DeliveryWorker
from storage.database import Database
from tests.apps import SetClock
from tests.databases import sqlite_in
from tests.services.chat_platform import Chat, planned, states
from tests.storage.making import DAY, NOW

MESSAGE = Message("Digest")


async def test_one_that_answers_slowly_holds_up_none(store: Database, clock: SetClock) -> None:
    planned(store, "slow", "b", "c", parts=2)
    others = asyncio.Event()

    async def meanwhile(place: str) -> None:
        if place == "slow":
            await asyncio.wait_for(others.wait(), 20)
        elif len(chat.got) == 3:
            others.set()

    chat = Chat(meanwhile=meanwhile)
    assert await DeliveryWorker(store, {"chat": chat}, clock).deliver_round() == 6
    assert set(chat.got[:4]) == {"b", "c"}
    assert len(set(chat.nonces)) == 6


async def test_no_more_are_in_hand_than_the_platform_bears(store: Database, clock: SetClock) -> None:
    planned(store, *"abcdefg")
    in_hand, most = 0, 0
    full = asyncio.Event()

    async def meanwhile(_place: str) -> None:
        nonlocal in_hand, most
        in_hand, most = in_hand + 1, max(most, in_hand + 1)
        if in_hand == 3:
            full.set()
        await asyncio.wait_for(full.wait(), 20)
        in_hand -= 1

    assert (
        await DeliveryWorker(
            store, {"chat": Chat(PlatformLimits(most_in_flight=3), meanwhile)}, clock
        ).deliver_round()
        == 7
    )
    assert most == 3


async def test_turns_are_booked_and_kept(store: Database, clock: SetClock) -> None:
    planned(store, "a", "b", "c")
    chat = Chat(PlatformLimits(platform=10))
    courier = DeliveryWorker(store, {"chat": chat}, clock)
    for seconds, expected in ((0, "a"), (8, "a"), (10, "ab"), (18, "ab"), (25, "ab"), (30, "abc")):
        clock.now = NOW + timedelta(seconds=seconds)
        await courier.deliver_round()
        assert "".join(chat.got) == expected, "a turn that is long past is given anew"
    assert states(store) == {}


async def test_what_takes_several_messages_takes_as_many_turns(store: Database, clock: SetClock) -> None:
    planned(store, "a", "b")
    chat = Chat(PlatformLimits(platform=10, count_messages=lambda _message: 3))
    for seconds, expected in ((0, "a"), (20, "a"), (30, "ab")):
        clock.now = NOW + timedelta(seconds=seconds)
        await DeliveryWorker(store, {"chat": chat}, clock).deliver_round()
        assert "".join(chat.got) == expected


async def test_a_busy_workspace_keeps_no_other_waiting(store: Database, clock: SetClock) -> None:
    planned(store, *(f"T1/C{number}" for number in range(9)), "T2/C1")
    chat = Chat(PlatformLimits(channel=1, workspace=10, platform=0.01))
    await DeliveryWorker(store, {"chat": chat}, clock).deliver_round()

    assert sorted(chat.got) == ["T1/C0", "T2/C1"]
    assert {attempts for _, attempts in states(store).values()} == {0}, "waiting is no attempt"


async def test_parts_of_a_channel_come_in_order_at_its_pace(store: Database, clock: SetClock) -> None:
    planned(store, "a", parts=3)
    planned(store, "a", slot=DAY + timedelta(days=1))
    chat = Chat(PlatformLimits(channel=10))
    for number in range(4):
        clock.now = NOW + timedelta(seconds=10 * number)
        await DeliveryWorker(store, {"chat": chat}, clock).deliver_round()
        assert len(chat.nonces) == number + 1
    assert chat.nonces == sorted(chat.nonces)


def test_turns_of_all_processes_are_apart(tmp_path: Path) -> None:
    replicas = [Database(sqlite_in(tmp_path)) for _ in range(3)]
    length = timedelta(milliseconds=25)

    def work(database: Database) -> list[ReservedTime]:
        taken = []
        for _ in range(40):
            with database.begin() as tx:
                taken.append(ReservedTime(tx.rate_limits.reserve_time("platform:chat", length, NOW)))
        database.close()
        return taken

    with ThreadPoolExecutor(3) as pool:
        turns = sorted(turn.at for taken in pool.map(work, replicas) for turn in taken)

    assert turns == [NOW + length * number for number in range(120)]


@pytest.mark.parametrize(
    ("waited", "expected"),
    [
        (None, ReservedTime(NOW + timedelta(seconds=1), 3)),
        (ReservedTime(NOW, 3), ReservedTime(NOW, 3)),
        (ReservedTime(NOW - LATEST_START, 3), ReservedTime(NOW - LATEST_START, 3)),
        (ReservedTime(NOW - LATEST_START * 2, 3), ReservedTime(NOW + timedelta(seconds=1), 3)),
        (ReservedTime(NOW, 1), ReservedTime(NOW + timedelta(seconds=1), 3)),
        (ReservedTime(NOW + CLAIM_AHEAD * 2, 1), ReservedTime(NOW + CLAIM_AHEAD * 2, 1)),
    ],
)
def test_the_next_turn(waited: ReservedTime | None, expected: ReservedTime) -> None:
    free = {
        "channel:chat:T/C": NOW,
        "workspace:chat:T": NOW + timedelta(seconds=1),
        "platform:chat": NOW,
    }
    wanted = limits_for(PlatformLimits(channel=1, workspace=1, platform=1), Address("chat", "T/C"), MESSAGE)

    assert [name for name, _ in wanted] == list(free)
    assert reserve_next(wanted, waited, NOW, lambda name, _, earliest: max(free[name], earliest)) == expected


def test_a_wider_limit_is_not_asked_before_the_narrower_is_near() -> None:
    asked = []

    def reserve(name: str, _length: timedelta, _earliest: object) -> object:
        asked.append(name)
        return NOW + CLAIM_AHEAD * 2

    wanted = limits_for(PlatformLimits(channel=1, platform=1), Address("chat", "C"), MESSAGE)
    assert reserve_next(wanted, None, NOW, reserve) == ReservedTime(NOW + CLAIM_AHEAD * 2, 1)  # type: ignore[arg-type]
    assert asked == ["channel:chat:C"]
