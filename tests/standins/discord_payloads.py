"""What Discord would refuse in a body, asked of its OpenAPI file and of the limits that the file misses.

Where the file is not on this machine its part of the question is left out. An empty list is a body that
Discord takes. Keys that the file does not know are refused, although Discord lets some of them pass.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, validators  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.recorded import DATA
from tests.standins import discord_limits as limits
from tests.standins.discord_limits import Payload

OPENAPI = DATA / "discord" / "discord_openapi.json"

SCHEMAS = {
    "message": "MessageCreateRequest",
    "message edit": "MessageEditRequestPartial",
    "forum post": "CreateForumThreadRequest",
    "thread": "CreateTextThreadWithoutMessageRequest",
    "thread of a message": "CreateTextThreadWithMessageRequest",
    "follow-up": "IncomingWebhookRequestPartial",
    "answer edit": "IncomingWebhookUpdateRequestPartial",
    "direct": "CreatePrivateChannelRequest",
    "command": "ApplicationCommandUpdateRequest",
    "modal": "ModalInteractionCallbackRequest",
    "autocomplete": "ApplicationCommandAutocompleteCallbackRequest",
    "message callback": "CreateMessageInteractionCallbackRequest",
    "update callback": "UpdateMessageInteractionCallbackRequest",
}
"""The schema of each kind of body."""

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
_CALLBACKS = {
    MESSAGE: "message callback",
    DEFER: "message callback",
    DEFER_UPDATE: "update callback",
    UPDATE: "update callback",
    CHOICES: "autocomplete",
    MODAL: "modal",
}
_BY_THE_LIBRARY = {
    "message edit": {"tts"},
    "answer edit": {"tts"},
    "update callback": {"data.tts"},
    "forum post": {"message.tts", "type"},
    "command": {"nsfw"},
}
"""Keys that discord.py always adds, and that Discord ignores there or has not written down."""


def check(kind: str, body: Any, *, was_v2: bool = False) -> list[str]:
    """What is wrong with a body of this kind; `was_v2`: the message that it edits is made of components.

    The kinds are those of `SCHEMAS`, and `callback` and `commands`.
    """
    if kind == "commands":
        each = [f"{one.get('name')}: {problem}" for one in body for problem in check("command", one)]
        return [*each, *limits.commands(body)]
    named = _CALLBACKS.get(body.get("type"), "") if kind == "callback" else kind
    if named not in SCHEMAS:
        return [f"type: {body.get('type')!r} is no callback"]
    cleaned = _without(body, _BY_THE_LIBRARY.get(named, set()))
    return [*_from_schema(SCHEMAS[named], cleaned), *_from_limits(named, cleaned, was_v2=was_v2)]


def _from_limits(kind: str, body: Payload, *, was_v2: bool) -> Iterator[str]:
    data = body.get("data") or {}
    if kind == "message":
        yield from limits.nonce(body)
        yield from limits.message(body)
    elif kind == "forum post":
        yield from limits.message(body.get("message") or {})
    elif kind == "follow-up":
        yield from limits.message(body)
    elif kind in {"message edit", "answer edit"}:
        yield from limits.message(body, was_v2=was_v2, partial=True)
    elif kind in {"message callback", "update callback"} and body["type"] in {MESSAGE, UPDATE}:
        is_update = body["type"] == UPDATE
        yield from limits.message(data, was_v2=was_v2 and is_update, partial=is_update)
    else:
        others: dict[str, Callable[[Payload], Iterator[str]]] = {
            "modal": limits.modal,
            "autocomplete": limits.choices,
        }
        yield from limits.command(body) if kind == "command" else others.get(kind, _nothing)(data)


def _nothing(_: Payload) -> Iterator[str]:
    yield from ()


def _without(body: Payload, paths: set[str]) -> Payload:
    """The body without these keys, each alone or inside another."""
    kept = dict(body)
    for path in paths:
        outer, _, inner = path.partition(".")
        if not inner:
            kept.pop(outer, None)
        elif isinstance(kept.get(outer), dict):
            kept[outer] = {name: value for name, value in kept[outer].items() if name != inner}
    return kept


def _from_schema(name: str, body: Payload) -> Iterator[str]:
    if not OPENAPI.is_file() and os.environ.get("PAPERBOY_REQUIRE_RECORDINGS") != "1":
        return
    for error in _validator(name).iter_errors(body):
        path = "".join(f"[{part!r}]" for part in error.absolute_path)
        yield f"{path or 'body'}: schema: {error.message[:300]}"


@cache
def _validator(name: str) -> Any:
    registry: Any = Registry().with_resource("discord:", DRAFT202012.create_resource(_spec()))
    by_type = validators.extend(Draft202012Validator, {"oneOf": _one_of, "anyOf": _one_of})
    return by_type({"$ref": f"discord:#/components/schemas/{name}"}, registry=registry)


@cache
def _spec() -> Payload:
    spec: Payload = json.loads(OPENAPI.read_text())
    schemas = spec["components"]["schemas"]
    _close(schemas)
    # discord.py writes some ids as numbers, and flags of embeds; Discord takes both.
    schemas["SnowflakeType"]["type"] = ["string", "integer"]
    schemas["RichEmbed"]["properties"]["flags"] = {"type": "integer"}
    return spec


def _close(schema: Any) -> None:
    """Let every object have only the keys that are written down."""
    if isinstance(schema, dict):
        if "properties" in schema and isinstance(schema["properties"], dict):
            schema.setdefault("additionalProperties", False)
        for inner in schema.values():
            _close(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _close(inner)


def _one_of(validator: Any, options: list[Payload], value: Any, schema: Payload) -> Iterator[Any]:
    """As JSON Schema has it, with only those choices tried that an object's `type` allows: better errors."""
    kind = value.get("type") if isinstance(value, dict) else None
    fitting = [one for one in options if _may_be(one, value, kind)]
    if len(fitting) == 1:
        yield from validator.descend(value, fitting[0])
    else:
        yield from Draft202012Validator.VALIDATORS["anyOf"](validator, fitting or options, value, schema)


def _may_be(choice: Payload, value: Any, kind: object) -> bool:
    if choice.get("type") == "null":
        return value is None
    shape = _spec()["components"]["schemas"].get(choice.get("$ref", "").rsplit("/", 1)[-1], choice)
    allowed = shape.get("properties", {}).get("type", {}).get("enum")
    return not isinstance(kind, int) or allowed is None or kind in allowed
