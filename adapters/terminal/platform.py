"""The terminal as a platform: digests are printed, and a prompt takes the same commands as chat does."""

from __future__ import annotations

import getpass

from rich.console import Console

from adapters.terminal.render import render
from bot.channels.channel import Address
from bot.commands.desk import Caller
from bot.commands.service import Commands
from bot.errors import DeliveryError
from bot.messages import Message

NAME = "terminal"
DEFAULT_PLACE = "local"
_LEAVE = {"exit", "quit", "q"}


class Terminal:
    """A `bot.ports.Platform` that prints."""

    name = NAME

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, message: Message) -> None:
        """Print a message."""
        self._console.print(render(message))

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        """Print a digest under its channel's name; the nonce is its id."""
        try:
            self._console.rule(str(address), style="dim")
            self.show(message)
        except OSError as error:
            raise DeliveryError(f"The terminal cannot be written to: {error}.", permanent=False) from error
        return nonce


def address(place: str = DEFAULT_PLACE) -> Address:
    """A terminal's channel."""
    return Address(NAME, place)


def caller(place: str = DEFAULT_PLACE) -> Caller:
    """Whoever sits at the terminal."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "somebody"
    return Caller(address(place), user)


def without_slash(line: str) -> str:
    """What stands after `/papers`, whether or not that was typed."""
    first, _, rest = line.strip().partition(" ")
    return rest.strip() if first.lower() in {"/papers", "papers"} else line.strip()


async def prompt(console: Console, commands: Commands, who: Caller) -> None:
    """Read commands until the end of input, and answer each."""
    terminal = Terminal(console)
    while True:
        try:
            line = without_slash(console.input("[bold cyan]/papers[/] "))
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if line.lower() in _LEAVE:
            return
        terminal.show(await commands.answer(line, who))
