"""The guard before bolt, over real HTTP: what is not Slack's is refused, and nothing has its effect twice."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier
from structlog.testing import capture_logs

from adapters.slack.guard import BY_HAND, LARGEST_BODY, Refused, genuine
from adapters.slack.http_mode import Address, http_mode
from adapters.slack.once import Once
from bot.errors import PaperboyError
from bot.ports import Transaction
from storage.database import Database
from tests.adapters.slack.http_app import Counting, counting, posted, settled, utc_now
from tests.standins.slack import SlackStandin

SECRET = "test-signing-secret"  # noqa: S105
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
COMMAND = urlencode({"command": "/papers", "text": "agents", "team_id": "T0LAB", "user_id": "U0ANN"})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/papers.db", lock_seconds=5)
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
async def app(slack: SlackStandin, database: Database) -> AsyncIterator[Counting]:
    async with counting(slack, database) as app:
        yield app


def signed(
    body: str | bytes, kind: str = FORM, *, at: float = 0.0, secret: str = SECRET, **more: str
) -> dict[str, str]:
    """Headers as Slack makes them; `at` is in seconds from now."""
    stamp = str(int(time.time() + at))
    data = body.encode() if isinstance(body, str) else body
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + data, hashlib.sha256).hexdigest()
    base = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
    return base | {name.replace("_", "-"): value for name, value in more.items()}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in signed(COMMAND).items() if key != name}


async def test_a_signed_command_reaches_the_app(app: Counting) -> None:
    assert await posted(app.url, COMMAND, signed(COMMAND)) == (200, "")
    await settled()
    assert app.effects == ["agents"]


def stamped(value: str) -> dict[str, str]:
    return signed(COMMAND) | {"X-Slack-Request-Timestamp": value}


def marked(value: str) -> dict[str, str]:
    return signed(COMMAND) | {"X-Slack-Signature": value}


NOT_SLACKS: dict[str, Callable[[], dict[str, str]]] = {
    "no header": dict,
    "not signed": lambda: {"Content-Type": FORM},
    "no signature": lambda: without("X-Slack-Signature"),
    "no timestamp": lambda: without("X-Slack-Request-Timestamp"),
    "a word for a timestamp": lambda: stamped("now"),
    "an empty timestamp": lambda: stamped(""),
    "a negative timestamp": lambda: stamped("-1"),
    "an exponent": lambda: stamped("1e9"),
    "not a number": lambda: stamped("NaN"),
    "digits beyond ASCII": lambda: stamped("٣٣٣٣٣٣٣٣٣٣"),
    "too many digits": lambda: stamped("9" * 5000),
    "another timestamp": lambda: stamped(str(int(time.time()) + 60)),
    "an empty signature": lambda: marked(""),
    "half a signature": lambda: marked("v0="),
    "zeros": lambda: marked("v0=" + "0" * 64),
    "signs beyond ASCII": lambda: marked("v0=" + "é" * 64),
    "in capitals": lambda: marked(signed(COMMAND)["X-Slack-Signature"].upper()),
    "too old": lambda: signed(COMMAND, at=-330),
    "too new": lambda: signed(COMMAND, at=330),
    "another secret": lambda: signed(COMMAND, secret="another"),  # noqa: S106
    "another body": lambda: signed(COMMAND + "x"),
}


@pytest.mark.parametrize("case", NOT_SLACKS)
async def test_what_slack_did_not_sign_now_is_401(app: Counting, case: str) -> None:
    status, _ = await posted(app.url, COMMAND, NOT_SLACKS[case]())

    assert status == 401
    assert app.effects == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", FORM),
        ("", JSON),
        (COMMAND, "text/plain"),
        (COMMAND, ""),
        (COMMAND, JSON),
        (COMMAND, "multipart/form-data; boundary=x"),
        ("payload=", FORM),
        ("payload={", FORM),
        ("payload=null", FORM),
        ("payload=[]", FORM),
        ("payload=%7B%22type%22%3A1%7D", FORM),
        ("text=agents", FORM),
        ('{"type": "event_callback"}', FORM),
        ("{", JSON),
        ("[]", JSON),
        ("null", JSON),
        ('"text"', JSON),
        ("{}", JSON),
        ('{"type": "event_callback", "event": "app_home_opened"}', JSON),
        ('{"type": "event_callback", "event": ["type"]}', JSON),
        ('{"type": "block_actions", "actions": {"a": 1}}', JSON),
        ('{"type": "block_actions", "actions": [1]}', JSON),
        ('{"type": "view_submission", "view": []}', JSON),
        ('{"type": "x", "team": 1}', JSON),
        ('{"type": "x", "authorizations": 1}', JSON),
        ('{"type": "x", "n": ' + "9" * 5000 + "}", JSON),
        ("[" * 100_000, JSON),
        ('{"a":' * 100_000, JSON),
        ("&".join(f"a{n}=1" for n in range(200)) + "&command=x", FORM),
        (b"\xff\xfe\x00", FORM),
        (b'{"type": "\xff"}', JSON),
        (gzip.compress(COMMAND.encode(), mtime=0), FORM),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_what_slack_signed_and_nobody_can_read_is_400(
    app: Counting, body: str | bytes, kind: str
) -> None:
    status, _ = await posted(app.url, body, signed(body, kind))

    assert status == 400
    assert app.effects == []


async def test_a_body_too_large_is_400_and_one_below_is_read(app: Counting) -> None:
    large = COMMAND + "&more=" + "x" * LARGEST_BODY
    assert (await posted(app.url, large, signed(large)))[0] == 400
    fits = COMMAND + "&more=" + "x" * (LARGEST_BODY - 100 - len(COMMAND))
    assert (await posted(app.url, fits, signed(fits)))[0] == 200


async def test_compressed_bodies_are_never_unpacked(app: Counting) -> None:
    packed = gzip.compress(COMMAND.encode())
    assert (await posted(app.url, packed, signed(COMMAND, Content_Encoding="gzip")))[0] == 400


@pytest.mark.parametrize("charset", ["bogus", "utf-16", "utf-8", "zip"])
async def test_a_charset_means_nothing(app: Counting, charset: str) -> None:
    assert await posted(app.url, COMMAND, signed(COMMAND, f"{FORM}; charset={charset}")) == (200, "")
    await settled()
    assert app.effects == ["agents"]


@pytest.mark.parametrize(
    "name", ["event", "view", "actions", "message", "channel", "container", "team", "user"]
)
@pytest.mark.parametrize(
    "kind", ["event_callback", "block_actions", "view_submission", "message_action", "x"]
)
async def test_nulls_are_as_good_as_absent(app: Counting, name: str, kind: str) -> None:
    body = json.dumps({"type": kind, name: None, "team_id": "T0LAB"})
    answered = 200 if kind in BY_HAND else 404
    assert (await posted(app.url, body, signed(body, JSON)))[0] == answered


async def test_headers_that_steer_bolt_do_not_reach_it(app: Counting) -> None:
    steered = {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "_command"}
    assert await posted(app.url, COMMAND, signed(COMMAND) | steered) == (200, "")
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

    once = Once(Failing(), utc_now)
    async with asyncio.timeout(5):
        with capture_logs() as logs:
            assert set(await asyncio.gather(once.first("a"), once.first("b"))) == {None}
        assert await once.first("c")
    assert [line["log_level"] for line in logs] == ["error"]
    assert not await once.first("a"), "this process remembers it by itself"


async def test_what_failed_may_come_again(database: Database) -> None:
    once = Once(database, utc_now)
    assert await once.first("a")
    await once.forget("a")
    assert await once.first("a")
    assert not await Once(database, utc_now).first("a")


async def test_refusals_write_neither_bodies_nor_secrets(
    app: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = COMMAND + "&hidden=private-words"
    for headers in ({}, signed(body, secret="another"), signed(body, "text/plain")):  # noqa: S106
        assert (await posted(app.url, body, headers))[0] in {400, 401}
    assert "private-words" not in caplog.text
    assert SECRET not in caplog.text


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


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(
        ["type", "event", "team", "user", "view", "actions", "channel", "id", "authorizations", "command",
         "enterprise", "message", "item", "state", "container", "callback_id", "api_app_id",
         "is_ext_shared_channel", "subtype", "bot_id", "text", "name", "value", "action_id", "inputs",
         "function_data", "ssl_check", "challenge", "event_id", "trigger_id"]), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip
_KINDS = st.sampled_from(
    ["event_callback", "block_actions", "block_suggestion", "view_submission", "view_closed",
     "message_action", "shortcut", "interactive_message", "dialog_submission", "url_verification",
     "workflow_step_edit"]
)  # fmt: skip
_NEAR = st.builds(
    lambda kind, value: {"type": kind} | (value if isinstance(value, dict) else {"event": value}),
    _KINDS, _JSON,
)  # fmt: skip


def test_any_signed_body_gets_an_answer_below_500(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        stack = runner.run(_served(tmp_path))
        slack, served, app, database = stack

        @settings(max_examples=150, deadline=None)
        @given(_NEAR | _JSON, st.booleans())
        def never_500(value: object, form: bool) -> None:  # noqa: FBT001
            text = json.dumps(value)
            body = urlencode({"payload": text}) if form else text
            headers = signed(body, FORM if form else JSON)
            status, _ = runner.run(posted(app.url, body, headers))
            assert status < 500

        try:
            never_500()
        finally:
            runner.run(served.__aexit__(None, None, None))
            runner.run(slack.__aexit__(None, None, None))
            database.close()


async def _served(folder: Path) -> tuple[SlackStandin, Any, Counting, Database]:
    database = Database(f"sqlite:///{folder}/any.db")
    database.upgrade()
    slack = await SlackStandin().__aenter__()
    served = counting(slack, database)
    return slack, served, await served.__aenter__(), database


@settings(max_examples=200)
@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=90), st.text(max_size=40))
def test_any_unsigned_request_is_refused(body: bytes, stamp: str, signature: str, kind: str) -> None:
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": kind}
    with pytest.raises(Refused) as refused:
        genuine(headers, body, SignatureVerifier(SECRET))
    assert refused.value.status in {400, 401}
