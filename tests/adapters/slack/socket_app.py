"""A whole Paperboy on the local Slack, in Socket Mode: the real store, commands, rounds, Bolt and socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from adapters.slack.scopes import SCOPES
from adapters.slack.slack_service import Slack
from bot.bootstrap import App
from bot.ports.sources import Source
from bot.services.rounds import Rounds
from tests.apps import SetClock, an_app
from tests.standins.slack import SlackStandin


@dataclass(frozen=True, slots=True)
class Paperboy:
    """Running. A test sets the clock and turns the rounds."""

    app: App
    rounds: Rounds


@asynccontextmanager
async def paperboy_on(
    slack: SlackStandin, folder: Path, clock: SetClock, *sources: Source
) -> AsyncIterator[Paperboy]:
    """Serve `slack` from a database in `folder`, installed with the scopes of the manifest."""
    slack.space.scopes = tuple(SCOPES)
    app = an_app(folder, clock, *sources)
    tokens = {
        "slack_bot_token": SecretStr(slack.bot_token),
        "slack_app_token": SecretStr(slack.app_token),
        "slack_api_url": slack.url,
    }
    adapter = Slack(app.settings.model_copy(update=tokens), app.database, clock)
    rounds = replace(app.make_rounds(), platforms={"slack": adapter.platform}, wait=timedelta(0))
    async with adapter.open_service(app.front_door()):
        await slack.sockets.wait()
        yield Paperboy(app, rounds)
    app.database.close()
