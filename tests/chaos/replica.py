"""A replica's process: `paperboy run --role deliver` as it is, but that it waits less long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta

from adapters.discord.places import NAME as DISCORD
from adapters.slack.places import NAME as SLACK
from bot.bootstrap import App, build, serve
from bot.delivery.retry import RetryTiming
from bot.process import Work
from bot.services.rounds import Rounds
from bot.settings import Settings
from tests.chaos.api import Door

HASTY = RetryTiming(lease=timedelta(seconds=5), first_retry=timedelta(seconds=1))


class _Hasty(App):
    """An app whose leases and retries are short."""

    def make_rounds(self) -> Rounds:
        """The rounds of the app."""
        return replace(super().make_rounds(), patience=HASTY)


@dataclass(frozen=True, slots=True)
class Replica:
    """Where a replica finds its database and its platforms."""

    database: str
    doors: Mapping[str, Door]
    health_port: int = 0

    def settings(self) -> Settings:
        """As an environment would say it."""
        slack, discord = self.doors[SLACK], self.doors[DISCORD]
        told = {
            "database_url": self.database,
            "slack_bot_token": slack.token,
            "slack_api_url": slack.url,
            "discord_token": discord.token,
            "discord_api_url": discord.url,
            "sources": "",
            "health_port": self.health_port,
            "log_level": "error",
        }
        return Settings.model_validate(told | {"_env_file": None})


def deliver(replica: Replica) -> None:
    """The process of a replica."""
    app = build(replica.settings())
    asyncio.run(serve(_Hasty(*(getattr(app, one.name) for one in fields(app))), {Work.DELIVER}))
