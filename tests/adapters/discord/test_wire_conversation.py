"""A server's life with Paperboy on Discord, over real HTTP and a real WebSocket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.adapters.a_day import AGENTS, MANY, post_the_day
from tests.adapters.discord.wire_app import Paperboy, paperboy_on, text_of
from tests.apps import ListedSource, SetClock, batch, paper
from tests.standins.discord_limits import walk
from tests.standins.discord_standin import DiscordStandin

MENU = 3
BLUE, GREY = 1, 2
"""https://discord.com/developers/docs/components/reference#button-button-styles"""


async def test_from_install_to_unsubscribing(
    discord: DiscordStandin, paperboy: Paperboy, clock: SetClock, arxiv: ListedSource
) -> None:
    assert discord.gateway.intents == {1}, "it hears of servers, and reads no message"
    assert "Paperboy" in text_of(await discord.ask("help"))
    subscribed = await discord.ask("subscribe", {"topic": '"emergent misalignment"'})
    assert "10 October 09:00" in text_of(subscribed)
    assert "Nothing new" in text_of(await discord.ask("preview"))
    assert discord.messages() == [], "all of it was said to one person"

    await post_the_day(paperboy, clock, arxiv)
    [digest] = discord.messages()
    assert "Emergent misalignment in small models" in text_of(digest)
    assert "Agents that plan" not in text_of(digest)
    assert "2 announced, 1 matched, 1 shown, complete" in text_of(digest)
    await paperboy.rounds.post_digests()
    assert discord.messages() == [digest], "a day is posted once"

    found = await discord.ask("papers", {"query": "agents"})
    assert "Agents that plan" in text_of(found)
    await discord.answer_to(await discord.press("Subscribe to this"))
    assert "2 subscriptions" in text_of(await discord.ask("subscriptions"))
    [offered] = await discord.autocomplete("unsubscribe", "which", "agents")
    gone = await discord.ask("unsubscribe", {"which": offered["value"]})
    assert "Unsubscribed from agents" in text_of(gone)
    await discord.ask("unsubscribe", {"which": "#1"})
    assert "Nothing is subscribed here" in text_of(await discord.ask("subscriptions"))


async def test_a_paper_of_the_digest_is_offered_by_its_title(
    discord: DiscordStandin, paperboy: Paperboy, clock: SetClock, arxiv: ListedSource
) -> None:
    await discord.ask("subscribe", {"topic": "agents OR owls"})
    long = paper(5, f"Owls\u202e{' and owls' * 40}")
    arxiv.batches = [batch("arxiv", "2025-10-09", [*MANY, long])]
    await paperboy.rounds.ingest_all()
    await post_the_day(paperboy, clock, arxiv)
    offered = await discord.autocomplete("like", "paper", "")
    assert {one["name"] for one in offered[:2]} == {"Agents that plan", f"Owls{' and owls' * 10} and…"}
    [agents] = [one for one in offered if one["name"] == "Agents that plan"]
    assert "👍 noted" in text_of(await discord.ask("like", {"paper": agents["value"]}))
    assert await discord.autocomplete("unlike", "paper", "plan") == [agents]
    [saved] = await discord.autocomplete("save", "paper", "agents")
    await discord.ask("save", {"paper": saved["value"]})
    assert await discord.autocomplete("unsave", "paper", "") == [saved]
    assert await discord.autocomplete("unsave", "paper", "", user=discord.other) == []


async def test_a_search_is_paged_and_shared(
    discord: DiscordStandin, paperboy: Paperboy, arxiv: ListedSource
) -> None:
    arxiv.batches = [batch("arxiv", "2025-10-09", MANY)]
    await paperboy.rounds.ingest_all()
    first = await discord.ask("papers", {"query": "emergent"})
    assert "page 1 of" in text_of(first)
    second = await discord.answer_to(await discord.press("Next page", within=first))
    assert second is first, "the page is turned in place"
    assert "page 2 of" in text_of(second)
    back = await discord.answer_to(await discord.press("Previous page", within=first))
    assert back is first, "so is it back"
    assert "page 1 of" in text_of(back)
    assert "Previous page" not in text_of(back)
    await discord.answer_to(await discord.press("Next page", within=first))
    assert discord.messages() == []
    shared = await discord.answer_to(await discord.press("Share to channel"))
    assert discord.messages() == [shared]
    assert "Emergent thing" in text_of(shared)


async def test_what_stands_out_is_to_subscribe(
    discord: DiscordStandin, paperboy: Paperboy, arxiv: ListedSource
) -> None:
    arxiv.batches = [batch("arxiv", "2025-10-09", MANY)]
    await paperboy.rounds.ingest_all()
    found = await discord.ask("papers", {"query": "emergent"})
    styles = {one["label"]: one["style"] for _, one in walk(found["components"]) if "label" in one}
    assert styles == {"Next page": GREY, "Subscribe to this": BLUE, "Share to channel": GREY}


async def test_the_reading_list_is_turned_in_place(
    discord: DiscordStandin, paperboy: Paperboy, arxiv: ListedSource
) -> None:
    arxiv.batches = [batch("arxiv", "2025-10-09", MANY)]
    await paperboy.rounds.ingest_all()
    for one in MANY[:8]:
        await discord.ask("save", {"paper": str(one.id)})
    first = await discord.ask("saved")
    assert "page 1 of 2" in text_of(first)
    for button, page in (("Next page", "page 2 of 2"), ("Previous page", "page 1 of 2")):
        turned = await discord.answer_to(await discord.press(button, within=first))
        assert turned is first
        assert page in text_of(turned)


async def test_a_form_changes_a_subscription(discord: DiscordStandin, paperboy: Paperboy) -> None:
    await discord.ask("subscribe", {"topic": "agents"})
    await discord.ask("subscriptions")
    ack = await discord.press("Edit")
    assert ack.kind == 9
    said = await discord.answer_to(await discord.submit({"Topic": "agents planning", "Time": "8:30"}))
    assert "agents planning" in text_of(said)
    assert "8:30" in text_of(await discord.ask("subscriptions"))


async def test_buttons_and_forms_outlive_a_restart(
    discord: DiscordStandin, tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> None:
    async with paperboy_on(discord, tmp_path, clock, arxiv) as paperboy:
        await discord.ask("subscribe", {"topic": "agents"})
        await post_the_day(paperboy, clock, arxiv)
        found = await discord.ask("papers", {"query": "agents"})
        listed = await discord.ask("subscriptions")
        await discord.press("Edit", within=listed)
    put = len(discord.called("PUT /applications/{application}/commands"))
    async with paperboy_on(discord, tmp_path, clock, arxiv):
        [digest] = discord.messages()
        assert "Agents that plan" in text_of(digest)
        turned = await discord.answer_to(await discord.press("Share to channel", within=found))
        assert "Agents that plan" in text_of(turned)
        said = await discord.answer_to(await discord.submit({"Topic": "planning"}))
        assert "planning" in text_of(said)
        gone = await discord.answer_to(await discord.press("Pause", within=listed))
        assert "no such subscription" in text_of(gone)
    assert len(discord.called("PUT /applications/{application}/commands")) == put, "the commands are the same"


@pytest.mark.parametrize("style", ["components", "embeds"])
async def test_a_papers_menu_outlives_a_restart(
    discord: DiscordStandin, tmp_path: Path, clock: SetClock, arxiv: ListedSource, style: str
) -> None:
    async with paperboy_on(discord, tmp_path, clock, arxiv, discord_style=style) as paperboy:
        await discord.ask("subscribe", {"topic": "agents OR misalignment"})
        await post_the_day(paperboy, clock, arxiv)
    [digest] = discord.messages()
    async with paperboy_on(discord, tmp_path, clock, arxiv, discord_style=style) as paperboy:
        if style == "embeds":
            # One menu for all cards: the paper in full has the actions as buttons.
            paper = await chosen(discord, digest, AGENTS.title)
            assert "We plan with tools." in text_of(paper)
            await discord.answer_to(await discord.press("Save", within=paper))
            muted = await discord.answer_to(await discord.press("Mute agents", within=paper))
        else:
            assert "We plan with tools." in text_of(await chosen(discord, digest, "In full"))
            assert "@misc{" in text_of(await chosen(discord, digest, "BibTeX"))
            await chosen(discord, digest, "Save")
            rated = await chosen(discord, digest, "👎 Not for this channel", user=discord.other)
            assert "👎 noted" in text_of(rated), "everybody may"
            assert "ranked by 1 vote from 1 person" in text_of(await discord.ask("subscriptions"))
            refused = await chosen(discord, digest, "Mute agents", user=discord.other)
            assert "Only admins" in text_of(refused)
            muted = await chosen(discord, digest, "Mute agents")
        assert "Agents that plan" in text_of(await discord.ask("saved"))
        assert "Muted: agents" in text_of(muted)
        assert "Unmute agents" in text_of(await discord.ask("subscriptions"))
        await discord.answer_to(await discord.press("Undo", within=muted))
        assert "Unmute" not in text_of(await discord.ask("subscriptions"))


async def chosen(discord: DiscordStandin, message: Any, option: str, user: str = "") -> dict[str, Any]:
    """The answer to an option of the last menu that has it."""
    menus = [one for _, one in walk(message["components"]) if one["type"] == MENU]
    [*_, menu] = [one for one in menus if option in {each["label"] for each in one["options"]}]
    ack = await discord.choose(menu["custom_id"], option, within=message, user=user)
    said: dict[str, Any] = await discord.answer_to(ack)
    return said


async def test_a_list_tells_all_that_holds_a_subscription_back(
    discord: DiscordStandin, paperboy: Paperboy
) -> None:
    for topic in ("agents", "owls", "larks"):
        await discord.ask("subscribe", {"topic": topic})
    await discord.ask("pause", {"which": "#1"})
    await discord.ask("pause", {"which": "#2", "until": "2025-12-01"})
    await discord.ask("mute", {"clause": "larks"})
    listed = text_of(await discord.ask("subscriptions"))
    assert "**paused**" in listed
    assert "**delivered from 2025-12-01 on**" in listed
    assert "**all of it muted**" in listed


async def test_somebody_without_the_permission(discord: DiscordStandin, paperboy: Paperboy) -> None:
    ack = await discord.command("subscribe", {"topic": "agents"}, user=discord.other, anyway=True)
    assert "Only admins may subscribe" in text_of(await discord.answer_to(ack))


async def test_embeds_where_a_setting_asks_for_them(
    discord: DiscordStandin, tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> None:
    async with paperboy_on(discord, tmp_path, clock, arxiv, discord_style="embeds") as paperboy:
        await discord.ask("subscribe", {"topic": "agents"})
        await post_the_day(paperboy, clock, arxiv)
        [digest] = discord.messages()
        assert digest["embeds"]
        assert "Agents that plan" in text_of(digest)
        assert "Agents that plan" in text_of(await discord.ask("papers", {"query": "agents"}))
