"""A channel mutes what brings it papers: nothing else is lost, and nothing comes back as a flood."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.messages.blocks import Message, PaperCard
from bot.papers.paper import Signals
from tests.apps import paper, receipt_of, titles
from tests.conversations.mornings import ADMIN, BEN, Team

HUBINGER = ("Evan Hubinger",)
BY_HIM = paper(1, "Sleepers", authors=HUBINGER)
BOTH = paper(2, "Deceptive agents", authors=HUBINGER)
AGENTS = paper(3, "Agents that plan")
TOPIC = 'author:"Evan Hubinger" OR agents'


def mutes(message: Message, title: str) -> list[str]:
    """The commands by which a paper's menu mutes."""
    [card] = [block for block in message.blocks if isinstance(block, PaperCard) and block.title == title]
    return [action.command for action in card.actions if action.command.startswith("mute ")]


@pytest.fixture
async def team(tmp_path: Path) -> Team:
    one = Team(tmp_path)
    await one.say(f"subscribe {TOPIC}")
    return one


async def test_what_only_a_muted_clause_brings_is_left_out_and_counted(team: Team) -> None:
    first = await team.morning(BY_HIM)
    assert first is not None
    [press] = mutes(first, "Sleepers")
    assert press == 'mute author:"evan hubinger"'
    answer = await team.say(press)
    assert 'Muted: author:"evan hubinger"' in answer
    assert f"Topics: {TOPIC.lower().replace(' or ', ' OR ')}" in answer

    second = await team.morning(paper(4, "More sleepers", authors=HUBINGER), BOTH, AGENTS)
    assert second is not None
    assert sorted(titles(second)) == ["Agents that plan", "Deceptive agents"]
    cards = {block.title: block for block in second.blocks if isinstance(block, PaperCard)}
    assert cards["Deceptive agents"].reasons == ("“agents” in the title",), "only what is not muted is said"
    assert mutes(second, "Deceptive agents") == ["mute agents"]
    assert receipt_of(second).lines[-1].counts == "3 announced, 3 matched, 2 shown, 1 muted, complete"


async def test_unmuting_starts_with_what_comes_then(team: Team) -> None:
    await team.say('mute author:"evan hubinger"')
    assert await team.morning(BY_HIM, AGENTS) is not None
    assert 'No longer muted: author:"evan hubinger"' in await team.say('unmute author:"Evan Hubinger"')

    then = await team.morning(BOTH)
    assert then is not None
    assert titles(then) == ["Deceptive agents"]


async def test_what_no_digest_has_counted_comes_after_unmuting(team: Team) -> None:
    await team.say('mute author:"evan hubinger"')
    assert await team.morning(BY_HIM) is None
    assert "Nothing new" in await team.say("preview")
    await team.say("unmute all")

    then = await team.morning(AGENTS)
    assert then is not None
    assert sorted(titles(then)) == ["Agents that plan", "Sleepers"]


async def test_another_topic_still_brings_a_muted_paper(team: Team) -> None:
    await team.say('mute author:"evan hubinger"')
    assert await team.morning(BY_HIM, AGENTS) is not None
    await team.say("subscribe sleepers")

    voted = replace(BY_HIM, signals=Signals(upvotes=30))
    again = await team.morning(voted, source="huggingface")
    assert again is not None
    assert titles(again) == ["Sleepers"]


async def test_a_silent_topic_is_said_with_the_way_out(team: Team) -> None:
    await team.say("subscribe emergent misalignment")
    answer = await team.say("mute emergent misalignment")
    assert "Nothing remains of #2 emergent misalignment" in answer
    assert "unsubscribe #2" in answer
    assert "all of it muted" in await team.say("list")
    assert "Muted: emergent misalignment" in await team.say("list")
    assert "#2 emergent misalignment" in await team.say("mute")


async def test_what_is_muted_is_listed_and_let_go(team: Team) -> None:
    assert "Nothing is muted in this channel" in await team.say("mute")
    await team.say("mute agents")
    await team.say("mute agents")
    listed = await team.say("mute")
    assert "1 clause muted here" in listed
    assert "by ann" in listed
    assert "unmute agents" in listed
    assert "“owls” is not muted here" in await team.say("unmute owls")
    assert "No longer muted: agents" in await team.say("unmute all")
    assert "Nothing is muted in this channel" in await team.say("unmute all")


async def test_a_clause_that_no_topic_has_is_refused(team: Team) -> None:
    answer = await team.say("mute speech enhancement")
    assert "No topic of this channel has the clause “speech enhancement”" in answer
    assert "`/papers search mute speech enhancement`".replace("`", "") in answer
    assert 'author:"evan hubinger"' in answer


async def test_who_may_change_a_subscription_may_mute_it(team: Team) -> None:
    await team.say("settings policy:creators", ADMIN)
    assert "Only an admin or the person who subscribed" in await team.say("mute agents", BEN)
    assert "Nothing is muted" in await team.say("mute", BEN)
    assert "Muted: agents" in await team.say("mute agents")
    assert "Only an admin or the person who subscribed" in await team.say("unmute agents", BEN)
    assert "No longer muted" in await team.say("unmute agents", ADMIN)


async def test_the_rest_of_a_digest_leaves_out_what_is_muted_since(team: Team) -> None:
    await team.say("settings limit:1")
    first = await team.morning(BY_HIM, AGENTS)
    assert first is not None
    [shown] = titles(first)
    hidden = "Sleepers" if shown == "Agents that plan" else "Agents that plan"
    assert hidden in await team.say("show more")
    await team.say("mute agents" if hidden == "Agents that plan" else 'mute author:"Evan Hubinger"')
    assert "Nothing more to show" in await team.say("show more")


async def test_a_paper_in_full_offers_what_would_bring_it(team: Team) -> None:
    await team.morning(BOTH)
    shown = await team.say("show 2510.00002")
    assert 'mute author:"evan hubinger"' in shown
    assert "mute agents" in shown
    assert "save arxiv:2510.00002" in shown
