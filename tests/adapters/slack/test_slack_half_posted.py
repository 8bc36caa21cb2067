"""A digest of which half stood there when the channel was closed: its other half follows, and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.slack.places import address_of
from adapters.slack.platform import SlackPlatform
from adapters.slack.render import render_message
from adapters.slack.workspaces import OneWorkspace
from bot.channels.channel import Channel
from bot.channels.schedule import DAILY
from bot.delivery.delivery import DeliveryState
from bot.delivery.retry import OperatorDecision, settle_state
from bot.digests.digest import Digest
from bot.services.broken_channels import recover_channel
from bot.services.deliver import DeliveryWorker
from bot.topics.parser import parse_query
from storage.database import Database
from tests.adapters.example_messages import LONG
from tests.apps import SetClock
from tests.databases import sqlite_in
from tests.standins.slack import CHANNEL, TEAM, SlackStandin

HERE = address_of(TEAM, CHANNEL)
LATER = timedelta(minutes=1)
"""Until the channel's next turn: a digest of several messages takes as many."""


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with SlackStandin(slow_seconds=0.01) as standin:
        yield standin
        assert standin.violations == []


def mended(database: Database, clock: SetClock) -> None:
    with database.begin() as tx:
        channel = tx.channels.get(HERE)
        assert channel is not None
        assert "is_archived" in recover_channel(tx, channel, clock())


def retried(database: Database, _clock: SetClock) -> None:
    with database.begin() as tx:
        assert tx.outbox.settle_entry(
            1, DeliveryState.FAILED, settle_state(DeliveryState.FAILED, OperatorDecision.RETRY)
        )


def planned(database: Database, clock: SetClock) -> None:
    with database.begin() as tx:
        channel = tx.channels.ensure(HERE, Channel(0, HERE, clock().time(), "UTC", 100, clock()))
        tx.channels.subscribe(channel.id, parse_query("agents"), DAILY, "U1", clock())
        tx.digests.plan_digest(Digest(channel.id, date(2025, 10, 10), (), (LONG,)), channel)


@pytest.mark.parametrize("anew", [mended, retried])
async def test_what_stands_there_is_not_posted_again_by_another_process(
    tmp_path: Path, slack: SlackStandin, anew: Callable[[Database, SetClock], None]
) -> None:
    clock = SetClock("2025-10-10T09:00")
    database = Database(sqlite_in(tmp_path))
    planned(database, clock)

    def process() -> DeliveryWorker:
        platform = SlackPlatform(OneWorkspace(slack.url, slack.bot_token).client, pause=0)
        return DeliveryWorker(database, {"slack": platform}, clock)

    slack.fail("chat.postMessage", "slow", "is_archived")
    assert await process().deliver_round() == 0
    begun = [one["ts"] for one in slack.messages()]
    assert len(begun) == 1

    anew(database, clock)
    clock.now += LATER
    assert await process().deliver_round() == 1

    said = [one for one in slack.messages() if one.get("metadata")]
    assert [one["ts"] for one in said][:1] == begun
    assert {one.get("thread_ts") for one in said[1:]} == {begun[0]}
    nonces = [one["metadata"]["event_payload"]["nonce"] for one in said]
    assert nonces == list(dict.fromkeys(nonces)), "each part once"
    database.close()


async def test_an_attempt_that_failed_between_the_look_and_the_post_leaves_the_rest_to_another_process(
    tmp_path: Path, slack: SlackStandin
) -> None:
    clock = SetClock("2025-10-10T09:00")
    database = Database(sqlite_in(tmp_path))
    planned(database, clock)

    async def round_of_a_process() -> int:
        platform = SlackPlatform(OneWorkspace(slack.url, slack.bot_token).client, pause=0)
        clock.now += LATER
        return await DeliveryWorker(database, {"slack": platform}, clock).deliver_round()

    slack.fail("chat.postMessage", "slow", "is_archived")
    assert await round_of_a_process() == 0
    mended(database, clock)
    slack.fail("chat.postMessage", "429")
    assert await round_of_a_process() == 0
    assert await round_of_a_process() == 1

    nonces = [one["metadata"]["event_payload"]["nonce"] for one in slack.messages() if one.get("metadata")]
    assert nonces == list(dict.fromkeys(nonces)), "each part once"
    database.close()


async def test_what_the_operator_says_is_lost_is_posted_whole_by_the_same_process(
    tmp_path: Path, slack: SlackStandin
) -> None:
    """Its first part was taken away, and the process remembers that it had posted it."""
    clock = SetClock("2025-10-10T09:00")
    database = Database(sqlite_in(tmp_path))
    planned(database, clock)
    platform = SlackPlatform(OneWorkspace(slack.url, slack.bot_token).client, pause=0)
    courier = DeliveryWorker(database, {"slack": platform}, clock)

    slack.space.scopes = ("chat:write",)
    slack.fail("chat.postMessage", "slow", "500")
    assert await courier.deliver_round() == 0
    slack.messages().clear()
    with database.begin() as tx:
        assert tx.outbox.settle_entry(
            1, DeliveryState.UNKNOWN, settle_state(DeliveryState.UNKNOWN, OperatorDecision.LOST)
        )
    clock.now += LATER
    assert await courier.deliver_round() == 1

    nonces = [one["metadata"]["event_payload"]["nonce"] for one in slack.messages()]
    assert nonces == [
        "paperboy-1",
        *(f"paperboy-1/{number}" for number in range(1, len(render_message(LONG)))),
    ]
    database.close()
