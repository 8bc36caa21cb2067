"""A team's day with the bundled sample, on the local Slack: what the app itself sends is what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.bootstrap import sample_source
from bot.demo import tour
from bot.services.ingest import store_batch
from docs.pictures.blocks import Names, Payload
from tests.adapters.slack.socket_app import Paperboy, paperboy_on
from tests.apps import SetClock
from tests.standins.slack import USER, SlackStandin
from tests.standins.slack_workspace import Place

FULL, COMPACT = Place("C0PAPERS", "papers", members={USER}), Place("C0LAB", "lab", members={USER})


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: what stands in a place of Slack, a message or a view each."""

    place: str
    """`#channel`, or the title of the window."""
    payloads: tuple[Payload, ...]
    typed: str = ""
    """What somebody typed to see it."""
    replies: tuple[Payload, ...] = ()
    """What stands in the message's thread."""
    ephemeral: bool = False
    names: Names = field(default_factory=Names)


async def scenes(folder: Path) -> dict[str, Scene]:
    """The scenes by the names of their pictures; `folder` takes the database."""
    clock = SetClock("2025-10-09T17:00")
    async with SlackStandin() as slack, paperboy_on(slack, folder, clock) as paperboy:
        slack.space.add_place(FULL)
        slack.space.add_place(COMPACT)
        await _store(paperboy, None)
        clock.set("2025-10-09T18:00")
        await _subscribe(slack)
        modal = await _modal(slack)
        clock.set("2025-10-10T09:00")
        await _store(paperboy, tour.DAY)
        await paperboy.rounds.post_digests()
        found = _posted(slack) | await _asked(slack) | {"modal": modal}
        assert slack.violations == [], slack.violations
    names = Names(
        {user: facts["name"] for user, facts in slack.space.users.items()},
        {place.id: place.name for place in slack.space.places.values()},
    )
    return {name: replace(scene, names=replace(names, state=_state(scene))) for name, scene in found.items()}


async def _store(paperboy: Paperboy, day: date | None) -> None:
    """The sample's papers of a day; without one, those of all days before the tour's."""
    for name in tour.SOURCES:
        source = sample_source(Path(tour.__file__).with_name(f"{name}.jsonl"), name)
        async for batch in source.fetch(day):
            if day or batch.day < tour.DAY:
                store_batch(paperboy.app.database, batch, paperboy.app.clock)


async def _subscribe(slack: SlackStandin) -> None:
    first, agents, last = tour.SUBSCRIBED
    for text in (first, last):
        await slack.ask(text, channel=FULL.id)
    for text in (first, agents):
        await slack.ask(text, channel=COMPACT.id)
    await slack.ask("settings layout:compact", channel=COMPACT.id)


def _posted(slack: SlackStandin) -> dict[str, Scene]:
    whole, (first, *rest) = slack.messages(FULL.id), slack.messages(COMPACT.id)
    return {
        "digest": Scene("#papers", tuple(whole)),
        "compact": Scene("#lab", (first,), replies=tuple(rest)),
    }


async def _asked(slack: SlackStandin) -> dict[str, Scene]:
    await slack.ask(tour.SUBSCRIBED[1], channel=FULL.id)
    await slack.ask("pause #5", channel=FULL.id)
    answers = {name: await slack.ask(text, channel=FULL.id) for name, text in _TYPED.items()}
    for text in ("mute title:image", "save 2510.08211"):
        await slack.ask(text, channel=FULL.id)
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    said = {
        name: Scene("#papers", (answer,), typed=f"/papers {_TYPED[name]}", ephemeral=True)
        for name, answer in answers.items()
    }
    return said | {"home": Scene("Paperboy", (slack.space.homes[USER],))}


_TYPED = {"search": tour.SEARCHED, "list": "list"}


async def _modal(slack: SlackStandin) -> Scene:
    await slack.command("subscribe", channel=FULL.id)
    await slack.until(lambda: bool(slack.space.views))
    slack.fill({"topic": '"in-context learning"'})
    await slack.press("Preview")
    await slack.until(lambda: bool(slack.called("views.update")))
    return Scene("Subscribe", tuple(slack.space.views.values()))


def _state(scene: Scene) -> Mapping[str, str]:
    """What was typed into a modal's inputs."""
    values: Mapping[str, Any] = scene.payloads[0].get("state", {}).get("values", {})
    typed = ((name, one.get("value")) for inputs in values.values() for name, one in inputs.items())
    return {name: text for name, text in typed if text}
