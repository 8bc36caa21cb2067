"""What goes to Discord, held to its documented limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from adapters.discord.render import DiscordMessage
from bot.messages.blocks import Button
from tests.adapters import example_messages as examples
from tests.adapters.example_messages import digest
from tests.standins.reading import nodes

CARD = replace(
    examples.CARD,
    actions=(Button("BibTeX", "bibtex arxiv:2510.08211"), Button("In full", "show arxiv:2510.08211")),
)
DIGEST = digest(CARD)


def payload(part: DiscordMessage, mark: str = "paperboy-1") -> dict[str, Any]:
    """What discord.py makes of a message."""
    made = part.arguments(mark)
    return {
        "components": made["view"].to_components(),
        "embeds": [embed.to_dict() for embed in made.get("embeds", ())],
    }


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every component inside a payload."""
    return (one for one in nodes(value) if not isinstance(one.get("type", ""), str))


def texts(part: DiscordMessage) -> list[str]:
    """The Markdown of a message."""
    made = payload(part)
    shown = [one["content"] for one in objects(made["components"]) if one["type"] == 10]
    return shown + [embed["description"] for embed in made["embeds"]]


def check(part: DiscordMessage) -> None:
    """Hold a message to the documented limits."""
    made = payload(part)
    found = list(objects(made["components"]))
    assert len(found) <= 40
    assert sum(len(one["content"]) for one in found if one["type"] == 10) <= 4_000
    assert len(made["embeds"]) <= 10
    described = [embed["description"] for embed in made["embeds"]]
    footers = [embed["footer"]["text"] for embed in made["embeds"] if "footer" in embed]
    assert sum(map(len, described + footers)) <= 6_000
    assert all(0 < len(one) <= 4_096 for one in described)
    assert found or described
    ids = [one["custom_id"] for one in found if "custom_id" in one]
    assert len(ids) == len(set(ids))
    assert all(0 < len(one) <= 100 for one in ids)
    for one in found:
        check_component(one)


def check_component(one: dict[str, Any]) -> None:
    """Hold one component to its limits."""
    if one["type"] == 10:
        assert one["content"].strip()
    if one["type"] == 1:
        assert 0 < len(one["components"]) <= 5
    if one["type"] == 2:
        assert 0 < len(one["label"]) <= 80
    if one["type"] == 3:
        assert 0 < len(one["options"]) <= 25
        values = [option["value"] for option in one["options"]]
        assert len(set(values)) == len(values)
        assert all(0 < len(option[name]) <= 100 for option in one["options"] for name in ("label", "value"))
