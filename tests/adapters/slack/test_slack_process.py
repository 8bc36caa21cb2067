"""`paperboy run` as an admin starts it: a real process with Slack's settings, and its end."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from pathlib import Path

import pytest

from tests.adapters import process
from tests.adapters.process import refused, stopped
from tests.standins.slack import SlackStandin


async def started(slack: SlackStandin, folder: Path, **more: str) -> Process:
    settings = {
        "PAPERBOY_SLACK_API_URL": slack.url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
    }
    return await process.started(folder, **settings | more)


async def test_it_answers_and_stops_when_told(tmp_path: Path) -> None:
    async with SlackStandin() as slack:
        running = await started(slack, tmp_path)
        async with asyncio.timeout(40):
            await slack.sockets.wait(seconds=40)
        answer = await slack.ask("subscribe agents")
        assert "Subscribed" in str(answer["blocks"])

        said = await stopped(running)
        assert slack.bot_token not in said
        assert slack.app_token not in said
        assert slack.violations == []


@pytest.mark.parametrize(("name", "kind"), [("SLACK_APP_TOKEN", "xapp"), ("SLACK_BOT_TOKEN", "xoxb")])
async def test_a_refused_token_ends_it_with_one_line(tmp_path: Path, name: str, kind: str) -> None:
    async with SlackStandin() as slack:
        said = await refused(await started(slack, tmp_path, **{name: f"{kind}-other"}))

    assert f"paperboy: Slack refuses {name} (invalid_auth)." in said
