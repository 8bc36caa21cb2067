"""A server's day with the bundled sample, on the local Discord: what the app itself sends is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bot.bootstrap import sample_source
from bot.demo import tour
from bot.services.ingest import store_batch
from docs.pictures.discord_parts import Names, Payload
from tests.adapters.discord.wire_app import Paperboy, paperboy_on
from tests.apps import SetClock
from tests.standins.discord_standin import DiscordStandin

PLACE = "papers"


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: a message in a channel, or a form."""

    place: str
    payload: Payload
    user: str = ""
    typed: str = ""
    """The command whose answer it is; only its user sees that."""
    names: Names = field(default_factory=dict)


async def scenes(folder: Path) -> Mapping[str, Scene]:
    """The scenes by the names of their pictures; `folder` takes the database."""
    clock = SetClock("2025-10-09T17:00")
    async with DiscordStandin() as discord, paperboy_on(discord, folder, clock) as paperboy:
        await _store(paperboy, None)
        clock.set("2025-10-09T18:00")
        first, _, last = tour.SUBSCRIBED
        for text in (first, last):
            await discord.ask("papers", {"query": text})
        clock.set("2025-10-10T09:00")
        await _store(paperboy, tour.DAY)
        await paperboy.rounds.post_digests()
        [digest] = discord.messages()
        found = await discord.ask("papers", {"query": tour.SEARCHED})
        listed = await discord.ask("subscriptions")
        await discord.press("Edit", within=listed)
        [form] = discord.world.modals
        assert discord.violations == [], discord.violations
    names = {user: facts["username"] for user, facts in discord.world.users.items()}
    ann = names[discord.user]
    return {
        "digest": Scene(PLACE, digest, names=names),
        "search": Scene(PLACE, found, ann, f"/papers query: {tour.SEARCHED}", names),
        "list": Scene(PLACE, listed, ann, "/subscriptions", names),
        "modal": Scene(PLACE, form["data"], names=names),
    }


async def _store(paperboy: Paperboy, day: date | None) -> None:
    """The sample's papers of a day; without one, those of all days before the tour's."""
    for name in tour.SOURCES:
        source = sample_source(Path(tour.__file__).with_name(f"{name}.jsonl"), name)
        async for batch in source.fetch(day):
            if day or batch.day < tour.DAY:
                store_batch(paperboy.app.database, batch, paperboy.app.clock)
