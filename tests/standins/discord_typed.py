"""What people type and choose, as Discord lets it be sent: options of commands, menus, forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.standins.discord_limits import LABEL, SUBCOMMANDS, TEXT_INPUT

Payload = dict[str, Any]

STRING, INTEGER, BOOLEAN, USER_OPTION, CHANNEL_OPTION = 3, 4, 5, 6, 7
_TYPES: dict[int, type] = {STRING: str, INTEGER: int, BOOLEAN: bool, USER_OPTION: str, CHANNEL_OPTION: str}


class NotOffered(LookupError):  # noqa: N818
    """Discord does not show this to the user, or does not let it be sent."""


def filled(body: Payload, path: list[str], values: Payload, focused: str = "") -> list[Payload]:
    """The options of a command as they are sent. Raises NotOffered."""
    known = {one["name"]: one for one in body.get("options") or []}
    if path:
        inner = known.get(path[0])
        if inner is None or inner["type"] not in SUBCOMMANDS:
            raise NotOffered(f"{body['name']!r} has no subcommand {path[0]!r}")
        options = filled(inner, path[1:], values, focused)
        return [{"name": path[0], "type": inner["type"], "options": options}]
    if any(one["type"] in SUBCOMMANDS for one in known.values()):
        raise NotOffered(f"{body['name']!r} is used with a subcommand")
    if unknown := set(values) - set(known):
        raise NotOffered(f"{body['name']!r} has no option {sorted(unknown)}, only {sorted(known)}")
    missing = [name for name, one in known.items() if one.get("required") and name not in values]
    if missing and not focused:
        raise NotOffered(f"{body['name']!r} needs {missing}")
    sent = []
    for name, value in values.items():
        if name != focused:
            _check(known[name], value)
        mark = {"focused": True} if name == focused else {}
        sent.append({"name": name, "type": known[name]["type"], "value": value} | mark)
    return sent


def _check(option: Payload, value: Any) -> None:
    """Raises NotOffered where Discord would not let the value be sent."""
    wanted = _TYPES[option["type"]]
    choices = [one["value"] for one in option.get("choices") or []]
    if type(value) is not wanted or (choices and value not in choices):
        raise NotOffered(f"{option['name']}: {value!r} is not {choices or wanted.__name__}")
    size = len(value) if isinstance(value, str) else value
    ends = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    least, most = (option.get(name) for name in ends)
    if (least is not None and size < least) or (most is not None and size > most) or value == "":
        raise NotOffered(f"{option['name']}: {value!r} is out of its bounds")


def chosen(one: Payload, wanted: tuple[str, ...]) -> list[str]:
    """The values of options that are named by label or value. Raises NotOffered."""
    known = {
        name: option["value"] for option in one["options"] for name in (option["label"], option["value"])
    }
    if missing := set(wanted) - set(known):
        raise NotOffered(f"no option is called {sorted(missing)}, only {sorted(known)}")
    values = list(dict.fromkeys(known[name] for name in wanted))
    least = one.get("min_values")
    if not (1 if least is None else least) <= len(values) <= (one.get("max_values") or 1):
        raise NotOffered(f"{len(values)} options cannot be chosen")
    return values


def _inputs(one: Payload) -> Iterator[tuple[str, Payload]]:
    """The inputs of a part of a form, each with its label."""
    if one["type"] == LABEL:
        yield one["label"], one["component"]
    else:
        for inner in one.get("components", ()):
            yield inner.get("label") or "", inner


def names_of(one: Payload) -> set[str]:
    """By what the inputs of a part of a form can be called."""
    return {name for label, inner in _inputs(one) for name in (label, inner["custom_id"]) if name}


def submitted(one: Payload, values: Mapping[str, Any]) -> Payload:
    """A part of a form as it is sent. Raises NotOffered."""
    made = [_state(label, inner, values) for label, inner in _inputs(one)]
    if one["type"] == LABEL:
        return {"type": LABEL, "id": one.get("id") or 1, "component": made[0]}
    return {"type": one["type"], "id": one.get("id") or 1, "components": made}


def _state(label: str, one: Payload, values: Mapping[str, Any]) -> Payload:
    """An input as it is sent. Raises NotOffered."""
    given = values.get(one["custom_id"], values.get(label))
    state = {"type": one["type"], "custom_id": one["custom_id"], "id": one.get("id") or 1}
    if one["type"] == TEXT_INPUT:
        text = one.get("value") or "" if given is None else given
        if len(text) > (one.get("max_length") or 4_000) or (not text and one.get("required", True)):
            raise NotOffered(f"{label or one['custom_id']}: {text!r} cannot be sent")
        return state | {"value": text}
    defaults = [option["value"] for option in one["options"] if option.get("default")]
    wanted = defaults if given is None else [given] if isinstance(given, str) else given
    if not wanted and not one.get("required", True):
        return state | {"values": []}
    return state | {"values": chosen(one, tuple(wanted))}
