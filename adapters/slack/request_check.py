"""What stands before bolt in HTTP mode: a request is Slack's own, fresh and well formed, or it is refused.

Bolt alone answers 500 to a timestamp that is no number and to a malformed payload, and writes the body of a
request with a bad signature into the log.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, Field
from slack_sdk.signature import SignatureVerifier

LARGEST_BODY = 1_048_576
"""Bytes; of a larger one no more is read."""
BY_HAND = frozenset({"block_actions", "message_action", "shortcut"})
"""Interactions whose acknowledgement says nothing: that of a form does, and a failed event is sent again."""
MOST_FIELDS = 100
"""Fields of a form; a slash command has about 15."""

# Python's own readings of these are wider: int("٣"), and compare_digest fails on signs beyond ASCII.
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Refused(Exception):  # noqa: N818 - it is an answer
    """The request is answered with `status` and goes no further."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Genuine:
    """A request that Slack made. `key` is the same for each repetition of it."""

    payload: str
    """What it says, as JSON, whatever it came as: nothing behind the guard reads it another way."""
    key: str
    is_by_hand: bool
    """Whether somebody typed or pressed something that Slack wants acknowledged, and no more."""


class _Shape(BaseModel):
    """The parts that bolt looks into to see what a request is about."""

    type: str | None = None
    command: str | None = None
    callback_id: str | None = None
    action_id: str | None = None
    block_id: str | None = None
    trigger_id: str | None = None
    event_id: str | None = None
    event_type: str | None = None
    subtype: str | None = None
    team: _Named | str | None = None
    team_id: str | None = None
    enterprise: _Named | str | None = None
    enterprise_id: str | None = None
    user: _Named | str | None = None
    user_id: str | None = None
    channel: _Named | str | None = None
    channel_id: str | None = None
    thread_ts: str | None = None
    authorizations: list[_Shape] | None = None
    actions: Annotated[list[_Shape], Field(min_length=1)] | None = None
    event: _Shape | None = None
    item: _Shape | None = None
    message: _Shape | None = None
    previous_message: _Shape | None = None
    assistant_thread: _Shape | None = None
    view: _Shape | None = None
    container: dict[str, Any] | None = None
    state: dict[str, Any] | str | None = None
    function_data: dict[str, Any] | None = None
    tokens: dict[str, list[str]] | None = None


class _Named(BaseModel):
    id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None


def check_genuine(headers: Mapping[str, str], body: bytes, verifier: SignatureVerifier) -> Genuine:
    """The request, if it is Slack's: its signature fits, and is at most 300 seconds old or ahead.

    https://docs.slack.dev/authentication/verifying-requests-from-slack/. Raises Refused: 401 where it may not
    be Slack's, 400 where it is and cannot be read.
    """
    timestamp, signature = headers.get("X-Slack-Request-Timestamp"), headers.get("X-Slack-Signature")
    if timestamp is None or signature is None:
        raise Refused(401, "not signed")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        raise Refused(401, "not a signature")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Refused(400, "not UTF-8") from None
    if not verifier.is_valid(text, timestamp, signature):
        raise Refused(401, "the signature does not fit, or is not of now")
    said, shape = _read_payload(headers.get("Content-Type", ""), text)
    is_by_hand = bool(shape.command) or shape.type in BY_HAND
    return Genuine(json.dumps(said), _request_key(shape, signature), is_by_hand)


def _read_payload(content_type: str, text: str) -> tuple[dict[str, Any], _Shape]:
    """What the request says. Raises Refused."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            said = json.loads(text)
        elif kind == "application/x-www-form-urlencoded":
            form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
            said = json.loads(form["payload"]) if "payload" in form else form
        else:
            raise Refused(400, "neither JSON nor a form")
        shape = _Shape.model_validate(said)
    except (ValueError, RecursionError):  # pydantic's and json's errors are ValueErrors
        raise Refused(400, "malformed") from None
    if not (shape.type or shape.command):
        raise Refused(400, "neither a command, an event nor an interaction")
    # Bolt asks whether a field is there, and then looks into it: null is as good as absent.
    return {name: value for name, value in said.items() if value is not None}, shape


def _request_key(payload: _Shape, signature: str) -> str:
    """What tells the request from others: Slack repeats an unanswered event under a new signature."""
    told = payload.event_id or payload.trigger_id or signature
    return hashlib.sha256(f"{payload.type or payload.command}:{told}".encode()).hexdigest()
