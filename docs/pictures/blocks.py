"""Block Kit as HTML, near to how Slack draws it. A kind that is not known here is an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

Payload = Mapping[str, Any]

_LINK = re.compile(r"<(?P<url>https?://[^|>]+)\|(?P<label>[^>]*)>")
_MARKUP = re.compile(r"<[^>]*>")
_BOLD = re.compile(r"\*([^*\n]+)\*")
_STYLES = {"bold": "b", "italic": "i", "strike": "s", "code": "code"}
_SELECTS = {"static_select", "external_select", "conversations_select"}


class UnknownBlock(ValueError):  # noqa: N818
    """Something is sent to Slack that the page does not know how to draw."""


@dataclass(frozen=True, slots=True)
class Names:
    """What Slack shows in the place of ids, and the state of a modal's inputs by action_id."""

    users: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, str] = field(default_factory=dict)


def drawn(blocks: Sequence[Payload], names: Names) -> str:
    """The HTML of blocks, in order.

    Raises UnknownBlock.
    """
    return "\n".join(_known(_BLOCKS, block)(block, names) for block in blocks)


def _known(
    table: Mapping[str, Callable[[Payload, Names], str]], one: Payload
) -> Callable[[Payload, Names], str]:
    try:
        return table[one["type"]]
    except KeyError:
        raise UnknownBlock(f"nobody draws {one.get('type')!r}: {sorted(one)}") from None


def _text(one: Payload) -> str:
    if one["type"] == "plain_text":
        return escape(one["text"])
    if one["type"] == "mrkdwn":
        return _mrkdwn(one["text"])
    raise UnknownBlock(f"nobody draws text of the kind {one['type']!r}")


def _mrkdwn(text: str) -> str:
    """The marks that Paperboy writes: links and bold. Entities stay as they are."""
    if left := _MARKUP.findall(_LINK.sub("", text)):
        raise UnknownBlock(f"nobody draws {left[0]!r}")
    linked = _LINK.sub(lambda m: f'<a href="{escape(unescape(m["url"]))}">{m["label"]}</a>', text)
    return _BOLD.sub(r"<b>\1</b>", linked)


def _header(block: Payload, _names: Names) -> str:
    return f'<div class="block header">{_text(block["text"])}</div>'


def _section(block: Payload, names: Names) -> str:
    body = f"<div>{_text(block['text'])}</div>" if "text" in block else ""
    pairs = "".join(f"<div>{_text(one)}</div>" for one in block.get("fields", ()))
    body += f'<div class="fields">{pairs}</div>' if pairs else ""
    beside = block.get("accessory")
    accessory = _known(_ELEMENTS, beside)(beside, names) if beside else ""
    return f'<div class="block section"><div class="grow">{body}</div>{accessory}</div>'


def _context(block: Payload, _names: Names) -> str:
    return (
        f'<div class="block context">{"".join(f"<span>{_text(o)}</span>" for o in block["elements"])}</div>'
    )


def _divider(_block: Payload, _names: Names) -> str:
    return '<hr class="block">'


def _actions(block: Payload, names: Names) -> str:
    elements = "".join(_known(_ELEMENTS, one)(one, names) for one in block["elements"])
    return f'<div class="block actions">{elements}</div>'


def _input(block: Payload, names: Names) -> str:
    element = block["element"]
    hint = f'<div class="hint">{_text(block["hint"])}</div>' if "hint" in block else ""
    return (
        f'<div class="block input"><label>{_text(block["label"])}</label>'
        f"{_known(_ELEMENTS, element)(element, names)}{hint}</div>"
    )


def _rich_text(block: Payload, names: Names) -> str:
    return f'<div class="block">{"".join(_known(_RICH, one)(one, names) for one in block["elements"])}</div>'


def _paragraph(one: Payload, names: Names) -> str:
    return f'<div class="paragraph">{_inline(one["elements"], names)}</div>'


def _preformatted(one: Payload, names: Names) -> str:
    return f"<pre>{_inline(one['elements'], names)}</pre>"


def _inline(elements: Sequence[Payload], names: Names) -> str:
    return "".join(_known(_INLINE, one)(one, names) for one in elements)


def _styled(one: Payload, _names: Names) -> str:
    said = escape(one["text"])
    for style, wanted in one.get("style", {}).items():
        said = f"<{_STYLES[style]}>{said}</{_STYLES[style]}>" if wanted else said
    return said


def _link(one: Payload, names: Names) -> str:
    return f'<a href="{escape(one["url"])}">{_styled(one, names)}</a>'


def _user(one: Payload, names: Names) -> str:
    return f'<span class="mention">@{escape(names.users[one["user_id"]])}</span>'


def _channel(one: Payload, names: Names) -> str:
    said = _styled({**one, "text": "#" + names.channels[one["channel_id"]]}, names)
    return f'<span class="mention">{said}</span>'


def _button(one: Payload, _names: Names) -> str:
    return f'<span class="button {one.get("style", "")}">{_text(one["text"])}</span>'


def _overflow(_one: Payload, _names: Names) -> str:
    return '<span class="button overflow">⋯</span>'


def _plain_input(one: Payload, names: Names) -> str:
    typed = names.state.get(one["action_id"]) or one.get("initial_value", "")
    waiting = f'<span class="waiting">{_text(one["placeholder"])}</span>' if "placeholder" in one else ""
    return f'<div class="box">{escape(typed) or waiting}</div>'


def _select(one: Payload, names: Names) -> str:
    first = _text(one["initial_option"]["text"]) if "initial_option" in one else ""
    chosen = escape(names.state.get(one["action_id"], "")) or first
    return f'<div class="box select">{chosen or "Select an option"}</div>'


def _time(one: Payload, names: Names) -> str:
    return f'<div class="box select">{escape(names.state.get(one["action_id"]) or one["initial_time"])}</div>'


_BLOCKS: dict[str, Callable[[Payload, Names], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "actions": _actions,
    "input": _input,
    "rich_text": _rich_text,
}
_ELEMENTS: dict[str, Callable[[Payload, Names], str]] = {
    "button": _button,
    "overflow": _overflow,
    "plain_text_input": _plain_input,
    "timepicker": _time,
    **dict.fromkeys(sorted(_SELECTS), _select),
}
_RICH: dict[str, Callable[[Payload, Names], str]] = {
    "rich_text_section": _paragraph,
    "rich_text_preformatted": _preformatted,
}
_INLINE: dict[str, Callable[[Payload, Names], str]] = {
    "text": _styled,
    "link": _link,
    "user": _user,
    "channel": _channel,
}
