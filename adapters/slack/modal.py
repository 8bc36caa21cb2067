"""The form that subscribes: a topic with its preview, days, time and time zone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from adapters.slack.render import render_message
from adapters.slack.splitting import Payload
from bot.channels.channel import Channel
from bot.channels.schedule import DAY_NAMES, parse_days, parse_time, zones_like
from bot.commands.handlers.subscriptions import check_days, check_topic
from bot.commands.model import Subscribe
from bot.errors import QueryError, UsageError
from bot.messages.blocks import Buttons, Message
from bot.topics.topic_text import read_topic

CALLBACK = "paperboy.subscribe"
TOPIC, DAYS, AT, ZONE, CHANNEL, PREVIEW = "topic", "days", "at", "tz", "channel", "paperboy.preview"
MOST_ZONES = 100
LONGEST_TOPIC = 1_000
_CHOICES = (
    ("daily", "Every day"),
    ("weekdays", "Monday to Friday"),
    *((day, day.title()) for day in DAY_NAMES),
    ("now", "At once"),
)
PREVIEW_BLOCKS = 60


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the form was opened, carried in its `private_metadata`."""

    channel: str = ""
    url: str = ""
    """The `response_url` of the command, "" where there was none."""
    edits: int = 0
    """The number of the subscription that is changed; 0 for a new one."""
    topic: str = ""
    days: str = _CHOICES[0][0]

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Origin:
        """Read from a view."""
        return cls(**json.loads(view.get("private_metadata") or "{}"))


def subscription_form(origin: Origin, channel: Channel | None, preview: Message | None = None) -> Payload:
    """The modal, as it opens for a channel, or with a topic's preview below.

    Where no channel is known yet, nobody needs to name its time and zone: they stay as they are.
    """
    blocks = [] if origin.channel else [_input_block(CHANNEL, "Channel", _channel_input())]
    blocks += [
        _input_block(
            TOPIC,
            "Topic",
            _topic_input(origin.topic),
            hint="Words, “phrases”, author:, cat:, OR, -word",
            dispatch=True,
        ),
        _input_block(DAYS, "Days", _days_input(origin.days)),
        _input_block(AT, "Time", _time_input(channel), optional=channel is None),
        _input_block(ZONE, "Time zone", _zone_input(channel), optional=channel is None),
        {"type": "actions", "block_id": PREVIEW, "elements": [_preview_button("Preview", PREVIEW)]},
    ]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps(asdict(origin)),
        "title": _plain_text("Change" if origin.edits else "Subscribe"),
        "submit": _plain_text("Save" if origin.edits else "Subscribe"),
        "close": _plain_text("Cancel"),
        "blocks": [*blocks, *_shown_preview(preview)],
    }


def topic_of(view: Mapping[str, Any]) -> str:
    """The topic as it stands in the form."""
    return str(_state_value(view, TOPIC).get("value") or "").strip()


def channel_of(view: Mapping[str, Any]) -> str:
    """The channel that the form subscribes."""
    return Origin.of(view).channel or str(_state_value(view, CHANNEL).get("selected_conversation") or "")


def command_of(view: Mapping[str, Any]) -> Subscribe:
    """The command that the form means.

    Raises UsageError.
    """
    topic = read_topic(topic_of(view))
    check_topic(topic)
    days = (_state_value(view, DAYS).get("selected_option") or {}).get("value")
    at = _state_value(view, AT).get("selected_time")
    zone = (_state_value(view, ZONE).get("selected_option") or {}).get("value")
    wanted = parse_days(days) if days else None
    check_days(topic, wanted)
    return Subscribe(topic, wanted, parse_time(at) if at else None, zone)


def form_errors(error: UsageError) -> dict[str, str]:
    """An error of the form, under its topic."""
    pointer = f"{error.caret_lines()}\n" if isinstance(error, QueryError) else ""
    return {TOPIC: f"{pointer}{error}"[:1_000]}


def zone_options(typed: str) -> list[Payload]:
    """The time zones that contain what was typed."""
    return [_select_option(name, name) for name in zones_like(typed, MOST_ZONES)]


def _shown_preview(preview: Message | None) -> Sequence[Payload]:
    if preview is None:
        return ()
    kept = tuple(block for block in preview.blocks if not isinstance(block, Buttons))
    parts = render_message(Message(preview.title, kept))
    blocks = [{name: value for name, value in b.items() if name != "accessory"} for b in parts[0].blocks]
    return [{"type": "divider"}, *blocks[:PREVIEW_BLOCKS]]


def _state_value(view: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = view.get("state", {}).get("values", {}).get(name, {}).get(name) or {}
    return found


def _input_block(
    name: str,
    label: str,
    element: Payload,
    *,
    hint: str = "",
    dispatch: bool = False,
    optional: bool = False,
) -> Payload:
    block: Payload = {
        "type": "input",
        "block_id": name,
        "label": _plain_text(label),
        "element": element | {"action_id": name},
    }
    block |= {"hint": _plain_text(hint)} if hint else {}
    block |= {"optional": True} if optional else {}
    return block | ({"dispatch_action": True} if dispatch else {})


def _topic_input(topic: str) -> Payload:
    element = {
        "type": "plain_text_input",
        "max_length": LONGEST_TOPIC,
        "placeholder": _plain_text('"in-context learning" OR icl -survey'),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    return element | ({"initial_value": topic} if topic else {})


def _days_input(days: str) -> Payload:
    """The choices, and whatever else was written in a command."""
    known = dict(_CHOICES)
    options = [_select_option(label, value) for value, label in ({days: days} | known).items()]
    return {
        "type": "static_select",
        "options": options,
        "initial_option": _select_option(known.get(days, days), days),
    }


def _time_input(channel: Channel | None) -> Payload:
    return {"type": "timepicker"} | ({"initial_time": f"{channel.at:%H:%M}"} if channel else {})


def _zone_input(channel: Channel | None) -> Payload:
    element: Payload = {"type": "external_select", "min_query_length": 1}
    return element | ({"initial_option": _select_option(channel.zone, channel.zone)} if channel else {})


def _channel_input() -> Payload:
    shown = {"include": ["public", "private"], "exclude_bot_users": True}
    return {"type": "conversations_select", "filter": shown}


def _preview_button(label: str, action: str) -> Payload:
    return {"type": "button", "text": _plain_text(label), "action_id": action, "value": action}


def _select_option(label: str, value: str) -> Payload:
    return {"text": _plain_text(label), "value": value}


def _plain_text(text: str) -> Payload:
    return {"type": "plain_text", "text": text, "emoji": False}
