"""What buttons and menus carry: a command as text, in the message itself, so that old ones work for ever.

A `custom_id` and a menu's value hold 100 characters. What several longer commands have in common stands in
the message as a block of code with a name; each `custom_id` holds that name and what is before and after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from zlib import crc32

from adapters.discord.escape import fenced_code
from bot.papers.text import clean_block, clean_line

MOST = 100
"""https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id"""
LONGEST_CARRIED = 1_500
_AROUND = 4
_HERE = "\u241f"
"""Stands in a `custom_id` for what the message carries."""
PRESS = re.compile(rf"p(?P<number>\d+):(?P<command>[^{_HERE}]+)", re.DOTALL)
CARRIED_PRESS = re.compile(
    rf"q(?P<number>\d+):(?P<name>[0-9a-f]+):(?P<before>[^{_HERE}]*){_HERE}(?P<after>[^{_HERE}]*)", re.DOTALL
)
MENU = re.compile(r"m(?P<number>\d+)")

_CARRIED = re.compile(r"```(?P<name>[0-9a-f]+)\n(?P<text>.*?)\n```", re.DOTALL)


def press_of(command: str, number: int) -> str:
    """The `custom_id` of a button, the `number`th of its message; "" where the command is too long."""
    made = f"p{number}:{command}"
    return made if command and len(made) <= MOST and _HERE not in command else ""


def carried_press(command: str, carried: str, number: int) -> str:
    """As `press`, for a command that holds `carried`, which the message carries."""
    if not carried or carried not in command or _HERE in command:
        return ""
    made = f"q{number}:{_custom_name(carried)}:{command.replace(carried, _HERE, 1)}"
    return made if len(made) <= MOST else ""


def custom_id(command: str, carried: str, number: int) -> str:
    """The `custom_id` of a button in a message that carries `carried`; "" where there is none."""
    return press_of(command, number) or carried_press(command, carried, number)


def shared_text(commands: Sequence[str]) -> str:
    """The longest text that all of `commands` hold but for their first and last words: a query.

    "" where there is none, or where a message could not carry it unchanged.
    """
    words = min(commands, key=len, default="").split(" ")
    parts = (" ".join(words[start : len(words) - end]) for start in range(_AROUND) for end in range(_AROUND))
    found = max((one for one in parts if all(one in command for command in commands)), key=len, default="")
    is_kept = len(found) <= LONGEST_CARRIED and "`" not in found and found == clean_block(clean_line(found))
    return found if is_kept else ""


def carry_parts(text: str) -> str:
    """The Markdown that carries `text`."""
    return fenced_code(text, _custom_name(text))


def carried_parts(texts: Iterable[str], name: str) -> str:
    """What a message whose texts these are carries by that name; "" where it does not."""
    found = (match["text"] for text in texts for match in _CARRIED.finditer(text) if match["name"] == name)
    return next(found, "")


def _custom_name(text: str) -> str:
    return f"{crc32(text.encode()):08x}"
