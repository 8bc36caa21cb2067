from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from adapters.slack.scopes import OPTIONAL, SCOPES
from adapters.slack.slack_doctor import examine_slack
from bot.settings import Settings
from tests.standins.slack import SlackStandin


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with SlackStandin() as standin:
        yield standin


async def seen(url: str, bot_token: str, app_token: str) -> dict[str, tuple[bool, str]]:
    settings = Settings(
        _env_file=None,
        slack_api_url=url,
        slack_bot_token=SecretStr(bot_token),
        slack_app_token=SecretStr(app_token),
    )
    return {found.what: (found.ok, found.detail) async for found in examine_slack(settings)}


async def test_all_is_well(slack: SlackStandin) -> None:
    found = await seen(slack.url, slack.bot_token, slack.app_token)

    assert list(found) == ["slack bot token", "slack scopes", "slack socket"]
    assert all(ok for ok, _ in found.values()), found


async def test_what_is_amiss_comes_with_its_mend(slack: SlackStandin) -> None:
    slack.space.scopes = ("commands", "chat:write")
    found = await seen(slack.url, slack.bot_token, "xapp-other")

    assert found["slack bot token"][0]
    ok, detail = found["slack scopes"]
    assert not ok
    assert "users:read (to tell who is an admin)" in detail
    assert "chat:write " not in detail
    ok, detail = found["slack socket"]
    assert not ok
    assert "connections:write" in detail

    ok, detail = (await seen(slack.url, "xoxb-other", ""))["slack bot token"]
    assert not ok
    assert "invalid_auth" in detail


async def test_what_it_can_do_without_is_no_fault(slack: SlackStandin) -> None:
    slack.space.scopes = tuple(set(SCOPES) - OPTIONAL)
    ok, detail = (await seen(slack.url, slack.bot_token, ""))["slack scopes"]

    assert ok
    assert "it can do without: channels:read (to show all your channels" in detail


async def test_nobody_answers() -> None:
    found = await seen("http://127.0.0.1:1/api/", "xoxb-1", "xapp-1")

    assert [ok for ok, _ in found.values()] == [False, False]
    assert all("PAPERBOY_SLACK_API_URL" in detail for _, detail in found.values())


async def test_what_is_set_up_by_half_is_found(slack: SlackStandin) -> None:
    settings = Settings(_env_file=None, slack_api_url=slack.url, slack_port=3000)

    found = [finding async for finding in examine_slack(settings)]

    assert [(one.ok, one.detail.partition(".")[0]) for one in found] == [
        (False, "SLACK_BOT_TOKEN is missing"),
        (False, "SLACK_SIGNING_SECRET is missing"),
    ]
    assert [one async for one in examine_slack(Settings(_env_file=None))] == []
