"""What Slack takes and refuses: each limit just inside and just outside, and what was recorded of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recorded import DATA, needs_recordings
from tests.standins.slack_checks import violations_of
from tests.standins.slack_payloads import check_blocks, check_message, check_view

Payload = dict[str, Any]


def plain(text: str) -> Payload:
    return {"type": "plain_text", "text": text}


def mrkdwn(length: int) -> Payload:
    return {"type": "mrkdwn", "text": "x" * length}


def message(*blocks: Payload, **more: Any) -> list[str]:
    flags = {"unfurl_links": False, "unfurl_media": False}
    return check_message({"text": "New papers", "blocks": list(blocks)} | flags | more)


def modal(*blocks: Payload, **more: Any) -> list[str]:
    shown = {"type": "modal", "title": plain("Subscribe"), "blocks": list(blocks)}
    return check_view(shown | more)


def header(length: int) -> Payload:
    return {"type": "header", "text": plain("x" * length)}


def section(length: int = 5, **more: Any) -> Payload:
    return {"type": "section", "text": mrkdwn(length)} | more


def button(**more: Any) -> Payload:
    return {"type": "button", "text": plain("Go"), "action_id": "go"} | more


def actions(*elements: Payload, **more: Any) -> Payload:
    return {"type": "actions", "elements": list(elements)} | more


def option(number: int = 0, **more: Any) -> Payload:
    return {"text": plain(f"Option {number}"), "value": f"v{number}"} | more


def menu(kind: str, options: list[Payload], **more: Any) -> Payload:
    return {"type": kind, "action_id": "menu", "options": options} | more


def field(element: Payload | None = None, **more: Any) -> Payload:
    text = {"type": "plain_text_input", "action_id": "typed"}
    return {"type": "input", "label": plain("Topic"), "element": element or text} | more


def options(count: int) -> list[Payload]:
    return [option(number) for number in range(count)]


def confirm(**more: Any) -> Payload:
    said = {"title": "Sure?", "text": "It goes.", "confirm": "Yes", "deny": "No"} | more
    return button(confirm={name: plain(text) for name, text in said.items()})


def table(rows: int, cells: int) -> Payload:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * cells] * rows}


SUBMIT = {"submit": plain("Send")}

LIMITS: dict[str, tuple[int, Callable[[int], list[str]]]] = {
    "blocks of a message": (50, lambda n: message(*[section()] * n)),
    "blocks of a modal": (100, lambda n: modal(*[section()] * n)),
    "blocks of a Home tab": (100, lambda n: check_view({"type": "home", "blocks": [section()] * n})),
    "top-level text": (4_000, lambda n: message(text="x" * n)),
    "all text of a message": (13_000, lambda n: message(*[section(2_500)] * 5, section(n - 12_500))),
    "markdown blocks together": (
        12_000,
        lambda n: message(*({"type": "markdown", "text": "x" * length} for length in (6_000, n - 6_000))),
    ),
    "header": (150, lambda n: message(header(n))),
    "section": (3_000, lambda n: message(section(n))),
    "section field": (2_000, lambda n: message({"type": "section", "fields": [mrkdwn(n)]})),
    "section fields": (10, lambda n: message({"type": "section", "fields": [mrkdwn(5)] * n})),
    "context elements": (10, lambda n: message({"type": "context", "elements": [mrkdwn(5)] * n})),
    "actions elements": (
        25,
        lambda n: message(actions(*(button(action_id=f"go{number}") for number in range(n)))),
    ),
    "button text": (75, lambda n: message(actions(button(text=plain("x" * n))))),
    "button value": (2_000, lambda n: message(actions(button(value="x" * n)))),
    "button address": (3_000, lambda n: message(actions(button(url=f"https://x.io/{'x' * (n - 13)}")))),
    "button label": (75, lambda n: message(actions(button(accessibility_label="x" * n)))),
    "action_id": (255, lambda n: message(actions(button(action_id="x" * n)))),
    "block_id": (255, lambda n: message(section(block_id="x" * n))),
    "confirmation title": (100, lambda n: message(actions(confirm(title="x" * n)))),
    "confirmation text": (300, lambda n: message(actions(confirm(text="x" * n)))),
    "confirmation yes": (30, lambda n: message(actions(confirm(confirm="x" * n)))),
    "confirmation no": (30, lambda n: message(actions(confirm(deny="x" * n)))),
    "overflow options": (5, lambda n: message(section(accessory=menu("overflow", options(n))))),
    "select options": (100, lambda n: message(actions(menu("static_select", options(n))))),
    "checkboxes": (10, lambda n: message(actions(menu("checkboxes", options(n))))),
    "radio buttons": (10, lambda n: message(actions(menu("radio_buttons", options(n))))),
    "option text": (75, lambda n: message(actions(menu("static_select", [option(text=plain("x" * n))])))),
    "option value": (150, lambda n: message(actions(menu("static_select", [option(value="x" * n)])))),
    "option description": (
        75,
        lambda n: message(actions(menu("static_select", [option(description=plain("x" * n))]))),
    ),
    "placeholder": (
        150,
        lambda n: message(actions(menu("static_select", options(1), placeholder=plain("x" * n)))),
    ),
    "image description": (
        2_000,
        lambda n: message({"type": "image", "image_url": "https://x.io/a", "alt_text": "x" * n}),
    ),
    "table rows": (100, lambda n: message(table(n, 1))),
    "table cells": (20, lambda n: message(table(1, n))),
    "view title": (24, lambda n: modal(section(), title=plain("x" * n))),
    "view submit": (24, lambda n: modal(section(), submit=plain("x" * n))),
    "view close": (24, lambda n: modal(section(), close=plain("x" * n))),
    "private metadata": (3_000, lambda n: modal(section(), private_metadata="x" * n)),
    "callback_id": (255, lambda n: modal(section(), callback_id="x" * n)),
    "external_id": (255, lambda n: modal(section(), external_id="x" * n)),
    "input label": (2_000, lambda n: modal(field(label=plain("x" * n)), **SUBMIT)),
    "input hint": (2_000, lambda n: modal(field(hint=plain("x" * n)), **SUBMIT)),
    "suggested options": (100, lambda n: violations_of("block_suggestion", {"options": options(n)})),
    "suggested option": (
        75,
        lambda n: violations_of("block_suggestion", {"options": [option(text=plain("x" * n))]}),
    ),
    "unfurled section": (
        3_000,
        lambda n: violations_of("chat.unfurl", {"unfurls": {"https://x.io": {"blocks": [section(n)]}}}),
    ),
    "section of an acknowledgement": (
        3_000,
        lambda n: violations_of("slash_commands", {"text": "Hello.", "blocks": [section(n)]}),
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_where_slack_has_it(name: str) -> None:
    limit, problems = LIMITS[name]
    assert problems(limit) == []
    assert problems(limit + 1)


@pytest.mark.parametrize(
    ("problems", "what"),
    [
        (check_message({"text": ""}), "text"),
        (check_message({"text": " \n"}), "text"),
        (check_message({"blocks": [section()], "unfurl_links": False, "unfurl_media": False}), "text"),
        (check_message({"text": "x", "blocks": [section()]}), "unfurl_links"),
        (message(section(), unfurl_links=True), "unfurl_links"),
        (message(section(), unfurl_media=None), "unfurl_media"),
        (message(section(), metadata={"event_type": "x"}), "event_payload"),
        (message(section(), metadata={"event_payload": {}}), "event_type"),
        (message({"type": "header", "text": mrkdwn(5)}), "plain_text"),
        (message(actions(button(text=mrkdwn(5)))), "plain_text"),
        (message({"type": "section"}), "neither text nor fields"),
        (message({"type": "section", "fields": []}), "fields"),
        (message({"type": "section", "text": plain("")}), "text"),
        (message({"type": "context", "elements": []}), "elements"),
        (message(actions()), "elements"),
        (message(section(block_id="a"), section(block_id="a")), "block_id 'a': 2 times"),
        (message(actions(button(), button())), "action_id 'go' 2 times"),
        (message({"type": "carousel of dreams"}), "no such block"),
        (message(section(colour="red")), "colour"),
        (message(actions(button(style="loud"))), "style"),
        (message(actions(menu("static_select", []))), "options"),
        (message({"type": "alert", "text": mrkdwn(5)}), "only in modals"),
        (modal(), "blocks"),
        (modal(field()), "submit"),
        (modal(section(), title=mrkdwn(5)), "plain_text"),
        (check_view({"type": "modal", "blocks": [section()]}), "title"),
        (check_view({"type": "home", "blocks": [section()], "title": plain("x")}), "title"),
        (violations_of("views.open", {}), "view"),
        (violations_of("view_submission", {"response_action": "update", "view": {}}), "view"),
    ],
)
def test_what_slack_refuses_is_named(problems: list[str], what: str) -> None:
    assert any(what in problem for problem in problems), problems


def test_an_answer_to_one_person_needs_no_flags() -> None:
    said = {"text": "Hello.", "blocks": [section(), actions(button())]}
    assert violations_of("response_url", said) == []
    assert violations_of("response_url in channel", said)
    assert violations_of("response_url", {"delete_original": True}) == []


EXCLUDED = {
    "view_home_001.json": "mrkdwn descriptions of checkboxes: Slack's types take plain text only",
    "view_home_005.json": "the same",
    "view_submission__response_url_payload_body.json": "no blocks: cut by its author",
    "inner_events__070_eventJSON.json": "no blocks: cut by its author",
    "inner_events__072_fullEventJSON.json": "no blocks: cut by its author",
    "interactions__003_viewSubmissionCallback.json": "input blocks without submit: cut by its author",
    "views__010_rawResp.json": "a title of 36 characters, which its author made up",
    "views__011_rawResp.json": "a title of 36 characters, which its author made up",
}
"""Recordings that are not whole, and why. Of java_sdk_* every value is blanked, so none of it is asked."""

SENT = {
    "modal": {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "external_id"},
    "home": {"type", "blocks", "private_metadata", "callback_id", "external_id"},
}
"""The fields of a view that an app sends; the rest Slack adds when it returns one."""


def _recorded() -> Iterator[tuple[str, Payload]]:
    for path in sorted((DATA / "slack").glob("[!j]*/*.json")):
        if path.name not in EXCLUDED:
            for number, found in enumerate(_surfaces(json.loads(path.read_text(encoding="utf-8")))):
                yield f"{path.parent.name}/{path.name}#{number}", found


def _surfaces(value: Any) -> Iterator[Payload]:
    """Every message and view inside that has blocks."""
    if isinstance(value, dict):
        if isinstance(value.get("blocks"), list):
            yield value
        for name, inner in value.items():
            if name != "blocks":
                yield from _surfaces(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _surfaces(inner)


RECORDED = dict(_recorded())


@needs_recordings
def test_there_are_recordings_of_all_kinds() -> None:
    kinds = [found.get("type", "") for found in RECORDED.values()]
    assert len(kinds) >= 35
    assert {"modal", "home", "message"} <= set(kinds)
    assert all(any(DATA.glob(f"slack/*/{name}")) for name in EXCLUDED)


@pytest.mark.parametrize("name", RECORDED)
def test_what_was_recorded_is_taken(name: str) -> None:
    found = RECORDED[name]
    sent = SENT.get(found.get("type", ""))
    if sent is None:
        assert check_blocks(found["blocks"]) == []
        flags = {"unfurl_links": False, "unfurl_media": False}
        assert check_message({"text": "-", "blocks": found["blocks"]} | flags) == []
    else:
        assert check_view({field: found[field] for field in sent if found.get(field) is not None}) == []


@pytest.mark.parametrize("name", EXCLUDED)
@needs_recordings
def test_what_is_excluded_is_refused(name: str) -> None:
    [path] = DATA.glob(f"slack/*/{name}")
    [found, *_] = _surfaces(json.loads(path.read_text(encoding="utf-8")))
    sent = SENT[found["type"]]
    assert check_view({field: found[field] for field in sent if found.get(field) is not None})


def test_the_schema_says_where_it_comes_from() -> None:
    folder = Path(__file__).resolve().parents[1] / "data"
    schema = (folder / "slack_blocks.schema.json").read_text()
    script = (folder / "make_slack_schema.sh").read_text()
    comment = json.loads(schema)["$comment"]
    assert "@slack/types@3.2.0" in script
    assert "@slack/types 3.2.0 (MIT" in comment
    assert '"description"' not in schema.replace('"description": {', ""), "Slack's own sentences stay out"
