"""A team's life with Paperboy on Slack in HTTP mode: an install over OAuth, then as in Socket Mode."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from adapters.slack.oauth import REMOVED
from adapters.slack.slack_service import Slack
from bot.bootstrap import App
from bot.errors import SettingsError
from bot.services.rounds import Rounds
from bot.settings import Settings
from storage.database import Database
from tests.adapters.a_day import AGENTS, MISALIGNED
from tests.adapters.slack.browser import install
from tests.adapters.slack.waiting import eventually
from tests.apps import ListedSource, SetClock, an_app, batch
from tests.standins.slack import TEAM, SlackStandin

KEY = Fernet.generate_key().decode()


@pytest.fixture
def arxiv() -> ListedSource:
    return ListedSource("arxiv", batch("arxiv", "2025-10-10", [MISALIGNED, AGENTS]))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def settings(slack: SlackStandin, **more: object) -> Settings:
    given: dict[str, Any] = {
        "slack_api_url": slack.url,
        "slack_port": free_port(),
        "slack_signing_secret": slack.signing_secret,
        **more,
    }
    return Settings(_env_file=None, **given)


def many(slack: SlackStandin) -> Settings:
    """Installs over OAuth."""
    keys = {"slack_client_id": slack.client_id, "slack_client_secret": slack.client_secret}
    return settings(slack, **keys, secret_keys=(KEY,))


@asynccontextmanager
async def serving(
    slack: SlackStandin, app: App, database: Database, chosen: Settings
) -> AsyncIterator[tuple[str, Rounds]]:
    """Where Paperboy is served, and its rounds."""
    served = Slack(chosen, database, app.clock)
    rounds = replace(
        app.make_rounds(), store=database, platforms={"slack": served.platform}, wait=timedelta(0)
    )
    origin = f"http://127.0.0.1:{chosen.slack_port}"
    async with served.open_service(replace(app.front_door(), store=database)):
        slack.through(f"{origin}/slack/events")
        yield origin, rounds


@pytest.fixture
def app(tmp_path: Path, clock: SetClock, arxiv: ListedSource) -> App:
    return an_app(tmp_path, clock, arxiv)


@pytest.fixture
def database(app: App) -> Database:
    app.database.close()
    return Database(app.settings.database_url, secret_keys=[KEY])


def text_of(payload: Any) -> str:
    return json.dumps(payload, ensure_ascii=False)


async def test_from_install_to_unsubscribing(
    slack: SlackStandin, app: App, database: Database, clock: SetClock
) -> None:
    async with serving(slack, app, database, many(slack)) as (origin, rounds):
        assert (await install(slack, origin, TEAM))[0] == 200
        await a_life(slack, rounds, clock)
    database.close()


async def test_one_workspace_without_oauth(
    slack: SlackStandin, app: App, database: Database, clock: SetClock
) -> None:
    chosen = settings(slack, slack_bot_token=slack.bot_token)
    async with serving(slack, app, database, chosen) as (_, rounds):
        await a_life(slack, rounds, clock)
    database.close()


async def a_life(slack: SlackStandin, rounds: Rounds, clock: SetClock) -> None:
    """Subscribe, preview, a digest, its button, a search, the list, and the end."""
    token = [token for token, space in slack.workspaces.items() if space.team == TEAM][-1]
    slack.space = slack.workspaces[token]
    assert "10 October 09:00" in text_of(await slack.ask("subscribe “emergent misalignment”"))
    assert "Nothing new" in text_of(await slack.ask("preview"))

    await rounds.ingest_all()
    clock.set("2025-10-10T09:00")
    await rounds.post_digests()
    await rounds.post_digests()
    [digest] = slack.messages()
    assert "Emergent misalignment in small models" in text_of(digest)
    assert slack.called("chat.postMessage")[-1].token == token

    assert "Agents that plan" in text_of(await slack.ask("agents"))
    await slack.answer_to(await slack.press("Subscribe to this"))
    assert "2 subscriptions" in text_of(await slack.ask("list"))
    assert "Unsubscribed" in text_of(await slack.ask("unsubscribe all"))
    assert "Nothing is subscribed here" in text_of(await slack.ask("list"))
    assert all(one.in_time for one in [await slack.command("help") for _ in range(5)])


async def test_a_digest_for_a_workspace_that_left_breaks_and_heals(
    slack: SlackStandin, app: App, database: Database, clock: SetClock
) -> None:
    async with serving(slack, app, database, many(slack)) as (origin, rounds):
        await install(slack, origin, TEAM)
        await slack.ask("subscribe emergent")
        await slack.event({"type": "app_uninstalled"})
        await eventually(lambda: REMOVED in listed(database))
        await rounds.ingest_all()
        clock.set("2025-10-10T09:00")
        await rounds.post_digests()
        assert slack.messages() == []

        await install(slack, origin, TEAM)
        clock.set("2025-10-11T09:00")
        await rounds.post_digests()
        slack.space = list(slack.workspaces.values())[-1]
        assert "Emergent misalignment" in text_of(slack.messages())
    database.close()


async def test_admins_of_the_workspace_say_who_may_do_what(
    slack: SlackStandin, app: App, database: Database
) -> None:
    slack.space.add_user("U0ADA", "ada", admin=True)
    async with serving(slack, app, database, settings(slack, slack_bot_token=slack.bot_token)):
        await slack.ask("subscribe agents", user="U0ANN")
        assert "Only admins" in text_of(await slack.ask("settings policy:creators", user="U0BEN"))
        assert "Settings changed" in text_of(await slack.ask("settings policy:creators", user="U0ADA"))
        refused = text_of(await slack.ask("unsubscribe agents", user="U0BEN"))
        assert "Only an admin or the person who subscribed" in refused
        assert "Unsubscribed" in text_of(await slack.ask("unsubscribe agents", user="U0ANN"))
    database.close()


def listed(database: Database) -> list[str]:
    """Why each subscription of the team is broken."""
    with database.begin() as tx:
        channels = tx.channels.in_workspace("slack", TEAM)
        return [sub.broken for one in channels for sub in tx.channels.subscriptions(one.id)]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"slack_port": 0}, "SLACK_APP_TOKEN is missing. Socket Mode needs it"),
        ({"slack_signing_secret": ""}, "SLACK_SIGNING_SECRET is missing. HTTP mode needs it"),
        ({"slack_bot_token": ""}, "SLACK_BOT_TOKEN is missing. HTTP mode needs it"),
        ({"slack_client_id": "1.2"}, "SLACK_CLIENT_SECRET is missing. Installs over OAuth need it"),
        (
            {"slack_client_id": "1.2", "slack_client_secret": "x", "slack_port": 0},
            "PAPERBOY_SLACK_PORT is missing. Installs over OAuth",
        ),
        (
            {"slack_client_id": "1.2", "slack_client_secret": "x"},
            "PAPERBOY_SECRET_KEYS is missing. Installs over OAuth",
        ),
    ],
    ids=str,
)
async def test_what_is_set_up_by_half_is_said(
    slack: SlackStandin, app: App, given: dict[str, object], missing: str
) -> None:
    whole: dict[str, object] = {"slack_bot_token": slack.bot_token}
    served = Slack(settings(slack, **(whole | given)), app.database, app.clock)
    with pytest.raises(SettingsError, match=missing):
        async with served.open_service(app.front_door()):
            pass
    app.database.close()


def test_without_any_setting_there_is_no_slack(app: App) -> None:
    assert "slack" not in app.chats
    app.database.close()
