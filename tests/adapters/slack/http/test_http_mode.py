"""HTTP mode over real HTTP: nothing has its effect twice, and nothing keeps Slack waiting."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from structlog.testing import capture_logs

from adapters.slack.http_mode import Address, http_mode
from adapters.slack.request_marks import Once
from bot.errors import PaperboyError
from bot.ports.store import Transaction
from storage.database import Database
from tests.adapters.slack.http_app import (
    COMMAND,
    FORM,
    JSON,
    Counting,
    counting,
    posted,
    settled,
    signed,
    utc_now,
)
from tests.standins.slack import SlackStandin


async def test_a_signed_command_reaches_the_app(app: Counting) -> None:
    assert await posted(app.url, COMMAND, signed(COMMAND)) == (200, "")
    await settled()
    assert app.effects == ["agents"]


async def test_the_address_is_confirmed_to_slack(app: Counting) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee", "token": "x"})
    assert await posted(app.url, body, signed(body, JSON)) == (200, '{"challenge": "c0ffee"}')


async def test_a_replayed_request_has_no_second_effect(app: Counting) -> None:
    headers = signed(COMMAND)
    assert await posted(app.url, COMMAND, headers) == (200, "")
    assert await asyncio.gather(*(posted(app.url, COMMAND, headers) for _ in range(20))) == [(200, "")] * 20
    await settled()
    assert app.effects == ["agents"]


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"command": "/papers", "text": "agents", "team_id": "T0LAB", "trigger_id": "1.2.3"}, FORM),
        ({"type": "event_callback", "event_id": "Ev1", "team_id": "T0LAB",
          "event": {"type": "app_home_opened", "user": "agents"}}, JSON),
        ({"type": "block_actions", "trigger_id": "1.2.3", "team": {"id": "T0LAB"}, "user": {"id": "U0ANN"},
          "actions": [{"type": "button", "action_id": "go", "block_id": "b"}]}, "payload"),
    ],
)  # fmt: skip
async def test_what_comes_again_under_a_new_signature_is_the_same(
    app: Counting, payload: dict[str, Any], kind: str
) -> None:
    body = json.dumps(payload) if kind == JSON else urlencode(payload)
    if kind == "payload":
        body, kind = urlencode({"payload": json.dumps(payload)}), FORM

    statuses = [(await posted(app.url, body, signed(body, kind, at=at)))[0] for at in (-5, -3, 0)]

    await settled()
    assert statuses == [200, 200, 200]
    assert len(app.effects) == 1


async def test_the_same_words_typed_twice_are_two_commands(app: Counting) -> None:
    for at in (-1, 0):
        assert (await posted(app.url, COMMAND, signed(COMMAND, at=at)))[0] == 200
    await settled()
    assert app.effects == ["agents", "agents"]


async def test_replicas_and_restarts_know_what_was_handled(slack: SlackStandin, database: Database) -> None:
    headers = signed(COMMAND)
    async with counting(slack, database) as first, counting(slack, database) as second:
        answers = [await posted(app.url, COMMAND, headers) for app in (first, second) for _ in range(3)]
        await settled()
    async with counting(slack, database) as third:
        answers.append(await posted(third.url, COMMAND, headers))
        await settled()

    assert answers == [(200, "")] * 7
    assert sorted((first.effects, second.effects)) == [[], ["agents"]]
    assert third.effects == []


EVENT = json.dumps(
    {"type": "event_callback", "event_id": "Ev1", "team_id": "T0LAB",
     "event": {"type": "app_home_opened", "user": "ann"}}
)  # fmt: skip


async def test_a_locked_database_delays_no_command(app: Counting, database: Database) -> None:
    headers = signed(COMMAND)
    with database.begin():
        assert await posted(app.url, COMMAND, headers) == (200, "")
        assert await posted(app.url, COMMAND, headers) == (200, "")
        assert app.effects == [], "what is not marked has no effect yet"
    await settled()
    assert app.effects == ["agents"]


async def test_a_locked_database_delays_no_event_past_slacks_patience(
    app: Counting, database: Database
) -> None:
    headers = signed(EVENT, JSON)
    with database.begin():
        start = time.monotonic()
        assert (await posted(app.url, EVENT, headers))[0] == 200
        assert time.monotonic() - start < 3
        assert (await posted(app.url, EVENT, headers))[0] == 200, "this process remembers by itself"
    assert app.effects == ["ann"]


async def test_what_cannot_be_marked_has_no_effect_and_says_so(
    slack: SlackStandin, database: Database, tmp_path: Path
) -> None:
    body = f"{COMMAND}&{urlencode({'response_url': slack.new_response_url('C0GENERAL', 'U0ANN')})}"
    headers = signed(body)
    impatient = Database(f"sqlite:///{tmp_path}/papers.db", lock_seconds=0.1)
    async with counting(slack, impatient) as app:
        with database.begin():
            assert await posted(app.url, body, headers) == (200, "")
            await settled()
        assert "cannot reach its database" in str(slack.responses[0].body)
        assert app.effects == []

        assert await posted(app.url, body, headers) == (200, "")
        await settled()
        assert app.effects == ["agents"], "it may come again, since it had no effect"
    impatient.close()


async def test_a_stop_waits_for_what_was_acknowledged(slack: SlackStandin, database: Database) -> None:
    async with counting(slack, database) as app:
        with database.begin():
            assert await posted(app.url, COMMAND, signed(COMMAND)) == (200, "")
    assert app.effects == ["agents"]


async def test_a_bug_in_the_store_keeps_no_request_waiting(database: Database) -> None:
    class Failing:
        """The store, at first with a bug."""

        calls = 0

        def begin(self) -> AbstractContextManager[Transaction]:
            self.calls += 1
            if self.calls == 1:
                raise KeyError("kind")
            return database.begin()

        def read(self) -> AbstractContextManager[Transaction]:
            return database.read()

    once = Once(Failing(), utc_now)
    async with asyncio.timeout(5):
        with capture_logs() as logs:
            assert set(await asyncio.gather(once.is_first("a"), once.is_first("b"))) == {None}
        assert await once.is_first("c")
    assert [line["log_level"] for line in logs] == ["error"]
    assert not await once.is_first("a"), "this process remembers it by itself"


async def test_what_failed_may_come_again(database: Database) -> None:
    once = Once(database, utc_now)
    assert await once.is_first("a")
    await once.forget_key("a")
    assert await once.is_first("a")
    assert not await Once(database, utc_now).is_first("a")


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/slack/events", 405), ("POST", "/", 404), ("GET", "/slack/install", 404),
    ("GET", "/slack/oauth_redirect", 404), ("PUT", "/slack/events", 405),
])  # fmt: skip
async def test_nothing_else_is_served(app: Counting, method: str, path: str, status: int) -> None:
    async with aiohttp.ClientSession() as session:
        url = app.url.removesuffix("/slack/events") + path
        async with session.request(method, url) as answer:
            assert answer.status == status


async def test_a_port_in_use_names_the_setting(app: Counting, slack: SlackStandin) -> None:
    port = int(app.url.split(":")[2].split("/")[0])
    with pytest.raises(PaperboyError, match=r"is in use\. Set PAPERBOY_SLACK_PORT"):
        async with http_mode(None, "x", app.once, Address("127.0.0.1", port)):  # type: ignore[arg-type]
            raise AssertionError("two on one port")
