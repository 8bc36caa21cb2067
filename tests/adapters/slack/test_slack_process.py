"""`paperboy run` as an admin starts it: a real process with Slack's settings, and its end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.standins.slack import SlackStandin

ROOT = Path(__file__).resolve().parents[3]


async def started(slack: SlackStandin, folder: Path, **more: str) -> asyncio.subprocess.Process:
    ours = ("PAPERBOY", "SLACK")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
        "PYTHONPATH": str(ROOT),
        "PAPERBOY_SOURCES": "",
        "PAPERBOY_HEALTH_PORT": "0",
        "PAPERBOY_SLACK_API_URL": slack.url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run"),
        cwd=folder,
        env=env | more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def test_it_answers_and_stops_when_told(tmp_path: Path) -> None:
    async with SlackStandin() as slack:
        process = await started(slack, tmp_path)
        async with asyncio.timeout(40):
            await slack.sockets.wait(seconds=40)
        answer = await slack.ask("subscribe agents")
        assert "Subscribed" in str(answer["blocks"])

        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        assert b"Traceback" not in said
        assert slack.bot_token.encode() not in said
        assert slack.app_token.encode() not in said
        assert slack.violations == []


@pytest.mark.parametrize(("name", "kind"), [("SLACK_APP_TOKEN", "xapp"), ("SLACK_BOT_TOKEN", "xoxb")])
async def test_a_refused_token_ends_it_with_one_line(tmp_path: Path, name: str, kind: str) -> None:
    async with SlackStandin() as slack:
        process = await started(slack, tmp_path, **{name: f"{kind}-other"})
        async with asyncio.timeout(40):
            said, _ = await process.communicate()

    assert process.returncode == 2
    assert f"paperboy: Slack refuses {name} (invalid_auth)." in said.decode()
    assert b"Traceback" not in said
