"""Installing over OAuth, through a browser's requests, against the local Slack."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.fernet import Fernet
from slack_bolt.async_app import AsyncApp
from slack_sdk.oauth.installation_store import Bot

from adapters.slack.http_mode import Address, http_mode
from adapters.slack.oauth import (
    REMOVED,
    Client,
    Installs,
    ManyWorkspaces,
    States,
    authorize,
    forget_when_removed,
    install_flow,
)
from adapters.slack.request_marks import Once
from adapters.slack.workspaces import web_client
from bot.channels.channel import Address as Place
from bot.channels.channel import Channel
from bot.channels.schedule import DAILY
from bot.errors import DeliveryError
from bot.topics.parser import parse_query
from storage.database import Database
from tests.adapters.slack.browser import back, begin, install
from tests.adapters.slack.waiting import eventually
from tests.apps import SetClock
from tests.databases import sqlite_in
from tests.standins.slack import TEAM, SlackStandin

OTHER = "T0OTHER"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_in(tmp_path), secret_keys=[Fernet.generate_key().decode()])
    yield database
    database.close()


@pytest.fixture
async def origin(slack: SlackStandin, database: Database, clock: SetClock) -> AsyncIterator[str]:
    """Where the app is served; it answers `/papers` with the bot token that it was given."""
    client = Client(slack.client_id, slack.client_secret, ("commands", "chat:write"))
    web = web_client(slack.url)
    installs = Installs(database, clock)
    flow = install_flow(client, web, installs, States(database, clock))
    app = AsyncApp(
        client=web,
        authorize=authorize(client, web, installs),  # type: ignore[arg-type]
        request_verification_enabled=False,
    )
    forget_when_removed(app, installs)

    @app.command("/papers")
    async def _command(ack: Any, respond: Any, context: Any) -> None:
        await ack()
        await respond(context.bot_token)

    once = Once(database, lambda: datetime.now(UTC))
    async with http_mode(app, slack.signing_secret, once, Address("127.0.0.1", 0), flow) as port:
        origin = f"http://127.0.0.1:{port}"
        slack.through(f"{origin}/slack/events")
        yield origin


async def test_install_leads_to_slack_and_back(slack: SlackStandin, origin: str, database: Database) -> None:
    async with aiohttp.ClientSession() as browser:
        asked = await begin(browser, origin)
    assert asked["client_id"] == slack.client_id
    assert asked["scope"] == "commands,chat:write"
    assert len(asked["state"]) >= 32

    assert (await install(slack, origin, OTHER))[0] == 200

    bot = await Installs(database, datetime.now).bot(OTHER)
    assert isinstance(bot, Bot)
    token = next(token for token, space in slack.workspaces.items() if space.team == OTHER)
    assert (bot.bot_token, bot.team_id, bot.bot_user_id) == (token, OTHER, "U0PAPERBOT")
    assert "chat:write" in bot.bot_scopes
    file = str(database._url.database)
    with closing(sqlite3.connect(file)) as connection:
        dumped = "\n".join(connection.iterdump())
    written = b"".join(path.read_bytes() for path in Path(file).parent.glob("papers.db*"))
    assert OTHER in dumped
    assert token not in dumped
    assert token.encode() not in written


async def test_each_workspace_is_answered_with_its_own_token(slack: SlackStandin, origin: str) -> None:
    assert (await install(slack, origin, TEAM))[0] == 200
    assert (await install(slack, origin, OTHER))[0] == 200

    ours = [token for token, space in slack.workspaces.items() if space.team == TEAM][-1]
    assert (await slack.ask("agents"))["text"] == ours
    theirs = next(token for token, space in slack.workspaces.items() if space.team == OTHER)
    slack.space = slack.workspaces[theirs]
    assert (await slack.ask("agents"))["text"] == theirs
    asked = len(slack.called("auth.test"))
    await slack.ask("agents")
    assert len(slack.called("auth.test")) == asked, "a token is tested once"


async def test_a_workspace_that_did_not_install_is_told_so(slack: SlackStandin, origin: str) -> None:
    assert "reinstall" in (await slack.ask("agents"))["text"]


async def test_a_state_is_good_once_for_ten_minutes_in_its_browser(
    slack: SlackStandin, origin: str, clock: SetClock
) -> None:
    slack.codes |= {"one": OTHER, "two": OTHER, "three": OTHER, "four": OTHER}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        first = await begin(browser, origin)
        assert (await back(browser, origin, first["cookie"], code="one", state=first["state"]))[0] == 200
        again = await back(browser, origin, first["cookie"], code="two", state=first["state"])
        assert again[0] == 401
        assert "no longer valid" in again[1]

        late = await begin(browser, origin)
        clock.set("2025-10-09T18:10")
        assert (await back(browser, origin, late["cookie"], code="three", state=late["state"]))[0] == 401

        mine, victims = await begin(browser, origin), await begin(browser, origin)
        crossed = await back(browser, origin, victims["cookie"], code="four", state=mine["state"])
        assert crossed[0] == 400
    assert set(slack.codes) == {"two", "three", "four"}, "no other code was exchanged"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"error": "access_denied"}, 200),
        ({"error": "<script>alert(1)</script>"}, 200),
        ({}, 400),
        ({"code": "x"}, 400),
        ({"state": "x"}, 400),
        ({"code": "x", "state": "x"}, 400),
        ({"code": "x", "state": "é\x00" * 100}, 400),
    ],
    ids=str,
)
async def test_what_comes_back_wrong_is_said_and_harmless(
    slack: SlackStandin, origin: str, query: dict[str, str], status: int
) -> None:
    async with aiohttp.ClientSession() as browser:
        asked = await begin(browser, origin)
        found, page = await back(browser, origin, asked["cookie"], **query)

    assert found == status
    assert "<script" not in page
    assert slack.called("oauth.v2.access") == []


@pytest.mark.parametrize("fault", ["500", "lost answer", "429", "invalid_auth"])
async def test_a_slack_that_fails_is_said_and_the_code_is_not_logged(
    slack: SlackStandin, origin: str, caplog: pytest.LogCaptureFixture, fault: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.fail("oauth.v2.access", *[fault] * 3)

    status, page = await install(slack, origin, OTHER)

    assert status == 401
    assert "Something Went Wrong" in page
    assert "code-of-" not in caplog.text


@pytest.mark.parametrize(
    "event",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0PAPERBOT"]}}],
    ids=lambda event: event["type"],
)
async def test_uninstalling_forgets_tokens_and_keeps_subscriptions(
    slack: SlackStandin, origin: str, database: Database, event: dict[str, Any]
) -> None:
    await install(slack, origin, TEAM)
    await install(slack, origin, OTHER)
    places = [Place("slack", f"{team}/C1") for team in (TEAM, OTHER)]
    with database.begin() as tx:
        for place in places:
            channel = tx.channels.ensure(
                place, Channel(0, place, time(9), "UTC", 20, covered_until=datetime.now(UTC))
            )
            tx.channels.subscribe(channel.id, parse_query("agents"), DAILY, "ann", datetime.now(UTC))

    await slack.event(event)
    await eventually(lambda: broken(database, places) == [REMOVED, ""])

    installs = Installs(database, datetime.now)
    assert await installs.bot(TEAM) is None
    assert await installs.bot(OTHER) is not None
    assert "reinstall" in (await slack.ask("agents"))["text"]

    await install(slack, origin, TEAM)
    assert broken(database, places) == ["", ""], "installing again goes on"


def broken(database: Database, places: list[Place]) -> list[str]:
    with database.begin() as tx:
        channels = [tx.channels.get(place) for place in places]
        return [sub.broken for one in channels if one for sub in tx.channels.subscriptions(one.id)]


async def test_digests_go_out_with_the_token_of_their_workspace(
    slack: SlackStandin, origin: str, database: Database, clock: SetClock
) -> None:
    await install(slack, origin, OTHER)
    many = ManyWorkspaces(slack.url, Installs(database, clock))

    token = next(token for token, space in slack.workspaces.items() if space.team == OTHER)
    assert (await many.client(OTHER)).token == token
    with pytest.raises(DeliveryError, match="not installed") as missing:
        await many.client(TEAM)
    assert missing.value.permanent


async def test_without_keys_an_install_ends_in_503(
    slack: SlackStandin, tmp_path: Path, clock: SetClock
) -> None:
    database = Database(sqlite_in(tmp_path, "keyless.db"))
    client = Client(slack.client_id, slack.client_secret, ("commands",))
    web = web_client(slack.url)
    flow = install_flow(client, web, Installs(database, clock), States(database, clock))
    app = AsyncApp(client=web, oauth_flow=flow, request_verification_enabled=False)
    async with http_mode(app, "x", Once(database, clock), Address("127.0.0.1", 0), flow) as port:
        assert (await install(slack, f"http://127.0.0.1:{port}", OTHER))[0] == 503
    database.close()


async def test_a_bot_comes_back_as_it_was_saved(database: Database, clock: SetClock) -> None:
    bot = Bot(
        app_id="A1", team_id=OTHER, team_name="Other", bot_token="xoxe.one", bot_id="B1", bot_user_id="U1",  # noqa: S106
        bot_scopes=["commands", "chat:write"], installed_at=1_750_000_000.5,
        bot_refresh_token="xoxe-1-two", bot_token_expires_at=1_760_000_000,  # noqa: S106
    )  # fmt: skip
    installs = Installs(database, clock)
    await installs.async_save_bot(bot)

    found = await installs.async_find_bot(enterprise_id=None, team_id=OTHER)

    assert found is not None
    assert found.to_dict() == bot.to_dict()
    assert await installs.async_find_bot(enterprise_id="E1", team_id=None) is None
