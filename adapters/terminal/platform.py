"""The terminal as a platform: digests are printed, and a prompt takes the same commands as chat does."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.text import Text as Line

from adapters.terminal.progress import IngestProgress, embedding_progress, ingest_progress
from adapters.terminal.render import render_message
from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.commands.grammar import command_text
from bot.delivery.rate_limits import NO_LIMITS
from bot.digests.compose import count_noun
from bot.errors import DeliveryError, UsageError
from bot.messages.blocks import Message
from bot.papers.text import clean_line
from bot.services.doctor import Finding

NAME = "terminal"
_LEAVE = {"exit", "quit", "q"}
_PLACE = re.compile(r"[\w.-]{1,64}")


class Terminal:
    """A `bot.ports.platform.Platform` that prints."""

    name = NAME
    pace = NO_LIMITS

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()

    def make_caller(self, place: str) -> Caller:
        """Whoever sits at the terminal: an admin, since they can reach the database anyway.

        Raises UsageError.
        """
        try:
            user = getpass.getuser()
        except (OSError, KeyError):
            user = "somebody"
        return Caller(self.make_address(place), user, is_admin=True)

    def make_address(self, place: str) -> Address:
        """The channel of this name.

        Raises UsageError where it is no plain name.
        """
        if not _PLACE.fullmatch(place):
            raise UsageError(
                f"“{clean_line(place)}” is not a valid channel name.",
                "Use up to 64 letters, digits, dots, dashes and underscores.",
            )
        return Address(NAME, place)

    def show_message(self, message: Message) -> None:
        """Print a message."""
        self.console.print(render_message(message))

    def open_chapter(self, title: str, text: str) -> None:
        """Open a part of the demo."""
        self.console.print()
        self.console.rule(Line(title, style="bold yellow"), align="left", style="yellow")
        self.console.print(Line(text, style="italic"))

    def show_typed(self, command: str) -> None:
        """Show what somebody types."""
        self.console.print(Line.assemble(("> /papers ", "bold cyan"), (command, "bold")))

    async def prepare(self, address: Address, message: Message, nonce: str) -> TerminalPosting:
        return TerminalPosting(self, address, message, nonce)

    async def tell(self, address: Address, user: str, message: Message) -> None:
        self.console.rule(f"{address} → {user}", style="dim")
        self.show_message(message)

    def show_ingest(self) -> AbstractContextManager[IngestProgress]:
        """Show an ingestion's progress while the block is open."""
        return ingest_progress(self.console)

    def show_embedding(self, papers: int) -> AbstractContextManager[Callable[[int], None]]:
        """Show how many of so many papers are embedded; the block is given what counts them."""
        return embedding_progress(self.console, papers)

    def print_embedded(self, papers: int, matched: int) -> None:
        """Print what came of embedding."""
        self.console.print(
            f"{count_noun(papers, 'paper')} embedded, {matched:,} matched by meaning", highlight=False
        )

    def print_finding(self, found: Finding) -> None:
        """Print one line of the doctor."""
        mark, style = ("✓", "green") if found.ok else ("✗", "bold red")
        line = Line.assemble((mark, style), f" {found.what}: {clean_line(found.detail)}")
        self.console.print(line, soft_wrap=True)

    def read_commands(self, answer: Callable[[str], Message]) -> None:
        """Read commands until the end of input, and show the answer to each.

        It waits in the caller's thread: only the main one can be interrupted.
        """
        while True:
            try:
                line = command_text(self.console.input("[bold cyan]/papers[/] "))
            except (EOFError, KeyboardInterrupt):
                self.console.print()
                return
            if line.lower() in _LEAVE:
                return
            self.show_message(answer(line))


@dataclass(frozen=True, slots=True)
class TerminalPosting:
    """A `bot.ports.platform.Posting` of one part, printed under its channel's name; the nonce is its id."""

    terminal: Terminal
    address: Address
    message: Message
    nonce: str
    parts: int = 1

    async def send(self, done: Sequence[str]) -> str:  # noqa: ARG002 - there is one part
        try:
            self.terminal.console.rule(Line(clean_line(str(self.address))), style="dim")
            self.terminal.show_message(self.message)
        except OSError as error:
            raise DeliveryError(f"The terminal cannot be written to: {error}.", permanent=False) from error
        return self.nonce

    async def find(self, since: datetime) -> Sequence[str]:  # noqa: ARG002 - no time helps
        # Nobody can tell what a terminal has shown.
        raise DeliveryError("A worker stopped while printing this.", permanent=False, unknown=True)
