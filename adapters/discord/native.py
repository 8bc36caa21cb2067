"""Commands as Discord has them: each is a command of its own, and `/papers` is the search."""

from __future__ import annotations

import re

from bot.commands.model import COMMANDS

PAPERS = "papers"
NAMES = {"search": PAPERS, "list": "subscriptions"}
"""The commands that are called otherwise on Discord."""
_TYPED = re.compile(rf"/papers (?P<name>{'|'.join(COMMANDS)})\b")


def name_of(command: str) -> str:
    """What a command is called on Discord."""
    return NAMES.get(command, command)


def native_text(text: str) -> str:
    """`text` with `/papers subscribe …` as Discord has it: `/subscribe …`."""
    return _TYPED.sub(lambda match: f"/{name_of(match['name'])}", text)
