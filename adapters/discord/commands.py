"""Discord's own commands, made from the table of commands; and put there only when they changed.

Limits: https://discord.com/developers/docs/interactions/application-commands
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import discord
from discord import app_commands

from adapters.discord.client import PaperboyClient
from adapters.discord.escape import cut_text
from adapters.discord.native import PAPERS, name_of
from bot.commands.arguments import Argument, Whole
from bot.commands.autocomplete import Suggestion
from bot.commands.grammar import arguments_of, as_typed, parse_command, read_native, required_arguments
from bot.commands.model import COMMANDS, Command
from bot.commands.table import Rights, row_of
from bot.papers.text import clean_line

DESCRIPTION = 100
CHOICE = 100
MOST_CHOICES = 25
HERE = app_commands.AppInstallationType(guild=True, user=False)
ANYWHERE = app_commands.AppInstallationType(guild=True, user=True)
CHANNELS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)

Interaction = discord.Interaction[Any]
Run = Callable[[Interaction, str, Mapping[str, str]], Awaitable[None]]
"""Answers a command: its name in the table of commands, and the options that were given, as text."""
Suggest = Callable[[Interaction, str, str, str], Awaitable[list[Suggestion]]]
"""Suggestions: a command's name, an argument's name, what is typed so far."""

Native = app_commands.Command[Any, ..., Any]


def add_commands(client: PaperboyClient, run: Run, suggest: Suggest) -> None:
    """Give the client one of Discord's commands for every command; they are not put in place yet."""
    for name in COMMANDS:
        client.tree.add_command(_native_command(name, run, suggest))


def read_command(name: str, words: Mapping[str, str]) -> Command:
    """The command of native options. What is typed after `/papers` is any command.

    Raises UsageError.
    """
    return parse_command(text_of(name, words)) if name_of(name) == PAPERS else read_native(name, words)


def text_of(name: str, words: Mapping[str, str]) -> str:
    """The command as it would be typed."""
    text = as_typed(name, words)
    return text.partition(" ")[2] if name_of(name) == PAPERS else text


async def sync_commands(client: PaperboyClient) -> bool:
    """Put the client's commands in place where Discord has others; whether it had.

    Raises discord.HTTPException.
    """
    if not await commands_differ(client):
        return False
    await client.tree.sync()
    return True


async def commands_differ(client: PaperboyClient) -> bool:
    """Whether Discord has other commands than the client. Raises discord.HTTPException."""
    if client.application_id is None:
        raise ValueError("the client is not logged in")
    there = await client.http.get_global_commands(client.application_id)
    ours = [command.to_dict(client.tree) for command in client.tree.get_commands()]
    return _essential_parts(list(there)) != _essential_parts(ours)


def _native_command(name: str, run: Run, suggest: Suggest) -> Native:
    kind = COMMANDS[name]
    specs = arguments_of(kind)

    async def callback(interaction: Interaction, **words: object) -> None:
        given = {arg: str(value) for arg, value in words.items() if value is not None}
        await run(interaction, name, given)

    needed = required_arguments(kind)
    shown = [_option_parameter(arg, spec, is_needed=arg in needed) for arg, spec in specs.items()]
    first = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_ONLY)
    callback.__signature__ = inspect.Signature([first, *shown])  # type: ignore[attr-defined]
    app_commands.describe(**{arg: cut_text(spec.help, DESCRIPTION) for arg, spec in specs.items()})(callback)
    row = row_of(kind)
    made: Native = app_commands.Command(
        name=name_of(name),
        description=cut_text((kind.__doc__ or "").splitlines()[0], DESCRIPTION),
        callback=callback,
        allowed_contexts=CHANNELS if row.needs_channel else EVERYWHERE,
        allowed_installs=HERE if row.needs_channel else ANYWHERE,
    )
    if row.rights is Rights.CHANGERS:
        made.default_permissions = discord.Permissions(manage_channels=True)
    for arg, spec in specs.items():
        if not spec.choices and not isinstance(spec.parse, Whole):
            made.autocomplete(arg)(_completion_of(name, arg, suggest))
    return made


def _option_parameter(arg: str, spec: Argument, *, is_needed: bool) -> inspect.Parameter:
    default = inspect.Parameter.empty if is_needed else None
    return inspect.Parameter(
        arg, inspect.Parameter.KEYWORD_ONLY, annotation=_option_annotation(spec), default=default
    )


def _option_annotation(spec: Argument) -> Any:
    if spec.choices:
        return Literal[tuple(str(word) for word in spec.choices)]
    if isinstance(spec.parse, Whole):
        return app_commands.Range[int, spec.parse.low, spec.parse.high]
    return str


def _completion_of(name: str, arg: str, suggest: Suggest) -> Any:
    async def complete(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        found = await suggest(interaction, name, arg, current)
        return [
            app_commands.Choice(name=cut_text(clean_line(one.label) or one.value, CHOICE), value=one.value)
            for one in found
            if 0 < len(one.value) <= CHOICE
        ][:MOST_CHOICES]

    return complete


_TELLING = frozenset(
    {
        *("name", "description", "options", "required", "choices", "value", "autocomplete"),
        *("min_value", "max_value", "contexts", "integration_types", "default_member_permissions"),
    }
)


def _essential_parts(value: object) -> object:
    """What of commands is ours: Discord adds ids and versions, and leaves out or spells out defaults."""
    if isinstance(value, Mapping):
        kept = {key: _essential_parts(one) for key, one in value.items() if key in _TELLING and one}
        return (
            kept | {"type": int(value.get("type") or 1)} if "name" in value and "value" not in value else kept
        )
    if isinstance(value, list | tuple):
        made = [_essential_parts(one) for one in value]
        return sorted(made, key=_name_key) if made and isinstance(made[0], dict) else sorted(made, key=str)
    return str(value)


def _name_key(one: object) -> str:
    return str(one.get("name")) if isinstance(one, dict) else str(one)
