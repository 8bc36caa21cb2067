"""The form that changes a subscription. Its `custom_id` says which, so that a restart does not lose it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import discord
from discord import ui

from bot.channels.channel import Channel, Subscription
from bot.channels.schedule import parse_days, parse_time, parse_zone
from bot.commands.handlers.subscriptions import check_days, check_topic
from bot.commands.model import Subscribe
from bot.topics.topic_text import read_topic, spell_topic

FORM = re.compile(r"edit:(?P<number>\d{1,9})")
LONGEST_TOPIC = 4_000
"""https://discord.com/developers/docs/components/reference#text-input"""
_TOPIC, _DAYS, _AT, _ZONE = "topic", "days", "at", "tz"


def subscription_form(subscription: Subscription, channel: Channel) -> ui.Modal:
    """The form as it opens."""
    made = ui.Modal(title=f"Subscription #{subscription.id}", custom_id=f"edit:{subscription.id}")
    topic = ui.TextInput[Any](
        custom_id=_TOPIC,
        style=discord.TextStyle.paragraph,
        default=spell_topic(str(subscription.topic))[:LONGEST_TOPIC],
        max_length=LONGEST_TOPIC,
    )
    hint = "Words, “phrases”, author:, cat:, OR, -word"
    made.add_item(ui.Label(text="Topic", description=hint, component=topic))
    for name, label, hint, value in (
        (
            _DAYS,
            "Days",
            "daily, weekdays, weekly, days such as mon,thu or tue-fri, or now",
            str(subscription.days),
        ),
        (_AT, "Time", "of this channel's digest", f"{channel.at:%H:%M}"),
        (_ZONE, "Time zone", "of this channel, such as Europe/Berlin", channel.zone),
    ):
        line = ui.TextInput[Any](custom_id=name, default=value, max_length=100)
        made.add_item(ui.Label(text=label, description=hint, component=line))
    # What is submitted is found by its `custom_id`: nothing has to remember the form.
    made.stop()
    return made


def command_of(data: Mapping[str, Any]) -> Subscribe:
    """The command that a submitted form means.

    Raises UsageError.
    """
    values = dict(_form_values(data.get("components", ())))
    topic = read_topic(values.get(_TOPIC, ""))
    check_topic(topic)
    days = parse_days(values.get(_DAYS, ""))
    check_days(topic, days)
    return Subscribe(
        topic,
        days,
        parse_time(values.get(_AT, "")),
        parse_zone(values.get(_ZONE, "")),
    )


def _form_values(components: object) -> Iterator[tuple[str, str]]:
    for one in components if isinstance(components, list | tuple) else ():
        if "custom_id" in one:
            yield str(one["custom_id"]), str(one.get("value", ""))
        yield from _form_values(one.get("components") or [one["component"]] if "component" in one else ())
