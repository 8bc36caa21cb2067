"""What Discord takes is taken, and what it refuses is refused: one broken body a rule."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.recorded import DATA, needs_recordings
from tests.standins.discord_payloads import check

RECORDED = DATA / "discord" / "docs"
NONE: dict[str, Any] = {"parse": []}


def text(content: str = "Found.") -> dict[str, Any]:
    return {"type": 10, "content": content}


def button(**more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "More", "custom_id": "more"} | more


def row(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(inside)}


def select(**more: Any) -> dict[str, Any]:
    options = [{"label": f"Option {n}", "value": f"v{n}"} for n in range(3)]
    return {"type": 3, "custom_id": "menu", "options": options} | more


def message(**more: Any) -> dict[str, Any]:
    return {"content": "Hello.", "nonce": "n1", "enforce_nonce": True, "allowed_mentions": NONE} | more


def v2(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = message(flags=1 << 15, components=list(components), **more)
    return {name: value for name, value in made.items() if name in more or name != "content"}


def container(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": 17, "accent_color": 1, "components": list(inside)}


def embed(**more: Any) -> dict[str, Any]:
    return {"title": "Title", "description": "Text"} | more


def command(**more: Any) -> dict[str, Any]:
    return {"name": "papers", "description": "Search.", "type": 1, "options": [option()]} | more


def option(name: str = "query", **more: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "What to search."} | more


def modal(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 9, "data": {"custom_id": "ask", "title": "Ask", "components": list(components)} | more}


def label(**more: Any) -> dict[str, Any]:
    field = {"type": 4, "custom_id": "topic", "style": 1} | more
    return {"type": 18, "label": "Topic", "component": field}


GOOD = {
    "text": ("message", message()),
    "embeds": ("message", message(embeds=[embed()] * 10)),
    "buttons": ("message", message(components=[row(button())])),
    "components": ("message", v2(container(text(), row(button())), text())),
    "a section": (
        "message",
        v2(
            {
                "type": 9,
                "components": [text()],
                "accessory": button(style=5, url="https://a.example", custom_id=None),
            }
        ),
    ),
    "forty components": ("message", v2(*(text("x") for _ in range(40)))),
    "4,000 characters": ("message", v2(text("x" * 4000))),
    "a deferral": ("callback", {"type": 5, "data": {"flags": 64}}),
    "an answer": ("callback", {"type": 4, "data": {"content": "Hello.", "allowed_mentions": NONE}}),
    "a modal": ("callback", modal(label())),
    "choices": ("callback", {"type": 8, "data": {"choices": [{"name": "agents", "value": "agents"}]}}),
    "commands": ("commands", [command()]),
    "a forum post": ("forum post", {"name": "Today", "message": {"content": "x", "allowed_mentions": NONE}}),
    "an edit": ("message edit", {"content": "x", "tts": False, "allowed_mentions": NONE}),
}

BY_LIMITS = {
    "2,001 characters": ("message", message(content="x" * 2001), "2000 at the most"),
    "nothing": ("message", message(content=" "), "nothing is said"),
    "6,001 in embeds": (
        "message",
        message(embeds=[embed(description="x" * 3000, title="")] * 2 + [embed(title="x", description="")]),
        "6000 at the most",
    ),
    "embeds count every text": (
        "message",
        message(
            embeds=[
                embed(description="x" * 4000, footer={"text": "x" * 1000}, author={"name": "x" * 200}),
                embed(fields=[{"name": "x" * 200, "value": "x" * 1000}]),
            ]
        ),
        "6000 at the most",
    ),
    "41 components": ("message", v2(container(*(text("x") for _ in range(40)))), "40 at the most"),
    "an accessory counts": (
        "message",
        v2(*({"type": 9, "components": [text()], "accessory": button(custom_id=f"b{n}")} for n in range(14))),
        "42 of all depths",
    ),
    "4,001 characters": ("message", v2(container(text("x" * 2001)), text("x" * 2000)), "4000 at the most"),
    "an empty text": ("message", v2(text(" ")), "without text"),
    "content beside components": ("message", v2(text(), content="x"), "content: beside components"),
    "embeds beside components": ("message", v2(text(), embeds=[embed()]), "embeds: beside components"),
    "components without the flag": ("message", message(components=[text()]), "needs the flag"),
    "six rows": (
        "message",
        message(components=[row(button(custom_id=f"b{n}")) for n in range(6)]),
        "6 rows",
    ),
    "a custom_id twice": ("message", v2(row(button(), button(label="Less"))), "custom_id 'more': 2 times"),
    "a link with a custom_id": ("message", v2(row(button(style=5, url="https://a.example"))), "a link has"),
    "a button without a custom_id": ("message", v2(row(button(custom_id=None))), "a button has"),
    "a button without a label": ("message", v2(row(button(label=None))), "neither label nor emoji"),
    "a select beside a button": ("message", v2(row(select(), button())), "stands alone"),
    "an option twice": ("message", v2(row(select(options=[{"label": "x", "value": "x"}] * 2))), "2 times"),
    "too many to choose": ("message", v2(row(select(max_values=4))), "max_values 4 of 3"),
    "mentions not spoken of": ("message", message(allowed_mentions=None), "not none"),
    "everyone": ("message", message(allowed_mentions={"parse": ["everyone"]}), "not none"),
    "a user": ("message", message(allowed_mentions=NONE | {"users": ["1"]}), "would be pinged"),
    "who is replied to": (
        "message",
        message(allowed_mentions=NONE | {"replied_user": True}),
        "would be pinged",
    ),
    "a long nonce": ("message", message(nonce="x" * 26), "1 to 25 characters"),
    "no nonce": ("message", message(nonce=None), "1 to 25 characters"),
    "a nonce that is not enforced": ("message", message(enforce_nonce=False), "enforce_nonce"),
    "an answer that pings": ("callback", {"type": 4, "data": {"content": "x"}}, "not none"),
    "a follow-up of nothing": ("follow-up", {"allowed_mentions": NONE}, "nothing is said"),
    "no callback": ("callback", {"type": 3}, "is no callback"),
    "a form of six": ("callback", modal(*(label(custom_id=f"f{n}") for n in range(6))), "5 at the most"),
    "an input twice": ("callback", modal(label(), label()), "custom_id 'topic': 2 times"),
    "more than its max_length": ("callback", modal(label(value="xx", max_length=1)), "its own max_length"),
    "a long choice": (
        "callback",
        {"type": 8, "data": {"choices": [{"name": "x" * 101, "value": "x"}]}},
        "1 to 100 are allowed",
    ),
    "a forum post that pings": ("forum post", {"name": "x", "message": {"content": "x"}}, "not none"),
    "101 commands": ("commands", [command(name=f"c{n}") for n in range(101)], "100 at the most"),
    "a command twice": ("commands", [command(), command()], "'papers': 2 times"),
    "a command in capitals": ("commands", [command(name="Papers")], "no name of a command"),
    "a command of two words": ("commands", [command(name="new papers")], "no name of a command"),
    "a command without a description": ("commands", [command(description="")], "description: missing"),
    "8,001 characters": (
        "commands",
        [
            command(
                options=[
                    option(f"o{n}", choices=[{"name": "x" * 100, "value": "x" * 100}] * 2) for n in range(20)
                ]
            )
        ],
        "8000 at the most",
    ),
    "an option needed late": (
        "commands",
        [command(options=[option(), option("other", required=True)])],
        "a required option after",
    ),
    "an option twice in a command": ("commands", [command(options=[option(), option()])], "'query' 2 times"),
    "subcommands beside options": (
        "commands",
        [command(options=[option(), option("add", type=1)])],
        "subcommands beside options",
    ),
    "choices beside autocomplete": (
        "commands",
        [command(options=[option(autocomplete=True, choices=[{"name": "x", "value": "x"}])])],
        "autocomplete beside choices",
    ),
}

BY_SCHEMA = {
    "an unknown key": ("message", message(text="x")),
    "an unknown key inside": ("message", v2(container(text() | {"markdown": True}))),
    "no such component": ("message", v2({"type": 99})),
    "a component where it cannot be": ("message", v2(container(container(text())))),
    "a button outside of a row": ("message", v2(button())),
    "six buttons in a row": ("message", v2(row(*(button(custom_id=f"b{n}") for n in range(6))))),
    "a long label": ("message", v2(row(button(label="x" * 81)))),
    "a long custom_id": ("message", v2(row(button(custom_id="x" * 101)))),
    "26 options": (
        "message",
        v2(row(select(options=[{"label": "x", "value": str(n)} for n in range(26)]))),
    ),
    "eleven embeds": ("message", message(embeds=[embed()] * 11)),
    "a long title": ("message", message(embeds=[embed(title="x" * 257)])),
    "a long description": ("message", message(embeds=[embed(description="x" * 4097)])),
    "a field without a value": ("message", message(embeds=[embed(fields=[{"name": "x"}])])),
    "a section of nothing": ("message", v2({"type": 9, "components": [], "accessory": button()})),
    "a long title of a form": ("callback", modal(label(), title="x" * 46)),
    "26 choices": ("callback", {"type": 8, "data": {"choices": [{"name": "x", "value": "x"}] * 26}}),
    "a long description of a command": ("commands", [command(description="x" * 101)]),
    "26 choices of an option": (
        "commands",
        [command(options=[option(choices=[{"name": "x", "value": "x"}] * 26)])],
    ),
    "a long name of a thread": ("thread of a message", {"name": "x" * 101}),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_discord_takes(name: str) -> None:
    kind, body = GOOD[name]
    assert check(kind, body) == []


@pytest.mark.parametrize("name", BY_LIMITS)
def test_what_discord_refuses_and_the_file_does_not_know(name: str) -> None:
    kind, body, problem = BY_LIMITS[name]
    assert any(problem in one for one in check(kind, body)), check(kind, body)


@needs_recordings
@pytest.mark.parametrize("name", BY_SCHEMA)
def test_what_the_openapi_file_refuses(name: str) -> None:
    kind, body = BY_SCHEMA[name]
    found = check(kind, body)
    assert any("schema" in one for one in found), found


def test_an_edit_of_components_stays_one_of_components() -> None:
    body = {"content": "x", "allowed_mentions": NONE}
    assert check("answer edit", body) == []
    assert check("answer edit", body, was_v2=True) == ["content: beside components of version 2"]
    answer = {"type": 4, "data": body}
    assert check("callback", answer, was_v2=True) == [], "another message is not an edit"


@needs_recordings
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("components__using-message-components__01_Sending-a-Message-with-a-Component", "follow-up"),
        ("components__using-message-components__02_Sending-a-Message-with-Multiple-Components", "follow-up"),
        ("components__using-message-components__03_Nesting-Components-with-Layout-Components", "follow-up"),
        ("components__using-modal-components__01_Displaying-a-Modal", "callback"),
        ("interactions__application-commands__02_Example-Slash-Command", "command"),
    ],
)
def test_discords_own_examples_are_taken(name: str, kind: str) -> None:
    body = json.loads(Path(RECORDED / f"{name}.json").read_text())
    shown = deepcopy(body) | ({"allowed_mentions": NONE} if kind == "follow-up" else {})
    assert check(kind, shown) == []
    assert check(kind, shown | {"surprise": 1}) != []
