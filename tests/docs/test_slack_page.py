"""docs/slack.md says what the code does."""

from __future__ import annotations

import re

from adapters.slack.scopes import SCOPES
from bot.commands.grammar import command_text, parse_command
from bot.commands.model import COMMANDS, Search
from bot.settings import Settings, environment_name
from tests.environment import ROOT

TEXT = (ROOT / "docs" / "slack.md").read_text("utf-8")


def test_the_table_of_scopes_is_the_codes() -> None:
    assert dict(re.findall(r"^\| `([a-z:.]+)` \| (.+) \|$", TEXT, re.MULTILINE)) == SCOPES


def test_every_command_shown_is_one() -> None:
    shown = re.findall(r"`/papers ([^`]+)`", TEXT)

    assert len(shown) > 5
    for text in shown:
        word = text.split()[0]
        if text != "subscribe":
            assert isinstance(parse_command(command_text(text)), COMMANDS.get(word, Search))


def test_every_setting_shown_is_one() -> None:
    named = set(re.findall(r"\b(?:SLACK|PAPERBOY)_[A-Z_]+", TEXT))

    assert named
    assert named <= {environment_name(name) for name in Settings.model_fields}
