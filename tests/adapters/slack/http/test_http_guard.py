"""The guard before bolt, over real HTTP: what is not Slack's is refused, and no body breaks it."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from adapters.slack.request_check import BY_HAND, LARGEST_BODY, Refused, check_genuine
from storage.database import Database
from tests.adapters.slack.http_app import (
    COMMAND,
    FORM,
    JSON,
    SECRET,
    Counting,
    counting,
    posted,
    settled,
    signed,
)
from tests.databases import sqlite_in
from tests.standins.slack import SlackStandin


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in signed(COMMAND).items() if key != name}


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


async def test_refusals_write_neither_bodies_nor_secrets(
    app: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = COMMAND + "&hidden=private-words"
    for headers in ({}, signed(body, secret="another"), signed(body, "text/plain")):  # noqa: S106
        assert (await posted(app.url, body, headers))[0] in {400, 401}
    assert "private-words" not in caplog.text
    assert SECRET not in caplog.text


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
    database = Database(sqlite_in(folder))
    slack = await SlackStandin().__aenter__()
    served = counting(slack, database)
    return slack, served, await served.__aenter__(), database


@settings(max_examples=200)
@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=90), st.text(max_size=40))
def test_any_unsigned_request_is_refused(body: bytes, stamp: str, signature: str, kind: str) -> None:
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": kind}
    with pytest.raises(Refused) as refused:
        check_genuine(headers, body, SignatureVerifier(SECRET))
    assert refused.value.status in {400, 401}
