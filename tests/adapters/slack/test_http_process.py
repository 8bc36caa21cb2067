"""`paperboy run` in HTTP mode as it is run: two real processes on one database, behind one Slack."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from cryptography.fernet import Fernet

from tests.adapters.process import started, stopped
from tests.adapters.slack.browser import install
from tests.adapters.slack.http_app import posted
from tests.standins.slack import TEAM, SlackStandin

KEY = Fernet.generate_key().decode()


@dataclass
class Running:
    """One process; `log` is what it had written when it had stopped."""

    origin: str
    log: str = ""


@asynccontextmanager
async def running(slack: SlackStandin, folder: Path) -> AsyncIterator[Running]:
    """`paperboy run` while the block is open; it must end well on SIGTERM."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "HOME": str(folder),
        "PAPERBOY_LOG_LEVEL": "debug",
        "PAPERBOY_DATABASE_URL": f"sqlite:///{folder}/papers.db",
        "PAPERBOY_SLACK_API_URL": slack.url,
        "PAPERBOY_SLACK_PORT": str(port),
        "PAPERBOY_SECRET_KEYS": KEY,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_CLIENT_ID": slack.client_id,
        "SLACK_CLIENT_SECRET": slack.client_secret,
    }
    process = await started(folder, **settings)
    found = Running(f"http://127.0.0.1:{port}")
    try:
        await answering(found.origin)
        yield found
    finally:
        found.log = await stopped(process)


async def answering(origin: str) -> None:
    """Wait until it listens."""
    async with aiohttp.ClientSession() as browser:
        for _ in range(300):
            try:
                async with browser.get(f"{origin}/slack/install", allow_redirects=False):
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.1)
    raise AssertionError(f"{origin} never answered")


async def test_two_replicas_install_answer_and_know_each_others_requests(
    slack: SlackStandin, tmp_path: Path
) -> None:
    async with running(slack, tmp_path) as one, running(slack, tmp_path) as two:
        assert (await install(slack, one.origin, TEAM))[0] == 200
        token = list(slack.workspaces)[-1]
        slack.space = slack.workspaces[token]

        slack.through(f"{two.origin}/slack/events")
        assert "Subscribed" in str(await slack.ask("subscribe zygomorphic"))
        slack.through(f"{one.origin}/slack/events")
        assert "zygomorphic" in str(await slack.ask("list"))

        payload = {
            "command": "/papers",
            "text": "pause",
            "team_id": TEAM,
            "user_id": "U0ANN",
            "channel_id": "C0GENERAL",
            "response_url": slack.new_response_url("C0GENERAL", "U0ANN"),
            "trigger_id": "1.2.3",
        }
        headers, body = slack.signed("slash_commands", payload)
        before = len(slack.responses)
        for origin in (one.origin, two.origin, two.origin, one.origin):
            assert (await posted(f"{origin}/slack/events", body, headers))[0] == 200
        await slack.until(lambda: len(slack.responses) > before)
        assert (await posted(f"{two.origin}/slack/events", body, headers | {"X-Slack-Signature": "v0=0"}))[
            0
        ] == 401

    assert len(slack.responses) == before + 1, "one of four was answered"
    for log in (one.log, two.log):
        assert "stopping" in log
        for secret in (token, slack.signing_secret, slack.client_secret, KEY, "code-of-", "zygomorphic"):
            assert secret not in log
    assert not (tmp_path / ".bolt-app-installation").exists()
