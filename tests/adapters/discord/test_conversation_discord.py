"""A server's life with Paperboy, through the real discord.py: invite, subscribe, digest, buttons, restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle, UserHandle
from simcord.env import Env

from bot.bootstrap import App
from tests.adapters.discord.discord_app import a_service, answered, on_discord, reading, shown
from tests.apps import ListedSource, SetClock, batch, paper

PAPERS = [paper(n, f"Emergent misalignment, part {n}", "Finetuning narrows.") for n in range(1, 8)]


@pytest.fixture
async def both(tmp_path: Path, clock: SetClock, arxiv: ListedSource) -> AsyncIterator[tuple[App, Env]]:
    async with on_discord(tmp_path, clock, arxiv) as both:
        yield both


@pytest.fixture
def app(both: tuple[App, Env]) -> App:
    return both[0]


@pytest.fixture
def env(both: tuple[App, Env]) -> Env:
    return both[1]


@pytest.fixture
def guild(env: Env) -> GuildHandle:
    return env.create_guild()


@pytest.fixture
def channel(guild: GuildHandle) -> ChannelHandle:
    return guild.create_text_channel("papers")


@pytest.fixture
def ann(env: Env, guild: GuildHandle) -> MemberActor:
    """She may manage channels."""
    role = guild.create_role("leads", permissions=discord.Permissions(manage_channels=True))
    return guild.add_member(env.create_user("ann"), roles=[role])


@pytest.fixture
def bob(env: Env, guild: GuildHandle) -> MemberActor:
    return guild.add_member(env.create_user("bob"))


async def a_day(app: App, clock: SetClock, arxiv: ListedSource, day: str = "2025-10-10") -> None:
    arxiv.batches = [batch("arxiv", day, PAPERS)]
    clock.set(f"{day}T09:00")
    await app.make_rounds().ingest_all()
    await app.make_rounds().post_digests()


async def test_from_the_invitation_to_the_last_button(
    app: App,
    env: Env,
    channel: ChannelHandle,
    ann: MemberActor,
    clock: SetClock,
    arxiv: ListedSource,
) -> None:
    said = await ann.slash(channel, "subscribe", topic="emergent misalignment", at="9", days="daily")
    assert said.ephemeral
    assert "Subscribed" in reading(*answered(said))
    assert "Fri 10 October 09:00" in reading(*answered(said))

    await a_day(app, clock, arxiv)
    [digest] = channel.history()
    assert "7 papers for Friday 10 October 2025" in reading(digest)
    assert "part 7" in reading(digest)
    await app.make_rounds().post_digests()
    assert len(channel.history()) == 1, "the same day is posted once"

    found = await ann.slash(channel, "papers", query="misalignment")
    [answer] = answered(found)
    assert answer.ephemeral
    turned = await ann.click(answer, label="Next page")
    [turned_to] = answered(turned)
    assert turned_to.id == answer.id, "the page is turned in place"
    assert "page 2 of 2" in reading(turned_to)

    await env.restart_bot(_restarted(app))
    shared = await ann.click(turned_to, label="Share to channel")
    assert not shared.ephemeral
    assert "Shared from" in reading(*answered(shared))

    gone = await ann.slash(channel, "unsubscribe", which="#1")
    assert "Unsubscribed from" in reading(*answered(gone))
    assert "Nothing is subscribed here" in reading(*answered(await ann.slash(channel, "subscriptions")))


def _restarted(app: App) -> discord.Client:
    service = a_service(app)
    service.wire(app.front_door())
    return service.client


async def test_the_list_is_changed_in_place(channel: ChannelHandle, ann: MemberActor) -> None:
    await ann.slash(channel, "subscribe", topic="agents")
    [listed] = answered(await ann.slash(channel, "subscriptions"))
    assert f"<@{ann.id}>" in reading(listed)

    form = await ann.click(listed, label="Edit")
    assert form.modal is not None
    new = {"topic": "planning agents", "days": "mon,thu", "at": "8:30", "tz": "Europe/Berlin"}
    assert "Subscribed" in reading(*answered(await ann.submit_modal(form, new)))
    after = reading(*answered(await ann.slash(channel, "subscriptions")))
    assert "planning agents" in after
    assert "mon,thu, by" in after

    late = await ann.click(listed, label="Edit")
    assert "no longer works" in reading(*answered(late))
    assert "no such subscription" in reading(*answered(await ann.click(listed, label="Pause")))


async def test_a_form_that_is_wrong_says_so(channel: ChannelHandle, ann: MemberActor) -> None:
    await ann.slash(channel, "subscribe", topic="agents")
    [listed] = answered(await ann.slash(channel, "subscriptions"))
    form = await ann.click(listed, label="Edit")

    wrong = {"topic": "agents OR OR", "days": "mon,thu", "at": "8:30", "tz": "Europe/Berlin"}
    assert "```" in reading(*answered(await ann.submit_modal(form, wrong)))
    assert "daily" in reading(*answered(await ann.slash(channel, "subscriptions")))


async def test_long_queries_keep_their_buttons(
    app: App, channel: ChannelHandle, ann: MemberActor, clock: SetClock, arxiv: ListedSource
) -> None:
    await a_day(app, clock, arxiv)
    query = "misalignment " + " ".join(f'-"no such phrase number {n}"' for n in range(9))
    [answer] = answered(await ann.slash(channel, "papers", query=query))
    assert "page 1 of 2" in reading(answer)

    [turned] = answered(await ann.click(answer, label="Next page"))
    assert "page 2 of 2" in reading(turned)
    subscribed = await ann.click(turned, label="Subscribe to this")
    assert "no such phrase number 8" in reading(*answered(subscribed))


async def test_a_papers_menu(
    app: App, channel: ChannelHandle, ann: MemberActor, clock: SetClock, arxiv: ListedSource
) -> None:
    await ann.slash(channel, "subscribe", topic="emergent misalignment")
    await a_day(app, clock, arxiv)
    [digest] = channel.history()
    menus = [one for one in shown(digest) if one["type"] == 3]
    assert len(menus) == len(PAPERS)
    chosen = next(one["value"] for one in menus[0]["options"] if "bibtex" in one["value"])
    result = await ann.select(digest, [chosen], custom_id=menus[0]["custom_id"])
    assert result.ephemeral
    assert "@misc" in reading(*answered(result))


async def test_who_may_not_manage_the_channel_reads_and_does_not_change(
    channel: ChannelHandle, ann: MemberActor, bob: MemberActor
) -> None:
    assert {"papers", "subscriptions", "preview", "trending", "show", "help"} <= set(
        bob.available_commands(channel)
    )
    assert not {"subscribe", "unsubscribe", "settings"} & set(bob.available_commands(channel))
    typed = await bob.slash(channel, "papers", query="subscribe agents")
    assert "Only admins may subscribe" in reading(*answered(typed))
    [answer] = answered(await bob.slash(channel, "preview", topic="agents"))
    assert "Only admins may subscribe" in reading(*answered(await bob.click(answer, label="Subscribe")))

    await ann.slash(channel, "settings", policy="members")
    typed = await bob.slash(channel, "papers", query="subscribe agents")
    assert "Subscribed" in reading(*answered(typed))


async def test_options_are_completed(
    app: App, channel: ChannelHandle, ann: MemberActor, clock: SetClock, arxiv: ListedSource
) -> None:
    await ann.slash(channel, "subscribe", topic="agents")
    seven = [replace(one, categories=("cs.CL",), authors=("Ann Author",)) for one in PAPERS]
    arxiv.batches = [batch("arxiv", "2025-10-10", seven)]
    await app.make_rounds().ingest_all()

    async def offered(command: str, option: str, text: str) -> list[str]:
        return [one["value"] for one in await ann.autocomplete(channel, command, option, text)]

    assert await offered("unsubscribe", "which", "ag") == ["#1"]
    assert await offered("settings", "tz", "berl") == ["Europe/Berlin"]
    assert await offered("subscribe", "topic", "agents cat:cs.") == ["agents cat:cs.CL"]
    assert await offered("papers", "query", "author:aut") == ['author:"Ann Author"']
    assert await offered("preview", "topic", "") == ["agents"]
    assert "arxiv:2510.00003" in await offered("show", "paper", "misalignment")
    assert await offered("subscribe", "days", "week") == ["weekdays", "weekly"]
    assert await offered("help", "command", "sub") == ["subscribe", "unsubscribe"]


async def test_a_broken_channel_goes_on_when_access_is_back(
    app: App,
    env: Env,
    guild: GuildHandle,
    ann: MemberActor,
    clock: SetClock,
    arxiv: ListedSource,
) -> None:
    silent = discord.PermissionOverwrite(send_messages=False)
    channel = guild.create_text_channel("papers", overwrites={guild.default_role: silent})
    await ann.slash(channel, "subscribe", topic="emergent misalignment")
    await a_day(app, clock, arxiv)

    [told] = UserHandle(env, env.backend.get_user(ann.id)).dm_channel.history()
    assert "cannot be posted" in reading(told)
    assert "50013" in reading(told)

    env.backend.delete_overwrite(channel.id, guild.default_role.id)
    await env.settle()
    await app.make_rounds().post_digests()
    assert "7 papers" in reading(*channel.history())
