"""A team's life with Paperboy on Slack, over a real WebSocket, from the install to unsubscribing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.a_day import AGENTS, MANY, MISALIGNED, post_the_day
from tests.adapters.slack.socket_app import Paperboy, paperboy_on
from tests.apps import ListedSource, SetClock, batch
from tests.standins.slack import SlackStandin


@pytest.fixture
async def paperboy(
    tmp_path: Path, slack: SlackStandin, clock: SetClock, arxiv: ListedSource
) -> AsyncIterator[Paperboy]:
    async with paperboy_on(slack, tmp_path, clock, arxiv) as running:
        yield running


def text_of(payload: Any) -> str:
    return json.dumps(payload, ensure_ascii=False)


async def test_from_install_to_unsubscribing(
    slack: SlackStandin, paperboy: Paperboy, clock: SetClock, arxiv: ListedSource
) -> None:
    assert "Paperboy" in text_of(await slack.ask("help"))
    assert "10 October 09:00" in text_of(await slack.ask("subscribe “emergent misalignment”"))
    assert "Nothing new" in text_of(await slack.ask("preview"))
    assert slack.messages() == [], "all of it was said to one person"

    await post_the_day(paperboy, clock, arxiv)
    [digest] = slack.messages()
    assert "Emergent misalignment in small models" in text_of(digest)
    assert "Agents that plan" not in text_of(digest)
    assert "2 announced, 1 matched, 1 shown, complete" in text_of(digest)
    await paperboy.rounds.post_digests()
    assert slack.messages() == [digest], "a day is posted once"

    found = await slack.ask("agents")
    assert "Agents that plan" in text_of(found)
    await slack.answer_to(await slack.press("Subscribe to this"))
    listed = await slack.ask("list")
    assert "2 subscriptions" in text_of(listed)
    assert "Unsubscribed" in text_of(await slack.ask("unsubscribe agents"))
    assert "Unsubscribed" in text_of(await slack.ask('unsubscribe "emergent misalignment"'))
    assert "Nothing is subscribed here" in text_of(await slack.ask("list"))


async def test_a_search_is_paged_and_shared(
    slack: SlackStandin, paperboy: Paperboy, arxiv: ListedSource
) -> None:
    arxiv.batches = [batch("arxiv", "2025-10-09", MANY)]
    await paperboy.rounds.ingest_all()
    first = await slack.ask("emergent")
    assert "page 1 of" in text_of(first)
    second = await slack.answer_to(await slack.press("Next page"))
    assert "page 2 of" in text_of(second)
    assert slack.messages() == []
    await slack.press("Share to channel")
    await slack.until(lambda: len(slack.messages()) == 1)
    assert "Emergent thing" in text_of(slack.messages())


async def test_undo_takes_a_subscription_back(slack: SlackStandin, paperboy: Paperboy) -> None:
    await slack.ask("subscribe agents")
    assert "Unsubscribed from agents" in text_of(await slack.answer_to(await slack.press("Undo")))
    assert "Nothing is subscribed here" in text_of(await slack.ask("list"))


@pytest.mark.parametrize("how", ["asked to", "cut off"])
async def test_it_comes_back_when_the_socket_goes(slack: SlackStandin, paperboy: Paperboy, how: str) -> None:
    await slack.ask("subscribe agents")
    await (slack.disconnect() if how == "asked to" else slack.sockets.cut())
    answers = await asyncio.gather(*(slack.ask("list") for _ in range(10)))
    assert all("1 subscription" in text_of(one) for one in answers)
    assert slack.sockets.opened == 2


async def test_buttons_under_old_messages_work_after_a_restart(
    tmp_path: Path, slack: SlackStandin, clock: SetClock, arxiv: ListedSource
) -> None:
    arxiv.batches = [batch("arxiv", "2025-10-09", MANY)]
    async with paperboy_on(slack, tmp_path, clock, arxiv) as before:
        await before.rounds.ingest_all()
        await slack.ask("emergent")
        await slack.ask("subscribe agents")
    async with paperboy_on(slack, tmp_path, clock, arxiv):
        assert "page 2 of" in text_of(await slack.answer_to(await slack.press("Next page")))
        assert "Unsubscribed from agents" in text_of(await slack.answer_to(await slack.press("Undo")))


async def test_a_lost_answer_posts_a_digest_once(
    slack: SlackStandin, paperboy: Paperboy, clock: SetClock, arxiv: ListedSource
) -> None:
    await slack.ask("subscribe emergent")
    slack.fail("chat.postMessage", "lost answer")
    await post_the_day(paperboy, clock, arxiv)
    for minute in range(1, 60):
        clock.set(f"2025-10-10T09:{minute:02}")
        await paperboy.rounds.post_digests()
    assert len(slack.messages()) == 1


async def test_a_socket_that_goes_while_a_digest_is_posted_changes_nothing(
    slack: SlackStandin, paperboy: Paperboy, clock: SetClock, arxiv: ListedSource
) -> None:
    await slack.ask("subscribe emergent")
    slack.fail("chat.postMessage", "slow")
    posting = asyncio.create_task(post_the_day(paperboy, clock, arxiv))
    await slack.until(lambda: slack.sockets.count == 1 and not posting.done())
    await slack.disconnect()
    await posting
    assert "1 subscription" in text_of(await slack.ask("list"))
    assert len(slack.messages()) == 1


async def test_two_that_share_a_database_are_one_to_the_channel(
    tmp_path: Path, slack: SlackStandin, clock: SetClock, arxiv: ListedSource
) -> None:
    async with (
        paperboy_on(slack, tmp_path, clock, arxiv) as first,
        paperboy_on(slack, tmp_path, clock, arxiv) as second,
    ):
        await slack.sockets.wait(2)
        await slack.ask("subscribe emergent")
        both = [text_of(await slack.ask("list")) for _ in range(2)]
        assert all("1 subscription" in one for one in both)
        arxiv.batches = [batch("arxiv", "2025-10-10", [MISALIGNED])]
        await asyncio.gather(first.rounds.ingest_all(), second.rounds.ingest_all())
        clock.set("2025-10-10T09:00")
        await asyncio.gather(first.rounds.post_digests(), second.rounds.post_digests())
        assert len(slack.messages()) == 1


@pytest.mark.parametrize("fault", ["429", "500"])
async def test_a_digest_that_slack_did_not_take_comes_later(
    slack: SlackStandin, paperboy: Paperboy, clock: SetClock, arxiv: ListedSource, fault: Any
) -> None:
    await slack.ask("subscribe emergent")
    slack.fail("chat.postMessage", fault)
    await post_the_day(paperboy, clock, arxiv)
    assert slack.messages() == []
    clock.set("2025-10-10T09:05")
    await paperboy.rounds.post_digests()
    assert len(slack.messages()) == 1


async def test_a_channel_that_was_archived_keeps_its_subscriptions(
    slack: SlackStandin, paperboy: Paperboy, clock: SetClock, arxiv: ListedSource
) -> None:
    await slack.ask("subscribe emergent")
    slack.space.places["C0GENERAL"].archived = True
    await post_the_day(paperboy, clock, arxiv)
    assert slack.messages() == []

    slack.space.places["C0GENERAL"].archived = False
    assert "archived" in text_of(await slack.ask("list"))
    clock.set("2025-10-11T09:00")
    await paperboy.rounds.post_digests()
    assert "Emergent misalignment in small models" in text_of(slack.messages())


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("<https://arxiv.org/abs/2510.00002v1|arxiv.org/abs/2510.00002v1>", "Agents that plan"),
        ("show <https://arxiv.org/abs/2510.00002>", "Agents that plan"),
        ("“agents that plan”", "1 paper"),
        ("subscribe upvotes:&gt;=20", "upvotes:>=20"),
    ],
)
async def test_what_slack_writes_into_the_text_is_understood(
    slack: SlackStandin, paperboy: Paperboy, arxiv: ListedSource, typed: str, answered: str
) -> None:
    arxiv.batches = [batch("arxiv", "2025-10-09", [AGENTS])]
    await paperboy.rounds.ingest_all()
    assert answered in text_of(await slack.ask(typed))


async def test_what_cannot_be_done_is_answered_on_the_spot(slack: SlackStandin, paperboy: Paperboy) -> None:
    assert "never closed" in text_of(await slack.ask("subscribe (agents"))
    assert "no such subscription" in text_of(await slack.ask("unsubscribe 7"))
