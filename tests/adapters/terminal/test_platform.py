from __future__ import annotations

import io

import pytest
from rich.console import Console

from adapters.terminal.platform import Terminal
from bot.channels.channel import Address
from bot.errors import UsageError
from bot.messages.blocks import Message
from bot.services.post_message import post_message


def a_terminal() -> tuple[Terminal, io.StringIO]:
    out = io.StringIO()
    return Terminal(Console(file=out, width=80, force_terminal=True, color_system=None)), out


async def test_a_channel_s_name_is_printed_as_it_is_and_harmless() -> None:
    terminal, out = a_terminal()

    assert (
        await post_message(terminal, Address("terminal", "[/red] [bold]\x1b[2Jlab"), Message("Digest"), "1")
        == "1"
    )

    assert " terminal:[/red] [bold][2Jlab " in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()


@pytest.mark.parametrize("place", ["local", "lab-2", "team.nlp_x", "日本", "x" * 64])
def test_a_channel_has_a_plain_name(place: str) -> None:
    assert a_terminal()[0].make_caller(place).address == Address("terminal", place)


@pytest.mark.parametrize("place", ["", "x" * 65, "a b", "[/]", "a:b", "\x1b[2J", "lab\n"])
def test_an_odd_name_of_a_channel_is_refused(place: str) -> None:
    with pytest.raises(UsageError, match="is not a valid channel name"):
        a_terminal()[0].make_caller(place)
