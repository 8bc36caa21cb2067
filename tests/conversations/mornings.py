"""A team in a channel: what it says, and its mornings one after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from adapters.terminal.render import render_message
from bot.bootstrap import App
from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.messages.blocks import Message
from bot.papers.paper import Paper
from tests.apps import ListedSource, SetClock, an_app, batch
from tests.conversations.chat import Chat

ANN = Caller(Address("terminal", "team"), "ann")
BEN = Caller(Address("terminal", "team"), "ben")
ADMIN = Caller(Address("terminal", "team"), "ada", is_admin=True)


class Team:
    """A channel with one topic: its mornings, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock("2025-10-05T18:00")
        self.app: App = an_app(folder, self.clock)
        self.day = 5
        self.chat = Chat("terminal")

    async def say(self, text: str, caller: Caller = ANN) -> str:
        return said(await self.app.front_door().answer(text, caller))

    async def morning(self, *papers: Paper, source: str = "arxiv") -> Message | None:
        """The digest of the next day, on which these papers are announced."""
        before = len(self.chat.got)
        await self.announced(*papers, source=source)
        self.clock.set(f"2025-10-{self.day:02}T09:00")
        await replace(self.app.make_rounds(), platforms={"terminal": self.chat}).post_digests()
        assert not self.chat.told
        return self.chat.got[-1] if len(self.chat.got) > before else None

    async def announced(self, *papers: Paper, source: str = "arxiv") -> None:
        """The next day, on which these papers are announced, early in the morning."""
        self.day += 1
        listed = ListedSource(source, batch(source, f"2025-10-{self.day:02}", papers))
        self.clock.set(f"2025-10-{self.day:02}T06:00")
        await replace(self.app.make_rounds(), sources=[listed]).ingest_all()


def said(message: Message) -> str:
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(render_message(message))
    return capture.get()
