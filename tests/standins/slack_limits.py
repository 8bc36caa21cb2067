"""Slack's limits on payloads, as its reference of blocks, elements and views gives them.

Characters are counted as Python counts them. Where Slack documents no limit the reason stands beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

Payload = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
TEXT = 4_000
"""Slack recommends it for the top-level text, and cuts above 40,000."""
ALL_TEXT = 13_000
"""Undocumented: `msg_blocks_too_long` was met near 13,200 characters in all of a message's blocks."""
MARKDOWN = 12_000
"""All `markdown` blocks of a payload together."""
TABLE_ROWS, TABLE_CELLS = 100, 20

LENGTHS: dict[str, dict[str, int]] = {
    "header": {"text": 150},
    "section": {"text": 3_000},
    "button": {"text": 75, "value": 2_000, "url": 3_000, "accessibility_label": 75},
    "workflow_button": {"text": 75, "accessibility_label": 75},
    "image": {"alt_text": 2_000, "image_url": 3_000, "title": 2_000},
    "input": {"label": 2_000, "hint": 2_000},
    "card": {"title": 150, "subtitle": 150, "body": 200},
    "container": {"title": 150, "subtitle": 150},
    "plain_text_input": {"initial_value": 3_000},
    "modal": {"title": 24, "submit": 24, "close": 24, "private_metadata": 3_000, "callback_id": 255},
    "home": {"private_metadata": 3_000, "callback_id": 255},
    "mrkdwn": {"text": 3_000},
    "plain_text": {"text": 3_000},
}
"""The most characters, by the type of the object and its field: a string or a text object."""

EVERYWHERE = {"block_id": 255, "action_id": 255, "external_id": 255, "placeholder": 150}

COUNTS: dict[str, dict[str, int]] = {
    "section": {"fields": 10},
    "context": {"elements": 10},
    "context_actions": {"elements": 5},
    "actions": {"elements": 25},
    "carousel": {"elements": 10},
    "container": {"child_blocks": 10},
    "overflow": {"options": 5},
    "checkboxes": {"options": 10},
    "radio_buttons": {"options": 10},
    "static_select": {"options": 100, "option_groups": 100},
    "multi_static_select": {"options": 100, "option_groups": 100},
}
"""The most members; the least is one."""

PLAIN: dict[str, tuple[str, ...]] = {
    "header": ("text",),
    "button": ("text",),
    "input": ("label", "hint"),
    "image": ("title",),
    "modal": ("title", "submit", "close"),
}
"""Fields that take `plain_text` only."""

OPTION = {"text": 75, "value": 150, "description": 75, "url": 3_000}
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
ONLY_IN_MODALS = frozenset({"alert"})


def message(payload: Payload, *, fresh: bool) -> Iterator[str]:
    """What a message breaks."""
    held = payload.get("blocks") or []
    text = payload.get("text") or ""
    if not 1 <= len(text.strip()) <= TEXT:
        yield f"text: {len(text)} characters, 1 to {TEXT} are allowed: it is what screen readers read"
    if len(held) > MESSAGE_BLOCKS:
        yield f"blocks: {len(held)}, {MESSAGE_BLOCKS} at the most"
    if fresh and held:
        for flag in ("unfurl_links", "unfurl_media"):
            if payload.get(flag) not in (False, "false", "0"):
                yield f"{flag}: not false beside blocks"
    yield from _metadata(payload.get("metadata"))
    yield from (f"{one['type']}: only in modals" for one in held if one.get("type") in ONLY_IN_MODALS)
    if (total := sum(_text_lengths(held))) > ALL_TEXT:
        yield f"blocks: {total} characters in all, {ALL_TEXT} at the most"


def view(shown: Payload) -> Iterator[str]:
    """What a modal or a Home tab breaks."""
    held = shown.get("blocks") or []
    if not 1 <= len(held) <= VIEW_BLOCKS:
        yield f"blocks: {len(held)}, 1 to {VIEW_BLOCKS} are allowed"
    if shown.get("type") == "modal" and "submit" not in shown and _has(held, "input"):
        yield "submit: missing beside input blocks"
    yield from _object(shown | {"blocks": []}, "view")


def options(answer: Payload) -> Iterator[str]:
    """What the options of an external select break."""
    yield from _options({"type": "static_select"} | answer, "options")
    for name in ("options", "option_groups"):
        if len(answer.get(name, ())) > 100:
            yield f"{name}: {len(answer[name])}, 100 at the most"


def _metadata(metadata: object) -> Iterator[str]:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        yield "metadata: no event_type"
    elif not isinstance(metadata.get("event_payload"), dict):
        yield "metadata: no event_payload"


def blocks(shown: list[Payload]) -> Iterator[str]:
    """What blocks break, wherever they are shown."""
    ids = Counter(block["block_id"] for block in shown if block.get("block_id"))
    yield from (f"block_id {name!r}: {times} times" for name, times in ids.items() if times > 1)
    markdown = sum(len(block.get("text", "")) for block in shown if block.get("type") == "markdown")
    if markdown > MARKDOWN:
        yield f"markdown: {markdown} characters in all, {MARKDOWN} at the most"
    for index, block in enumerate(shown):
        where = f"blocks[{index}]"
        yield from _actions(block, where)
        for path, node in _walk(block, where):
            yield from _object(node, path)


def _actions(block: Payload, where: str) -> Iterator[str]:
    """`action_id` is unique in a block."""
    ids = Counter(node["action_id"] for _, node in _walk(block, where) if node.get("action_id"))
    yield from (f"{where}: action_id {name!r} {times} times" for name, times in ids.items() if times > 1)


def _object(node: Payload, where: str) -> Iterator[str]:
    kind = str(node.get("type", ""))
    for name, most in (EVERYWHERE | LENGTHS.get(kind, {})).items():
        yield from _length(node, name, most, f"{where} ({kind})")
    for name, most in COUNTS.get(kind, {}).items():
        if name in node and not 1 <= len(node[name]) <= most:
            yield f"{where} ({kind}).{name}: {len(node[name])}, 1 to {most} are allowed"
    for name in PLAIN.get(kind, ()):
        if isinstance(node.get(name), dict) and node[name].get("type") != "plain_text":
            yield f"{where} ({kind}).{name}: only plain_text"
    yield from _special(kind, node, where)


def _special(kind: str, node: Payload, where: str) -> Iterator[str]:
    if kind == "section":
        yield from _section(node, where)
    if kind == "table":
        rows = node.get("rows", [])
        if len(rows) > TABLE_ROWS or any(len(row) > TABLE_CELLS for row in rows):
            yield f"{where} (table): {TABLE_ROWS} rows of {TABLE_CELLS} cells at the most"
    if kind in {"mrkdwn", "plain_text", "raw_text"} and not str(node.get("text", "")):
        yield f"{where} ({kind}): empty text"
    if isinstance(node.get("confirm"), dict):
        for name, most in CONFIRM.items():
            yield from _length(node["confirm"], name, most, f"{where}.confirm")
    yield from _options(node, where)


def _section(node: Payload, where: str) -> Iterator[str]:
    if not node.get("text") and not node.get("fields"):
        yield f"{where} (section): neither text nor fields"
    for number, field in enumerate(node.get("fields", ())):
        if len(field.get("text", "")) > 2_000:
            yield f"{where} (section).fields[{number}]: {len(field['text'])} characters, 2000 at the most"


def _options(node: Payload, where: str) -> Iterator[str]:
    groups = [node.get("options", ()), *(group.get("options", ()) for group in node.get("option_groups", ()))]
    for option in (option for group in groups for option in group):
        for name, most in OPTION.items():
            yield from _length(option, name, most, f"{where}.option")
    if any(len(group) > 100 for group in groups[1:]):
        yield f"{where}.option_groups: 100 options a group at the most"


def _length(node: Payload, name: str, most: int, where: str) -> Iterator[str]:
    value = node.get(name)
    text = value.get("text", "") if isinstance(value, dict) else value
    if isinstance(text, str) and len(text) > most:
        yield f"{where}.{name}: {len(text)} characters, {most} at the most"


def _walk(value: Any, where: str) -> Iterator[tuple[str, Payload]]:
    """Every object inside that has a type, and where it stands."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield where, value
        for key, inner in value.items():
            yield from _walk(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, f"{where}[{index}]")


def _text_lengths(blocks: list[Payload]) -> Iterator[int]:
    for _, node in _walk(blocks, ""):
        if isinstance(node.get("text"), str):
            yield len(node["text"])


def _has(blocks: list[Payload], kind: str) -> bool:
    return any(block.get("type") == kind for block in blocks)
