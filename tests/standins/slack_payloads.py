"""What Slack would refuse in a payload, asked in three layers.

(a) slack_sdk's own models; (b) a JSON Schema made from Slack's official types, in `tests/data`; (c) the
limits of `slack_limits`, which both miss or know only in part. An empty list is a payload that Slack takes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, validators  # type: ignore[import-untyped]
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, Option
from slack_sdk.models.views import View

from tests.standins import slack_limits

SCHEMA = Path(__file__).resolve().parents[1] / "data" / "slack_blocks.schema.json"

NOT_IN_SDK = frozenset({"data_table"})
"""Block types that Slack's types have and slack_sdk's models do not."""

Payload = dict[str, Any]


def check_message(payload: Payload, *, fresh: bool = True) -> list[str]:
    """What is wrong with the arguments of a posted message.

    `fresh` is a message that would be unfurled: a new one that everybody sees.
    """
    blocks = payload.get("blocks") or []
    return [*check_blocks(blocks), *slack_limits.message(payload, fresh=fresh)]


def check_view(view: Payload) -> list[str]:
    """What is wrong with a modal or a Home tab."""
    return [
        *_from_sdk("view", lambda: View(**view).to_dict()),
        *_from_schema("view", view | {"blocks": []}, "Home" if view.get("type") == "home" else "Modal"),
        *check_blocks(view.get("blocks") or []),
        *slack_limits.view(view),
    ]


def check_blocks(blocks: list[Payload]) -> list[str]:
    """What is wrong with these blocks, wherever they are shown."""
    each = [problem for index, block in enumerate(blocks) for problem in _check_block(index, block)]
    return [*each, *slack_limits.blocks(blocks)]


def check_options(answer: Payload) -> list[str]:
    """What is wrong with the answer to an external select's request for options."""
    options = answer.get("options") or []
    sdk = [
        problem
        for option in options
        for problem in _from_sdk("option", lambda option=option: Option(**option).to_dict())  # type: ignore[misc]
    ]
    return [*sdk, *slack_limits.options(answer)]


def _check_block(index: int, block: Payload) -> Iterator[str]:
    kind = block.get("type")
    where = f"blocks[{index}] ({kind})"
    definition = _definitions().get(str(kind))
    if definition is None:
        yield f"{where}: Slack's types have no such block"
        return
    yield from _from_schema(where, block, definition)
    if kind not in NOT_IN_SDK:
        yield from _from_sdk(where, lambda: Block.parse(block).to_dict())  # type: ignore[union-attr]


def _from_sdk(where: str, build: Callable[[], object]) -> Iterator[str]:
    try:
        build()
    except (SlackObjectFormationError, TypeError, ValueError, AttributeError) as error:
        yield f"{where}: slack_sdk: {error}"


def _from_schema(where: str, value: Payload, definition: str) -> Iterator[str]:
    for error in _validator(definition).iter_errors(value):
        path = "".join(f"[{part!r}]" for part in error.absolute_path)
        yield f"{where}{path}: schema: {error.message[:300]}"


@cache
def _schema() -> Payload:
    schema: Payload = json.loads(SCHEMA.read_text())
    return schema


@cache
def _validator(definition: str) -> Any:
    by_type = validators.extend(Draft7Validator, {"anyOf": _any_of})
    return by_type(_schema() | {"$ref": f"#/definitions/{definition}"})


def _any_of(validator: Any, choices: list[Payload], value: Any, schema: Payload) -> Iterator[Any]:
    """As JSON Schema has it, with only those choices tried that an object's `type` allows."""
    kind = value.get("type") if isinstance(value, dict) else None
    fitting = [one for one in choices if _may_be(_key(one), kind)]
    if len(fitting) == 1:
        yield from validator.descend(value, fitting[0])
    else:
        yield from Draft7Validator.VALIDATORS["anyOf"](validator, fitting or choices, value, schema)


@cache
def _may_be(choice: str, kind: str | None) -> bool:
    named = choice.removeprefix("#/definitions/")
    shape = json.loads(choice) if named == choice else _schema()["definitions"][named]
    if "anyOf" in shape:
        return any(_may_be(_key(one), kind) for one in shape["anyOf"])
    const = shape.get("properties", {}).get("type", {}).get("const")
    return None in {kind, const} or const == kind


def _key(choice: Payload) -> str:
    return choice.get("$ref") or json.dumps(choice)


@cache
def _definitions() -> dict[str, str]:
    """The schema's name of each type of block."""
    definitions = _schema()["definitions"]
    names = [one["$ref"].rsplit("/", 1)[1] for one in definitions["KnownBlock"]["anyOf"]]
    found: dict[str, str] = {}
    for name in names:
        shapes = definitions[name].get("anyOf", [definitions[name]])
        found |= {shape["properties"]["type"]["const"]: name for shape in shapes}
    return found
