"""The platforms that post and answer in chat: a new one is a package here, its settings, and a row below.

What a row builds is imported when it is built: the SDKs are most of a short command's time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from adapters.slack.required_settings import is_asked
from bot.commands.chat_service import ChatService
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.services.doctor import Finding
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """One platform. Its name is that of its addresses, and of the role of the processes that answer there."""

    name: str
    is_asked: Callable[[Settings], bool]
    """Whether any setting asks for it."""
    build: Callable[[Settings, Store, Clock], ChatService]
    examine: Callable[[Settings], AsyncIterator[Finding]]
    """What the doctor finds by asking the platform."""


def _slack(settings: Settings, store: Store, clock: Clock) -> ChatService:
    from adapters.slack.slack_service import Slack  # noqa: PLC0415

    return Slack(settings, store, clock)


def _examine_slack(settings: Settings) -> AsyncIterator[Finding]:
    from adapters.slack.slack_doctor import examine_slack  # noqa: PLC0415

    return examine_slack(settings)


def _discord(settings: Settings, store: Store, clock: Clock) -> ChatService:
    from adapters.discord.discord_service import Discord  # noqa: PLC0415

    return Discord(settings, store, clock)


def _examine_discord(settings: Settings) -> AsyncIterator[Finding]:
    from adapters.discord.discord_doctor import examine_discord  # noqa: PLC0415

    return examine_discord(settings)


PLATFORMS = (
    PlatformRow("slack", is_asked, _slack, _examine_slack),
    PlatformRow("discord", lambda settings: bool(settings.discord_token), _discord, _examine_discord),
)
