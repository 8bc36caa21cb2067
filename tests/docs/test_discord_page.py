"""docs/discord.md says what the code does."""

from __future__ import annotations

import re

from adapters.discord.commands import read_command
from adapters.discord.invite import PERMISSIONS
from adapters.discord.native import name_of
from bot.commands.grammar import arguments_of
from bot.commands.model import COMMANDS
from bot.settings import Settings, environment_name
from tests.environment import ROOT

TEXT = (ROOT / "docs" / "discord.md").read_text("utf-8")
_OPTION = re.compile(r"(\w+):(.*?)(?=\s+\w+:\S|$)")


def test_the_table_of_permissions_is_the_codes() -> None:
    rows = re.findall(r"^\| ([A-Z][A-Za-z ]+) \| (.+) \|$", TEXT, re.MULTILINE)
    shown = {name.lower().replace(" ", "_"): why for name, why in rows}

    assert {name: why for name, why in shown.items() if name in PERMISSIONS} == PERMISSIONS


def test_every_command_shown_is_one() -> None:
    shown = re.findall(r"`/(\w+)((?:\s[^`]*)?)`", TEXT)
    names = {name_of(name): name for name in COMMANDS}

    assert len(shown) > 8
    for name, options in shown:
        command = names[name]
        words = dict(_OPTION.findall(" ".join(options.split())))
        assert set(words) <= set(arguments_of(COMMANDS[command]))
        if name != "papers" or words:
            assert isinstance(read_command(command, words), tuple(COMMANDS.values()))


def test_every_setting_shown_is_one() -> None:
    named = set(re.findall(r"\b(?:DISCORD|PAPERBOY)_[A-Z_]+", TEXT))

    assert named
    assert named <= {environment_name(name) for name in Settings.model_fields}
