"""A whole Paperboy on the local Discord: the real store, commands, rounds, discord.py, HTTP and WebSocket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from adapters.discord.discord_service import Discord
from bot.bootstrap import App
from bot.ports.sources import Source
from bot.services.rounds import Rounds
from tests.apps import SetClock, an_app
from tests.standins.discord_limits import walk
from tests.standins.discord_standin import DiscordStandin

_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Paperboy:
    """Running. A test sets the clock and turns the rounds."""

    app: App
    rounds: Rounds
    discord: Discord


@asynccontextmanager
async def paperboy_on(
    standin: DiscordStandin, folder: Path, clock: SetClock, *sources: Source, **more: Any
) -> AsyncIterator[Paperboy]:
    """Serve `standin` from a database in `folder`; `more` are settings."""
    app = an_app(folder, clock, *sources)
    set_up = {"discord_token": SecretStr(standin.token), "discord_api_url": standin.url, **more}
    discord = Discord(app.settings.model_copy(update=set_up), app.database, clock)
    rounds = replace(app.make_rounds(), platforms={"discord": discord.platform}, wait=timedelta(0))
    before = standin.gateway.identified
    async with discord.open_service(app.front_door()):
        # The shards of one process; another's are already there.
        shards = len(more.get("discord_shard_ids", ())) or standin.shards
        await standin.gateway.until(lambda: standin.gateway.identified - before >= shards, 20)
        yield Paperboy(app, rounds, discord)
    app.database.close()


def text_of(message: dict[str, Any]) -> str:
    """What a message shows: content, embeds, texts of components, labels; Markdown without its escapes."""
    parts = [message["content"], *(text for embed in message["embeds"] for text in _embed(embed))]
    for _, one in walk(message["components"]):
        parts += [str(one.get(name)) for name in ("content", "label", "url") if one.get(name)]
        parts += [option["label"] for option in one.get("options") or []]
    return _ESCAPED.sub(r"\1", "\n".join(parts))


def texts_of(messages: list[dict[str, Any]]) -> str:
    """What messages show."""
    return "\n".join(text_of(one) for one in messages)


def _embed(embed: dict[str, Any]) -> Iterator[str]:
    yield from (str(embed[name]) for name in ("title", "url", "description") if embed.get(name))
    yield (embed.get("footer") or {}).get("text", "")
    for field in embed.get("fields") or []:
        yield f"{field['name']}\n{field['value']}"
