"""Discord's components and Markdown as HTML, near to how Discord draws them. What is unknown is an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from docs.pictures.blocks import UnknownBlock

Payload = Mapping[str, Any]
Names = Mapping[str, str]
"""What Discord shows in the place of people's ids."""

_FENCE = re.compile(r"```(?:\w+\n)?(.*?)```", re.DOTALL)
_ESCAPED = re.compile(r"\\([^\w\s])")
_LINK = re.compile(r"\[([^\[\]]*)\]\((https://[^)\s]+)\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`([^`\n]+)`")
_USER = re.compile(r"&lt;@(\d+)&gt;")
_LEFT = re.compile(r"[*_~|`\[\]]|&lt;")
_PRIVATE = 0xE000
"""Where escaped signs stand until the marks are drawn."""
_LINES = {"### ": "h3", "## ": "h2", "-# ": "small"}


def drawn(components: Sequence[Payload], names: Names) -> str:
    """The HTML of components, in order.

    Raises UnknownBlock.
    """
    return "\n".join(_known(one)(one, names) for one in components)


def markdown(text: str, names: Names) -> str:
    """The HTML of a text. Raises UnknownBlock for marks that Paperboy does not write."""
    parts = _FENCE.split(text)
    return "".join(
        f"<pre>{escape(part.strip())}</pre>" if place % 2 else _lines(part, names)
        for place, part in enumerate(parts)
        if part.strip()
    )


def _lines(text: str, names: Names) -> str:
    return "".join(_line(line, names) for line in text.split("\n") if line)


def _line(line: str, names: Names) -> str:
    kind = next((tag for mark, tag in _LINES.items() if line.startswith(mark)), "div")
    body = line[len(next((mark for mark in _LINES if line.startswith(mark)), "")) :]
    return f'<div class="{kind}">{_inline(body, names)}</div>'


def _inline(text: str, names: Names) -> str:
    kept = escape(_ESCAPED.sub(lambda m: chr(_PRIVATE + ord(m[1])), text), quote=False)
    made = _LINK.sub(r'<a href="\2">\1</a>', kept)
    made = _CODE.sub(r"<code>\1</code>", _BOLD.sub(r"<b>\1</b>", made))
    made = _USER.sub(lambda m: f'<span class="mention">@{escape(names[m[1]])}</span>', made)
    if left := _LEFT.search(re.sub(r"</?(?:a|b|code|span)\b[^>]*>", "", made)):
        raise UnknownBlock(f"nobody draws {left[0]!r} of {text!r}")
    return "".join(
        escape(chr(ord(sign) - _PRIVATE)) if _PRIVATE <= ord(sign) < _PRIVATE + 128 else sign for sign in made
    )


def _known(one: Payload) -> Callable[[Payload, Names], str]:
    try:
        return _PARTS[one["type"]]
    except KeyError:
        raise UnknownBlock(f"nobody draws {one.get('type')!r}: {sorted(one)}") from None


def _text(one: Payload, names: Names) -> str:
    return f'<div class="text">{markdown(one["content"], names)}</div>'


def _container(one: Payload, names: Names) -> str:
    accent = one.get("accent_color")
    line = f' style="border-left-color:#{accent:06x}"' if accent is not None else ""
    return f'<div class="container"{line}>{drawn(one["components"], names)}</div>'


def _row(one: Payload, names: Names) -> str:
    return f'<div class="row">{drawn(one["components"], names)}</div>'


def _section(one: Payload, names: Names) -> str:
    beside = drawn([one["accessory"]], names)
    return f'<div class="section"><div class="grow">{drawn(one["components"], names)}</div>{beside}</div>'


def _button(one: Payload, _names: Names) -> str:
    return f'<span class="button style{one["style"]}">{escape(one["label"])}</span>'


def _select(one: Payload, _names: Names) -> str:
    chosen = [option["label"] for option in one["options"] if option.get("default")]
    return f'<span class="select">{escape(", ".join(chosen) or one.get("placeholder") or "")}</span>'


def _separator(one: Payload, _names: Names) -> str:
    return '<hr class="large">' if one.get("spacing") == 2 else "<hr>"


def _label(one: Payload, names: Names) -> str:
    hint = f'<div class="hint">{escape(one["description"])}</div>' if one.get("description") else ""
    return f'<div class="label"><b>{escape(one["label"])}</b>{hint}{drawn([one["component"]], names)}</div>'


def _input(one: Payload, _names: Names) -> str:
    waiting = f'<span class="hint">{escape(one.get("placeholder") or "")}</span>'
    tall = " tall" if one["style"] == 2 else ""
    return f'<div class="box{tall}">{escape(one.get("value") or "") or waiting}</div>'


_PARTS: dict[int, Callable[[Payload, Names], str]] = {
    1: _row,
    2: _button,
    3: _select,
    4: _input,
    9: _section,
    10: _text,
    14: _separator,
    17: _container,
    18: _label,
}
