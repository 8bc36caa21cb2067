"""Text to commands: what stands after `/papers` becomes one of the dataclasses of `bot.commands.model`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, get_type_hints

from bot.commands.arguments import Argument, Shape
from bot.commands.model import COMMANDS, Command, Help, Search
from bot.errors import QueryError, UsageError
from bot.topics.fields import SIGNS

_QUOTES = "".join(['"', *(chr(code) for code, sign in SIGNS.items() if sign in {'"', ord('"')})])
_QUOTED = rf"[{_QUOTES}][^{_QUOTES}]*(?:[{_QUOTES}]|$)"
_SPAN = re.compile(rf"(?:{_QUOTED}|[^\s{_QUOTES}])+|\s+")
_LONG = re.compile(r"(?:--|—)(?P<name>[a-z]+)", re.IGNORECASE)
_OPTION = re.compile(rf"(?:--|—)?(?P<name>[a-z]+)(?P<sign>[:=])(?P<value>{_QUOTED}|\S*)", re.IGNORECASE)


def parse_command(text: str) -> Command:
    """The command that `text` means.

    Nothing is help. A first word that is a command, with arguments that fit it, is that command; all else is
    a search. Raises UsageError (QueryError where a topic does not parse), to be answered and not to escape.
    """
    first, rest = _first_word(text)
    if not first:
        return Help()
    kind = COMMANDS.get(first.lower())
    if kind is None or not _fits_arguments(kind, rest):
        return _read_command(Search, "search", text.strip())
    return _read_command(kind, first.lower(), rest)


def as_typed(name: str, words: Mapping[str, str]) -> str:
    """A command as text, from a platform's native options: `subscribe agents days:"mon, thu"`."""
    parts = [name]
    kind = COMMANDS[name]
    given = {arg: " ".join(words.get(arg, "").split()) for arg in arguments_of(kind)}
    for arg, spec in arguments_of(kind).items():
        value = given[arg]
        if spec.shape is Shape.CHOICE and not value and any(given.values()):
            # Left out, it could be read from the words that follow.
            value = str(_default_of(kind, arg))
        if value and spec.shape is Shape.OPTION:
            plain = value.replace('"', "")
            parts.append(f'{arg}:"{plain}"' if " " in value else f"{arg}:{value}")
        elif value:
            parts.append(value)
    return " ".join(parts)


def read_native(name: str, words: Mapping[str, str]) -> Command:
    """The command of a platform's native options, each read as if it had been typed.

    Raises UsageError.
    """
    return _read_command(COMMANDS[name], name, _first_word(as_typed(name, words))[1])


def command_text(line: str) -> str:
    """What stands after `/papers`, whether or not that was typed."""
    first, rest = _first_word(line)
    return rest if first.lower() == "/papers" else line.strip()


def arguments_of(kind: type[Command]) -> dict[str, Argument]:
    """The arguments of a command by name, in order."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in dataclasses.fields(kind)}


def required_arguments(kind: type[Command]) -> frozenset[str]:
    """The names of the arguments that have no default."""
    return frozenset(field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING)


def _default_of(kind: type[Command], arg: str) -> object:
    return next(field.default for field in dataclasses.fields(kind) if field.name == arg)


def usage_of(name: str) -> str:
    """How a command is written: `subscribe <topic> [days:<days>] [at:<time>] [tz:<zone>]`."""
    kind = COMMANDS[name]
    return " ".join(
        [
            name,
            *(
                _argument_usage(arg, spec, is_required=arg in required_arguments(kind))
                for arg, spec in arguments_of(kind).items()
            ),
        ]
    )


def did_you_mean(text: str) -> str:
    """The command that the first word of `text` almost is, or ""."""
    first, rest = _first_word(text)
    if first.lower() in COMMANDS:
        return ""
    near = get_close_matches(first.lower(), COMMANDS, 1, 0.75)
    return f"{near[0]} {rest}".strip() if near and _is_meant(near[0], rest) else ""


def _is_meant(name: str, rest: str) -> bool:
    """Whether these words after the name are that command, or a mistake in it, and not a search again."""
    try:
        return _fits_arguments(COMMANDS[name], rest)
    except UsageError:
        return True


def _first_word(text: str) -> tuple[str, str]:
    """The first word of `text`, and the rest."""
    first, rest = (*text.split(maxsplit=1), "", "")[:2]
    return first, rest.strip()


def _fits_arguments(kind: type[Command], rest: str) -> bool:
    """Whether the words after a command's name can be its arguments, rather than the rest of a search.

    A topic can be any words, so a malformed one is an error of the command and not a search. So is an option
    without its value; and one that no search takes tells that the command is meant.
    """
    words, options = _take_options(kind, rest)
    if "" in options.values() or options.keys() & (_options_of(kind) - _options_of(Search)):
        return True
    for spec in arguments_of(kind).values():
        if spec.shape is Shape.CHOICE:
            words = words.partition(" ")[2] if _is_choice(spec, words) else words
        elif spec.shape is Shape.REST:
            return not words or _can_read(spec, words)
    return not words


def _can_read(spec: Argument, words: str) -> bool:
    try:
        spec.parse(words)
    except QueryError:
        return True
    except UsageError:
        return False
    return True


def _read_command(kind: type[Command], name: str, rest: str) -> Command:
    specs = arguments_of(kind)
    words, options = _take_options(kind, rest)
    _check_options(options, specs, name)
    values: dict[str, Any] = {}
    for arg, spec in specs.items():
        if spec.shape is Shape.OPTION:
            if arg in options:
                values[arg] = spec.parse(options[arg])
        elif spec.shape is Shape.CHOICE:
            if _is_choice(spec, words):
                chosen, _, words = words.partition(" ")
                values[arg] = spec.parse(chosen)
        elif words:
            values[arg], words = spec.parse(words), ""
    if words:
        hint = f"Write `/papers {usage_of(name)}`; a value of several words goes in quotes."
        raise UsageError(f"`{name}` takes no “{words}”.", hint)
    if missing := sorted(required_arguments(kind) - values.keys()):
        what = specs[missing[0]].placeholder.partition("|")[0]
        raise UsageError(f"`{name}` needs a {what}.", f"Write `/papers {usage_of(name)}`.")
    return kind(**values)


def _is_choice(spec: Argument, words: str) -> bool:
    return words.partition(" ")[0].lower() in (spec.choices or COMMANDS)


def _take_options(kind: type[Command], rest: str) -> tuple[str, dict[str, str]]:
    """The words without options, and the options, those of other commands too; quoted text is left alone.

    Raises UsageError for an option that stands twice, or apart from its value.
    """
    own = _options_of(kind)
    kept: list[str] = []
    options: dict[str, str] = {}
    for span in _SPAN.findall(rest):
        match = _OPTION.fullmatch(span)
        # A title that is pasted may begin with a word and a colon.
        if match and _is_option(match, own, may_be_empty=bool(kept) or kind is not Search):
            option = match["name"].lower()
            if option in options:
                raise UsageError(f"`{option}:` is given twice.", "Remove one of them.")
            options[option] = match["value"].strip(_QUOTES)
        else:
            _check_long(span, own)
            kept.append(span)
    return " ".join("".join(kept).split()), options


def _check_long(span: str, own: frozenset[str]) -> None:
    """Raise UsageError where an option stands apart from its value, which would be read as other words."""
    match = _LONG.fullmatch(span)
    if match and match["name"].lower() in own:
        name = match["name"].lower()
        raise UsageError(f"`{span}` needs its value right after it.", f"Write `{name}:` and the value.")


def _is_option(match: re.Match[str], own: frozenset[str], *, may_be_empty: bool) -> bool:
    if match["name"].lower() in own:
        return may_be_empty or bool(match["value"])
    return match["name"].lower() in _all_options() and match["sign"] == ":" and bool(match["value"])


def _options_of(kind: type[Command]) -> frozenset[str]:
    return frozenset(name for name, spec in arguments_of(kind).items() if spec.shape is Shape.OPTION)


@cache
def _all_options() -> frozenset[str]:
    return frozenset().union(*map(_options_of, COMMANDS.values()))


def _check_options(options: dict[str, str], specs: dict[str, Argument], command: str) -> None:
    for name, value in options.items():
        if name not in specs:
            raise UsageError(f"`{command}` takes no `{name}:`.", f"Write `/papers {usage_of(command)}`.")
        if not value:
            hint = _argument_usage(name, specs[name], is_required=True)
            raise UsageError(f"`{name}:` needs its value right after it.", f"Write `{hint}`.")


def _argument_usage(name: str, spec: Argument, *, is_required: bool) -> str:
    if spec.shape is Shape.OPTION:
        text = f"{name}:{'|'.join(spec.choices) or f'<{spec.placeholder}>'}"
    else:
        text = "|".join(spec.choices) or f"<{spec.placeholder}>"
    return text if is_required else f"[{text}]"
