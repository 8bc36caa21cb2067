"""The forms of both platforms read a topic as a command does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.discord import modal as discord_modal
from adapters.slack import modal as slack_modal
from bot.commands.model import Subscribe
from bot.errors import UsageError


def on_slack(topic: str, days: str) -> Subscribe:
    values = {
        "topic": {"topic": {"value": topic}},
        "days": {"days": {"selected_option": {"value": days}}},
    }
    return slack_modal.command_of({"state": {"values": values}})


def on_discord(topic: str, days: str) -> Subscribe:
    fields = {"topic": topic, "days": days, "at": "9:00", "tz": "UTC"}
    lines = [{"component": {"custom_id": name, "value": value}} for name, value in fields.items()]
    return discord_modal.command_of({"components": lines})


@pytest.mark.parametrize("submitted", [on_slack, on_discord])
def test_what_trends_is_read_and_not_taken_at_once(submitted: Callable[[str, str], Subscribe]) -> None:
    made = submitted("trending week cat:cs.CL", "tue")
    assert (str(made.topic), str(made.days)) == ("trending:week cat:cs.CL", "tue")
    with pytest.raises(UsageError, match="cannot be posted immediately"):
        submitted("trending", "now")
    with pytest.raises(UsageError, match="only excludes"):
        submitted("-survey", "daily")
