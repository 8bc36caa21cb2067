"""What a subscription's line says on both platforms: one table of cases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from adapters.discord.listing import list_pieces as on_discord
from adapters.discord.modal import subscription_form
from adapters.slack.listing import list_messages as on_slack
from bot.channels.channel import Address, Channel, Mute, Subscription
from bot.channels.schedule import AT_ONCE, parse_days
from bot.commands.channel_view import ChannelView
from bot.commands.replies.subscriptions import subscription_list as answer
from bot.topics.parser import parse_query
from bot.topics.strictness import Strictness

CHANNEL = Channel(1, Address("slack", "T1/C1"), time(9), "UTC", 10, datetime(2025, 10, 10, tzinfo=UTC))
PLAIN = Subscription(7, 1, parse_query("agents"), parse_days("weekdays"), "U123")


@pytest.mark.parametrize(
    ("subscription", "muted", "said"),
    [
        (PLAIN, "", "weekdays"),
        (replace(PLAIN, days=AT_ONCE), "", "at once"),
        (replace(PLAIN, strictness=Strictness.NARROW), "", "narrow"),
        (replace(PLAIN, paused=True), "", "paused"),
        (replace(PLAIN, resume_on=date(2025, 10, 20)), "", "delivered from 2025-10-20 on"),
        (PLAIN, "agents", "all of it muted"),
        (replace(PLAIN, broken="the channel is archived"), "", "broken: the channel is archived"),
    ],
)
def test_a_line_says_how_a_subscription_stands(subscription: Subscription, muted: str, said: str) -> None:
    mutes = (Mute(parse_query(muted), "U9"),) if muted else ()
    message = answer(CHANNEL, [subscription], mutes)
    listed = ChannelView(CHANNEL, (subscription,), mutes)
    [slack] = on_slack(message, listed)
    discord = "\n".join(piece.markdown for piece in on_discord(message, listed)).replace("\\", "")

    assert said in str(message)
    assert said in json.dumps(slack.blocks)
    assert said in discord


def test_a_topic_of_words_is_not_read_again_as_what_trends() -> None:
    words = replace(PLAIN, topic=parse_query("(trending agents)"))
    listed = ChannelView(CHANNEL, (words,))
    [slack] = on_slack(answer(CHANNEL, [words], ()), listed)
    assert "preview (trending agents)" in json.dumps(slack.blocks)
    buttons = [
        button for piece in on_discord(answer(CHANNEL, [words], ()), listed) for button in piece.actions
    ]
    assert "preview (trending agents)" in str(buttons)
    assert "(trending agents)" in str(subscription_form(words, CHANNEL).to_dict())
