from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.slack.places import address_of
from adapters.slack.platform import LOOK_BACK, MOST_PAGES, SlackPlatform
from adapters.slack.render import render_message
from adapters.slack.workspaces import OneWorkspace
from bot.errors import DeliveryError
from bot.messages.blocks import Message, PaperCard, Paragraph
from bot.services.post_message import post_message
from tests.adapters.example_messages import LONG
from tests.one_part import find_whole
from tests.standins.slack import CHANNEL, TEAM, USER, Fault, SlackStandin

HERE = address_of(TEAM, CHANNEL)
NOW = datetime.now(UTC)
DIGEST = Message("1 paper", (PaperCard("arxiv:2510.00001", "https://arxiv.org/abs/2510.00001", "Agents"),))


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with SlackStandin(slow_seconds=0.1) as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
def platform(slack: SlackStandin) -> SlackPlatform:
    return SlackPlatform(OneWorkspace(slack.url, slack.bot_token).client, pause=0)


async def test_a_digest_is_posted_with_its_nonce(slack: SlackStandin, platform: SlackPlatform) -> None:
    posted = await post_message(platform, HERE, DIGEST, "paperboy-7")

    [said] = slack.messages()
    assert said["ts"] == posted
    assert said["metadata"] == {"event_type": "paperboy_delivery", "event_payload": {"nonce": "paperboy-7"}}
    assert "<https://arxiv.org/abs/2510.00001|Agents>" in str(said["blocks"])
    [call] = slack.called("chat.postMessage")
    assert call.args["unfurl_links"] in {False, "false", "0"}


async def test_what_does_not_fit_follows_in_the_thread(slack: SlackStandin, platform: SlackPlatform) -> None:
    first = await post_message(platform, HERE, LONG, "paperboy-7")

    said = slack.messages()
    assert platform.pace.count_messages(LONG) == len(said) > 1
    assert {one.get("thread_ts") for one in said[1:]} == {first}
    assert all(f"T{n}" in str(said) for n in range(100))


async def test_another_try_goes_on_where_one_stopped(slack: SlackStandin, platform: SlackPlatform) -> None:
    await post_message(platform, HERE, DIGEST, "paperboy-6")
    slack.fail("chat.postMessage", "slow", "429")
    with pytest.raises(DeliveryError) as caught:
        await post_message(platform, HERE, LONG, "paperboy-7")
    assert (caught.value.retry_after, caught.value.begun) == (1, True), "so that it is looked for first"

    assert await find_whole(platform, HERE, LONG, "paperboy-7", NOW) is None
    await post_message(platform, HERE, LONG, "paperboy-7", NOW)
    text = str(slack.messages())
    assert all(text.count(f"'T{n} ") + text.count(f"*T{n}*") <= 1 for n in range(100))
    assert [("100 papers (1 of" in one["text"]) for one in slack.messages()].count(True) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("is_archived", "archived"),
        ("not_in_channel", "Invite it"),
        ("channel_not_found", "Invite it"),
        ("token_revoked", "Install the app again"),
        ("invalid_auth", "Install the app again"),
        ("missing_scope", "paperboy doctor"),
    ],
)
async def test_what_somebody_must_mend_is_permanent(
    slack: SlackStandin, platform: SlackPlatform, fault: str, said: str
) -> None:
    slack.fail("chat.postMessage", fault)  # type: ignore[arg-type]
    with pytest.raises(DeliveryError, match=said) as caught:
        await post_message(platform, HERE, DIGEST, "paperboy-7")

    assert caught.value.permanent
    assert fault in str(caught.value)
    assert slack.messages() == []


async def test_a_rate_limit_says_when_to_come_back(slack: SlackStandin, platform: SlackPlatform) -> None:
    slack.fail("chat.postMessage", "429")
    with pytest.raises(DeliveryError) as caught:
        await post_message(platform, HERE, DIGEST, "paperboy-7")

    assert (caught.value.permanent, caught.value.retry_after) == (False, 1)
    assert len(slack.called("chat.postMessage")) == 1, "nothing is repeated behind our back"


async def test_a_lost_answer_is_found_and_not_posted_twice(
    slack: SlackStandin, platform: SlackPlatform
) -> None:
    slack.fail("chat.postMessage", "lost answer")
    posted = await post_message(platform, HERE, DIGEST, "paperboy-7")

    assert [one["ts"] for one in slack.messages()] == [posted]
    assert len(slack.called("chat.postMessage")) == 1


async def test_what_was_not_posted_is_tried_again(slack: SlackStandin, platform: SlackPlatform) -> None:
    slack.fail("chat.postMessage", "500")
    with pytest.raises(DeliveryError) as caught:
        await post_message(platform, HERE, DIGEST, "paperboy-7")
    assert (caught.value.permanent, caught.value.unknown) == (False, False)

    await post_message(platform, HERE, DIGEST, "paperboy-7")
    assert len(slack.messages()) == 1


@pytest.mark.parametrize("fault", ["lost answer", "500"])
async def test_without_the_scope_a_lost_answer_stays_unknown(
    slack: SlackStandin, platform: SlackPlatform, fault: Fault
) -> None:
    slack.space.scopes = ("chat:write",)
    slack.fail("chat.postMessage", fault)
    with pytest.raises(DeliveryError, match="channels:history") as caught:
        await post_message(platform, HERE, DIGEST, "paperboy-7")

    assert caught.value.unknown


async def test_what_another_worker_posted_is_found(slack: SlackStandin, platform: SlackPlatform) -> None:
    assert await find_whole(platform, HERE, DIGEST, "paperboy-7", NOW) is None
    first = await post_message(platform, HERE, DIGEST, "paperboy-7", NOW)

    other = SlackPlatform(OneWorkspace(slack.url, slack.bot_token).client, pause=0)
    assert await find_whole(other, HERE, DIGEST, "paperboy-7", NOW) == first
    assert await find_whole(other, HERE, DIGEST, "paperboy-8", NOW) is None
    talk = [{"ts": slack.space.timestamp(), "text": "Hello"} for _ in range(LOOK_BACK * MOST_PAGES)]
    slack.messages().extend(talk[:150])
    assert await find_whole(other, HERE, DIGEST, "paperboy-7", NOW) == first
    slack.messages().extend(talk[150:])
    with pytest.raises(DeliveryError, match="too much traffic") as caught:
        await find_whole(other, HERE, DIGEST, "paperboy-7", NOW)
    assert caught.value.unknown
    assert caught.value.permanent
    del slack.messages()[1:]
    slack.space.scopes = ("chat:write",)
    with pytest.raises(DeliveryError, match="channels:history") as caught:
        await find_whole(other, HERE, DIGEST, "paperboy-7", NOW)
    assert caught.value.unknown


async def test_what_another_worker_began_is_finished(slack: SlackStandin, platform: SlackPlatform) -> None:
    slack.fail("chat.postMessage", "slow", "429")
    with pytest.raises(DeliveryError):
        await post_message(platform, HERE, LONG, "paperboy-7")

    other = SlackPlatform(OneWorkspace(slack.url, slack.bot_token).client, pause=0)
    assert await find_whole(other, HERE, LONG, "paperboy-7", NOW) is None
    first = await post_message(other, HERE, LONG, "paperboy-7", NOW)
    assert [one["ts"] for one in slack.messages() if "thread_ts" not in one] == [first]
    assert len(slack.messages()) == len(render_message(LONG))


async def test_nobody_listens(slack: SlackStandin) -> None:
    platform = SlackPlatform(OneWorkspace("http://127.0.0.1:1/api/", "xoxb-1").client, pause=0)
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        await post_message(platform, HERE, DIGEST, "paperboy-7")

    assert (caught.value.permanent, caught.value.unknown) == (False, False)


async def test_an_owner_is_told_in_private(slack: SlackStandin, platform: SlackPlatform) -> None:
    await platform.tell(HERE, USER, Message("Broken", (Paragraph("Invite me."),)))

    assert slack.messages() == []
    [call] = slack.called("chat.postMessage")
    assert call.args["channel"] == USER
    assert f"'channel_id': '{CHANNEL}'" in str(call.args["blocks"])
