"""A whole Paperboy in Socket Mode against the stand-in, and what its user sees."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.slack.app import make_app
from adapters.slack.socket_mode import socket_mode
from adapters.slack.workspaces import OneWorkspace, web_client
from bot.bootstrap import App
from tests.apps import ListedSource, SetClock, an_app, batch, paper
from tests.standins.slack import SlackStandin

PAPERS = [
    paper(n, f"Agents that plan, part {n}", "We plan with tools.", authors=("Ann Author",))
    for n in range(1, 9)
]


@asynccontextmanager
async def served(slack: SlackStandin, folder: Path, **parts: Any) -> AsyncIterator[App]:
    """Paperboy with eight papers about agents, listening on the stand-in's socket."""
    app = an_app(
        folder, SetClock("2025-10-10T08:00"), ListedSource("arxiv", batch("arxiv", "2025-10-10", PAPERS))
    )
    app = replace(app, **parts)
    await app.make_rounds().ingest_all()
    workspace = OneWorkspace(slack.url, slack.bot_token)
    bolt = make_app(app.front_door(), web_client(slack.url), workspace.authorize)
    async with socket_mode(bolt, slack.app_token, slack.url):
        yield app
    app.database.close()


def text_of(payload: Any) -> str:
    """Everything that a payload says."""
    return json.dumps(payload, ensure_ascii=False)


async def pressed(slack: SlackStandin, button: str) -> dict[str, Any]:
    """What takes the place of a message, or answers, when its button is pressed."""
    return await slack.answer_to(await slack.press(button))
