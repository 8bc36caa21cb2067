"""Paperboy on Discord for a test: the real store and commands, answering a simulated Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
from pydantic import SecretStr
from simcord.env import Env
from simcord.results import InteractionResult, ResponseMessage

from adapters.discord.commands import sync_commands
from adapters.discord.discord_service import Discord
from bot.bootstrap import App
from bot.ports.sources import Source
from bot.settings import Settings
from tests.adapters.discord.discord_messages import objects
from tests.adapters.discord.simulated import simulated
from tests.apps import SetClock, an_app


def a_service(app: App, **more: Any) -> Discord:
    """Discord, as a process of Paperboy sets it up."""
    settings = Settings(_env_file=None, discord_token=SecretStr("a.token.here"), **more)
    return Discord(settings, app.database, app.clock)


@asynccontextmanager
async def on_discord(
    folder: Path, clock: SetClock, *sources: Source, **more: Any
) -> AsyncIterator[tuple[App, Env]]:
    """Paperboy, logged in and with its commands in place."""
    app = an_app(folder, clock, *sources)
    service = a_service(app, **more)
    service.wire(app.front_door())
    async with simulated(service.client) as env:
        assert await sync_commands(service.client)
        yield replace(app, chats={"discord": service}), env
    app.database.close()


def answered(result: InteractionResult) -> list[ResponseMessage]:
    """All messages of an answer."""
    first = [result.response] if result.response else []
    return [*first, *result.followups]


def reading(*messages: ResponseMessage | discord.Message) -> str:
    """The text of messages as it is read: without the backslashes of its Markdown."""
    return "\n".join(line.replace("\\", "") for message in messages for line in _texts(message))


def _texts(message: ResponseMessage | discord.Message) -> list[str]:
    described = [embed.description or "" for embed in message.embeds]
    return described + [one["content"] for one in shown(message) if one["type"] == 10]


def shown(message: ResponseMessage | discord.Message) -> list[dict[str, Any]]:
    """Every component of a message."""
    rows = message.components
    payload = [one if isinstance(one, dict) else one.to_dict() for one in rows]
    return list(objects(payload))
