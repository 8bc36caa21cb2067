"""Text to commands: what stands after `/papers` becomes one of the dataclasses of `bot.commands.model`."""

from __future__ import annotations

import dataclasses
import re
from difflib import get_close_matches
from typing import Any, get_type_hints

from bot.commands.arguments import Argument, Shape
from bot.commands.model import COMMANDS, Command, Help, Search
from bot.errors import QueryError, UsageError

_SPAN = re.compile(r"[\"“”„][^\"“”„]*[\"“”„]?|\S+|\s+")
_OPTION = re.compile(r"(?:--|—)?(?P<name>[a-z]+)[:=](?P<value>\S+)", re.IGNORECASE)


def parse(text: str) -> Command:
    """The command that `text` means.

    Nothing is help. A first word that is a command, with arguments that fit it, is that command; all else is
    a search. Raises UsageError (QueryError where a topic does not parse), to be answered and not to escape.
    """
    first, _, rest = text.strip().partition(" ")
    if not first:
        return Help()
    kind = COMMANDS.get(first.lower())
    if kind is None or not _fits(kind, rest.strip()):
        return _read(Search, "search", text.strip())
    return _read(kind, first.lower(), rest.strip())


def command_text(line: str) -> str:
    """What stands after `/papers`, whether or not that was typed."""
    first, _, rest = line.strip().partition(" ")
    return rest.strip() if first.lower() in {"/papers", "papers"} else line.strip()


def arguments(kind: type[Command]) -> dict[str, Argument]:
    """The arguments of a command by name, in order."""
    return {name: hint.__metadata__[0] for name, hint in get_type_hints(kind, include_extras=True).items()}


def required(kind: type[Command]) -> frozenset[str]:
    """The names of the arguments that have no default."""
    return frozenset(field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING)


def usage(name: str) -> str:
    """How a command is written: `subscribe <topic> [days:<days>] [at:<time>] [tz:<zone>]`."""
    kind = COMMANDS[name]
    return " ".join(
        [name, *(_usage(arg, spec, arg in required(kind)) for arg, spec in arguments(kind).items())]
    )


def did_you_mean(text: str) -> str:
    """The command that the first word of `text` almost is, or ""."""
    first, _, rest = text.strip().partition(" ")
    near = get_close_matches(first.lower(), COMMANDS, 1, 0.75)
    return f"{near[0]} {rest}".strip() if near and first.lower() not in COMMANDS else ""


def _fits(kind: type[Command], rest: str) -> bool:
    """Whether the words after a command's name can be its arguments, rather than the rest of a search.

    A topic can be any words, so a malformed one is an error of the command and not a search.
    """
    specs = arguments(kind)
    words, _ = _take_options(specs, rest)
    for spec in specs.values():
        if spec.shape is Shape.CHOICE:
            words = words.partition(" ")[2] if _is_choice(spec, words) else words
        elif spec.shape is Shape.REST:
            return not words or _reads(spec, words)
    return not words


def _reads(spec: Argument, words: str) -> bool:
    try:
        spec.parse(words)
    except QueryError:
        return True
    except UsageError:
        return False
    return True


def _read(kind: type[Command], name: str, rest: str) -> Command:
    specs = arguments(kind)
    words, options = _take_options(specs, rest)
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
            values[arg] = spec.parse(words)
    if missing := sorted(required(kind) - values.keys()):
        raise UsageError(f"`{name}` needs a {missing[0]}.", f"Write `/papers {usage(name)}`.")
    return kind(**values)


def _is_choice(spec: Argument, words: str) -> bool:
    return words.partition(" ")[0].lower() in (spec.choices or COMMANDS)


def _take_options(specs: dict[str, Argument], rest: str) -> tuple[str, dict[str, str]]:
    """The words without the options of this command, and the options; quoted text is left alone."""
    kept: list[str] = []
    options: dict[str, str] = {}
    for span in _SPAN.findall(rest):
        match = _OPTION.fullmatch(span)
        name = match["name"].lower() if match else ""
        if match and name in specs and specs[name].shape is Shape.OPTION:
            options[name] = match["value"]
        else:
            kept.append(span)
    return " ".join("".join(kept).split()), options


def _usage(name: str, spec: Argument, is_required: bool) -> str:  # noqa: FBT001 - a plain fact of the field
    if spec.shape is Shape.OPTION:
        text = f"{name}:{'|'.join(spec.choices) or f'<{spec.placeholder}>'}"
    else:
        text = "|".join(spec.choices) or f"<{spec.placeholder}>"
    return text if is_required else f"[{text}]"
