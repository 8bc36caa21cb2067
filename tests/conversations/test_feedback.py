"""A channel says what it wants: what is like that comes first, nothing is lost, and it can be corrected."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.messages.blocks import Message, PaperCard
from bot.services.plan_digests import draft_now, plan_at_once
from tests.apps import paper, receipt_of, titles
from tests.conversations.mornings import ADMIN, ANN, BEN, Team, said

OWLS = paper(1, "Agents that track owls", "Owls fly at night, and cameras follow them.")
LEDGERS = paper(2, "Agents for ledgers", "Accounts of banks are settled by programs.")
NEXT = (
    paper(11, "Agents settle accounts of banks", "Ledgers of banks, closed every evening."),
    paper(12, "Agents on the phone", "Calls are answered."),
    paper(13, "Agents watch owls at night", "Cameras follow owls that fly."),
)
PLAIN = [one.title for one in NEXT]
"""In the order of today: as many words of the topic in each title, so by id."""

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    one = Team(tmp_path)
    await one.say("subscribe agents")
    await one.morning(OWLS, LEDGERS)
    yield one
    one.app.database.close()


def reasons(message: Message) -> dict[str, tuple[str, ...]]:
    return {block.title: block.reasons for block in message.blocks if isinstance(block, PaperCard)}


async def test_without_feedback_the_order_is_as_ever(team: Team) -> None:
    then = await team.morning(*NEXT)
    assert then is not None
    assert titles(then) == PLAIN
    assert not any("ranked up" in reason for found in reasons(then).values() for reason in found)


async def test_what_is_like_a_liked_paper_comes_first_and_says_why(team: Team) -> None:
    answer = await team.say("like 2510.00001")
    assert "👍 noted" in answer
    assert "Papers like this come higher in this channel's digests. (1 vote from 1 person)" in answer
    await team.say("settings limit:1")

    then = await team.morning(*NEXT)
    assert then is not None
    assert reasons(then) == {
        "Agents watch owls at night": (
            "“agents” in the title",
            "ranked up: like “Agents that track owls”, which this channel 👍",
        )
    }
    assert receipt_of(then).lines[-1].counts == "3 announced, 3 matched, 1 shown, complete"
    rest = await team.say("show more")
    assert "Agents settle accounts of banks" in rest
    assert "Agents on the phone" in rest


async def test_what_is_like_a_disliked_paper_comes_last(team: Team) -> None:
    assert "👎 noted" in await team.say("dislike 2510.00002")
    then = await team.morning(*NEXT)
    assert then is not None
    assert titles(then)[-1] == "Agents settle accounts of banks"


async def test_a_preview_and_a_dry_run_show_it(team: Team) -> None:
    await team.say("like 2510.00001")
    team.clock.set("2025-10-06T10:00")
    await team.announced(*NEXT)
    dry = draft_now(team.app.database, ANN.address, team.clock(), {})
    for shown in (await team.say("preview"), said(dry)):
        assert shown.index("watch owls") < shown.index("settle accounts")
        assert "ranked up: like “Agents that track owls”" in shown


async def test_what_goes_out_at_once_is_ranked_too(team: Team) -> None:
    await team.say("subscribe agents days:now")
    await team.say("like 2510.00001")
    await team.announced(*NEXT)
    assert plan_at_once(team.app.database, team.clock()) == 1
    now = team.clock()
    with team.app.database.begin() as tx:
        [(delivery, _)] = tx.outbox.claim(now, now, 5)
    assert titles(delivery.message)[0] == "Agents watch owls at night"


async def test_a_vote_is_changed_said_again_and_taken_back(team: Team) -> None:
    await team.say("like 2510.00001")
    assert "👍 noted" in await team.say("like 2510.00001", BEN)
    assert "You already gave this a 👍" in await team.say("like 2510.00001")
    changed = await team.say("dislike 2510.00001")
    assert "👎 noted, replacing your 👍" in changed
    assert "come lower in this channel's digests. (2 votes from 2 people)" in changed
    assert "They cancel each other out" in await team.say("feedback")
    then = await team.morning(*NEXT)
    assert then is not None
    assert titles(then) == PLAIN

    assert "1 vote from 1 person" in await team.say("unlike 2510.00001")
    assert "you have not rated this here" in await team.say("unlike 2510.00001")
    await team.say("like 2510.00002", BEN)
    emptied = await team.say("unlike all", BEN)
    assert "Taken back" in emptied
    assert "No votes are left in this channel." in emptied
    assert "You have not rated anything here" in await team.say("unlike all", BEN)
    assert "No feedback yet" in await team.say("feedback")
    assert "is not known here" in await team.say("like 9912.99999")


async def test_what_was_learned_is_told(team: Team) -> None:
    await team.say("like 2510.00001")
    await team.say("dislike 2510.00002", BEN)
    told = await team.say("feedback")
    assert "Feedback of this channel: 2 votes from 2 people" in told
    labels = ("Moves up", "Moves down", "Most typical of 👍", "Most typical of 👎")
    up, down, liked, disliked = (
        next(line for line in told.splitlines() if label in line) for label in labels
    )
    assert "owls" in up
    assert "ledgers" in down
    assert "Agents that track owls" in liked
    assert "Agents for ledgers" in disliked
    assert "It goes by words alone here" in told
    assert "What trends keeps its own order" in told
    assert "ranked by 2 votes from 2 people" in await team.say("list")


async def test_what_only_trends_is_not_said_to_be_ranked(team: Team) -> None:
    await team.say("unsubscribe all")
    await team.say("subscribe trending")
    answer = await team.say("like 2510.00001")
    assert "Trending papers keep their own order. (1 vote from 1 person)" in answer
    assert "come higher" not in answer
    assert "ranked by" not in await team.say("list")
    await team.say("subscribe agents")
    assert "come lower" in await team.say("dislike 2510.00002")
    assert "ranked by 2 votes from 1 person" in await team.say("list")


async def test_who_may_change_the_channel_may_forget_all(team: Team) -> None:
    await team.say("settings policy:creators", ADMIN)
    await team.say("like 2510.00001", BEN)
    refused = await team.say("feedback reset", BEN)
    assert "who made all of its subscriptions, may forget what this channel has learned." in refused
    assert "Subscribed by ann" in refused
    assert "Forgotten: 1 vote" in await team.say("feedback reset", ANN)
    assert "There is no feedback to forget" in await team.say("feedback reset", ADMIN)
    await team.say("settings policy:admins", ADMIN)
    assert "👍 noted" in await team.say("like 2510.00001", BEN)
    refused = await team.say("feedback reset", ANN)
    assert "Only admins may forget what this channel has learned." in refused
    assert "policy:members" in refused
    then = await team.morning(*NEXT)
    assert then is not None
    assert titles(then)[0] == "Agents watch owls at night"


async def test_a_channel_learns_for_itself_alone(team: Team, tmp_path: Path) -> None:
    elsewhere = type(ANN)(type(ANN.address)("terminal", "elsewhere"), "ann")
    await team.say("like 2510.00001", elsewhere)
    then = await team.morning(*NEXT)
    assert then is not None
    assert titles(then) == PLAIN
