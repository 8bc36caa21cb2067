"""What Discord asks of a body beyond its OpenAPI file, as its documentation and its refusals have it.

Characters are counted as Python counts them. Where Discord documents no limit the reason stands beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

Payload = dict[str, Any]

COMPONENTS_V2 = 1 << 15
"""The flag of a message that is made of components alone."""
CONTENT = 2_000
"""The OpenAPI file has 4,000, which subscribers of Nitro may type and bots may not."""
EMBEDS = 6_000
"""Characters of all embeds of a message together."""
COMPONENTS, V2_TEXT = 40, 4_000
"""Components of all depths, and characters of all their texts together."""
ROWS, BUTTONS_IN_ROW = 5, 5
NONCE = 25
COMMANDS, COMMAND_TEXT = 100, 8_000
"""Global chat-input commands, and characters of one with its options and choices."""

ROW, BUTTON, TEXT_INPUT, SECTION, TEXT_DISPLAY, CONTAINER, LABEL = 1, 2, 4, 9, 10, 17, 18
SELECTS = frozenset({3, 5, 6, 7, 8})
LINK, PREMIUM = 5, 6
SUBCOMMANDS = frozenset({1, 2})

# \p{L}\p{N} and the scripts Devanagari and Thai: re's \w has these and no other sign but the underscore.
_NAME = re.compile(r"[-'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")
_EMBED_TEXTS = ("title", "description")


def message(body: Payload, *, was_v2: bool = False, partial: bool = False) -> Iterator[str]:
    """What a message breaks; `partial` is an edit, of a message that was made of components (`was_v2`)."""
    components = body.get("components") or []
    v2 = was_v2 or bool((body.get("flags") or 0) & COMPONENTS_V2)
    content, embeds = body.get("content") or "", body.get("embeds") or []
    if v2:
        yield from (f"{name}: beside components of version 2" for name in _beside(body))
        yield from _v2(components)
    else:
        yield from _v1(components)
    if len(content) > CONTENT:
        yield f"content: {len(content)} characters, {CONTENT} at the most"
    if (total := sum(map(_embed_length, embeds))) > EMBEDS:
        yield f"embeds: {total} characters in all, {EMBEDS} at the most"
    if not partial and not (content.strip() or embeds or components or body.get("attachments")):
        yield "nothing is said: no content, embeds, components or attachments"
    if content or embeds or components:
        yield from _mentions(body.get("allowed_mentions"))
    yield from _ids(components)


def nonce(body: Payload) -> Iterator[str]:
    """A posted message carries a nonce that Discord holds to."""
    value = body.get("nonce")
    if value is None or not 1 <= len(str(value)) <= NONCE:
        yield f"nonce: {value!r}, 1 to {NONCE} characters are wanted"
    if body.get("enforce_nonce") is not True:
        yield "enforce_nonce: not true, so that a second attempt would be posted twice"


def modal(data: Payload) -> Iterator[str]:
    """What a modal breaks."""
    components = data.get("components") or []
    if len(components) > 5:
        yield f"components: {len(components)} in a modal, 5 at the most"
    yield from _ids(components)
    for where, one in walk(components):
        value = one.get("value") or ""
        if one.get("type") == TEXT_INPUT and len(value) > (one.get("max_length") or 4_000):
            yield f"{where}.value: {len(value)} characters, more than its own max_length"
        if one.get("type") in SELECTS:
            yield from _select(one, where)


def choices(data: Payload) -> Iterator[str]:
    """What the answer to an autocomplete breaks. The OpenAPI file lets integers stand for everything."""
    for index, one in enumerate(data.get("choices") or []):
        for name in ("name", "value"):
            value = one.get(name)
            if isinstance(value, str) and not 1 <= len(value) <= 100:
                yield f"choices[{index}].{name}: {len(value)} characters, 1 to 100 are allowed"


def commands(bodies: list[Payload]) -> Iterator[str]:
    """What the commands of an application break together."""
    inputs = [one for one in bodies if one.get("type", 1) == 1]
    if len(inputs) > COMMANDS:
        yield f"{len(inputs)} commands, {COMMANDS} at the most"
    times = Counter((one.get("type", 1), one.get("name")) for one in bodies)
    yield from (f"{name!r}: {count} times" for (_, name), count in times.items() if count > 1)


def command(body: Payload) -> Iterator[str]:
    """What a command breaks."""
    if body.get("type", 1) == 1:
        yield from _named(body, "name")
        if not body.get("description"):
            yield "description: missing"
    if (total := _command_length(body)) > COMMAND_TEXT:
        yield f"{total} characters in all, {COMMAND_TEXT} at the most"
    yield from _options(body.get("options") or [], "options")


def walk(value: Any, where: str = "components") -> Iterator[tuple[str, Payload]]:
    """Every component inside, and where it stands."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), int):
            yield where, value
        for key in ("components", "accessory", "component"):
            yield from walk(value.get(key), f"{where}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, f"{where}[{index}]")


def _beside(body: Payload) -> list[str]:
    return [name for name in ("content", "embeds", "poll", "sticker_ids") if body.get(name)]


def _v2(components: list[Payload]) -> Iterator[str]:
    every = [one for _, one in walk(components)]
    if len(every) > COMPONENTS:
        yield f"components: {len(every)} of all depths, {COMPONENTS} at the most"
    texts = [one.get("content") or "" for one in every if one.get("type") == TEXT_DISPLAY]
    if (total := sum(map(len, texts))) > V2_TEXT:
        yield f"components: {total} characters of text, {V2_TEXT} at the most"
    if any(not text.strip() for text in texts):
        yield "components: a text display without text"
    for where, one in walk(components):
        yield from _component(one, where)


def _v1(components: list[Payload]) -> Iterator[str]:
    if len(components) > ROWS:
        yield f"components: {len(components)} rows, {ROWS} at the most"
    for where, one in walk(components):
        if one.get("type") not in {ROW, BUTTON, *SELECTS}:
            yield f"{where}: type {one.get('type')} needs the flag of components of version 2"
        yield from _component(one, where)


def _component(one: Payload, where: str) -> Iterator[str]:
    kind = one.get("type")
    if kind == ROW:
        held = one.get("components") or []
        if any(inner.get("type") in SELECTS for inner in held) and len(held) > 1:
            yield f"{where}: a select stands alone in its row"
    if kind == BUTTON:
        yield from _button(one, where)
    if kind in SELECTS:
        yield from _select(one, where)


def _button(one: Payload, where: str) -> Iterator[str]:
    if one.get("style") == LINK:
        if not one.get("url") or one.get("custom_id"):
            yield f"{where}: a link has a url and no custom_id"
    elif one.get("style") != PREMIUM and (not one.get("custom_id") or one.get("url")):
        yield f"{where}: a button has a custom_id and no url"
    if not one.get("label") and not one.get("emoji") and one.get("style") != PREMIUM:
        yield f"{where}: neither label nor emoji"


def _select(one: Payload, where: str) -> Iterator[str]:
    options = one.get("options") or []
    values = Counter(option.get("value") for option in options)
    yield from (f"{where}: value {value!r} {count} times" for value, count in values.items() if count > 1)
    most = one.get("max_values") or 1
    if options and most > len(options):
        yield f"{where}: max_values {most} of {len(options)} options"
    if sum(bool(option.get("default")) for option in options) > most:
        yield f"{where}: more defaults than max_values"


def _ids(components: list[Payload]) -> Iterator[str]:
    """`custom_id` is unique in a message or modal."""
    times = Counter(one["custom_id"] for _, one in walk(components) if one.get("custom_id"))
    yield from (f"custom_id {name!r}: {count} times" for name, count in times.items() if count > 1)


def _mentions(allowed: Payload | None) -> Iterator[str]:
    """Nobody may be pinged, whatever the text holds: the rule of this project, not of Discord."""
    if allowed is None or allowed.get("parse") != []:
        yield f"allowed_mentions: {allowed}, not none"
    elif any(allowed.get(name) for name in ("users", "roles", "replied_user")):
        yield f"allowed_mentions: {allowed}, somebody would be pinged"


def _embed_length(embed: Payload) -> int:
    texts = [embed.get(name) for name in _EMBED_TEXTS]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    texts += [field.get(name) for field in embed.get("fields") or [] for name in ("name", "value")]
    return sum(len(text or "") for text in texts)


def _options(options: list[Payload], where: str) -> Iterator[str]:
    names = Counter(option.get("name") for option in options)
    yield from (f"{where}: {name!r} {count} times" for name, count in names.items() if count > 1)
    nested = [option.get("type") in SUBCOMMANDS for option in options]
    if any(nested) and not all(nested):
        yield f"{where}: subcommands beside options"
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        yield f"{where}: a required option after one that is not"
    for index, option in enumerate(options):
        at = f"{where}[{index}]"
        yield from _named(option, f"{at}.name")
        if option.get("autocomplete") and option.get("choices"):
            yield f"{at}: autocomplete beside choices"
        yield from _options(option.get("options") or [], f"{at}.options")


def _named(body: Payload, where: str) -> Iterator[str]:
    name = str(body.get("name", ""))
    if not _NAME.fullmatch(name) or name != name.lower():
        yield f"{where}: {name!r} is no name of a command or option"


def _command_length(body: Payload) -> int:
    """Names, descriptions and values, with those of options and choices.

    https://docs.discord.com/developers/interactions/application-commands#registering-a-command
    """
    own = sum(len(body.get(name) or "") for name in ("name", "description"))
    picks = sum(len(one["name"]) + len(str(one["value"])) for one in body.get("choices") or [])
    return own + picks + sum(_command_length(option) for option in body.get("options") or [])
