"""Posting to Slack, once: a lost answer is looked up in the channel before anything is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.faults import NETWORK, is_uncertain, refusal_error
from adapters.slack.mrkdwn import rich_block, text_element
from adapters.slack.places import NAME, channel_of
from adapters.slack.render import render_message
from adapters.slack.splitting import Payload
from adapters.slack.workspaces import Clients
from bot.channels.channel import Address
from bot.delivery.rate_limits import PlatformLimits
from bot.errors import DeliveryError
from bot.messages.blocks import Message

EVENT = "paperboy_delivery"
LOOK_BACK = 100
"""Messages of a channel among which a lost one is looked for, at a time."""
MOST_PAGES = 10
"""So often, where a worker stopped some time ago."""
SKEW = timedelta(minutes=5)
"""By how much Slack's clock may be behind ours."""
PAUSE_SECONDS = 1.0
"""Slack takes about one message a second in a channel; as long is waited before a lost one is looked for."""
PACE = PlatformLimits(
    channel=PAUSE_SECONDS, workspace=0.3, count_messages=lambda message: len(render_message(message))
)
"""Also several hundred messages a minute in a workspace: https://docs.slack.dev/apis/web-api/rate-limits."""

_STOPPED = "A worker stopped while posting this."
_LOOK = "Check whether it is there; with the scope channels:history, Paperboy checks by itself."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Part:
    """One Slack message of a delivery."""

    client: AsyncWebClient
    channel: str
    payload: Payload
    nonce: str
    thread: str


class SlackPlatform:
    """A `bot.ports.platform.Platform`. What does not fit into one message follows in its thread."""

    name = NAME
    pace = PACE

    def __init__(self, clients: Clients, pause: float = PAUSE_SECONDS) -> None:
        self._clients = clients
        self._pause = pause

    async def prepare(self, address: Address, message: Message, nonce: str) -> SlackPosting:
        client = await self._clients(address.workspace)
        payloads = [part.payload() for part in render_message(message)]
        return SlackPosting(client, channel_of(address), payloads, nonce, self._pause)

    async def tell(self, address: Address, user: str, message: Message) -> None:
        client = await self._clients(address.workspace)
        where = {"type": "channel", "channel_id": channel_of(address)}
        for part in render_message(message):
            payload = part.payload() | {"blocks": [*part.blocks, rich_block(text_element("About "), where)]}
            await _post_part(_Part(client, user, payload, "", ""), self._pause)


@dataclass(frozen=True, slots=True)
class SlackPosting:
    """A `bot.ports.platform.Posting`: the first part stands in the channel, the others in its thread."""

    client: AsyncWebClient
    channel: str
    payloads: Sequence[Payload]
    nonce: str
    pause: float

    @property
    def parts(self) -> int:
        return len(self.payloads)

    async def send(self, done: Sequence[str]) -> str:
        if done:
            await asyncio.sleep(self.pause)
        return await _post_part(self._part_at(len(done), done[0] if done else ""), self.pause)

    async def find(self, since: datetime) -> Sequence[str]:
        try:
            first = (await _marked_messages(self._part_at(0), since - SKEW)).get(self.nonce, "")
            rest = await _marked_messages(self._part_at(0, first)) if first else {}
        except (SlackApiError, *NETWORK) as error:
            raise _in_doubt(_STOPPED, error) from error
        done = [first] if first else []
        while ts := rest.get(_part_mark(self.nonce, len(done))):
            done.append(ts)
        return done

    def _part_at(self, number: int, thread: str = "") -> _Part:
        return _Part(self.client, self.channel, self.payloads[number], _part_mark(self.nonce, number), thread)


def _part_mark(nonce: str, number: int) -> str:
    """What tells the parts of a delivery apart."""
    return f"{nonce}/{number}" if number else nonce


async def _post_part(part: _Part, pause: float) -> str:
    metadata = {"event_type": EVENT, "event_payload": {"nonce": part.nonce}} if part.nonce else None
    try:
        said = await part.client.chat_postMessage(
            channel=part.channel, thread_ts=part.thread or None, metadata=metadata, **part.payload
        )
    except SlackApiError as error:
        if is_uncertain(error):
            return await _find_lost(part, pause, refusal_error(error))
        raise refusal_error(error) from error
    except aiohttp.ClientConnectorError as error:
        raise DeliveryError("Slack cannot be reached.", permanent=False) from error
    except NETWORK as error:
        lost = DeliveryError(f"Slack did not answer: {type(error).__name__}.", permanent=False)
        return await _find_lost(part, pause, lost)
    return str(said["ts"])


async def _find_lost(part: _Part, pause: float, problem: DeliveryError) -> str:
    """The message that may have been posted. Raises `problem` where it was not."""
    await asyncio.sleep(pause)
    try:
        posted = (await _marked_messages(part)).get(part.nonce, "")
    except (SlackApiError, *NETWORK) as error:
        raise _in_doubt(str(problem), error) from error
    if not posted:
        raise problem
    log.info("a lost answer was found", channel=part.channel)
    return posted


def _in_doubt(problem: str, error: Exception) -> DeliveryError:
    """It may have been posted, and the channel cannot be read: for now, or until somebody acts."""
    why = refusal_error(error) if isinstance(error, SlackApiError) else None
    return DeliveryError(
        problem,
        _LOOK,
        permanent=why is not None and why.permanent,
        retry_after=why.retry_after if why else None,
        unknown=True,
    )


async def _marked_messages(part: _Part, since: datetime | None = None) -> dict[str, str]:
    """The `ts` of each message with a nonce, in the part's channel or thread: the latest, or all since then.

    Raises DeliveryError where these are too many and the part's is not among those that were read.
    """
    found: dict[str, str] = {}
    cursor = ""
    for _ in range(MOST_PAGES):
        answer = await _history_page(part, since, cursor)
        found |= _marks_of(answer.get("messages", []))
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if since is None or part.nonce in found or not cursor:
            return found
    raise DeliveryError(
        f"{_STOPPED} There has been too much traffic since to find it.", _LOOK, permanent=True, unknown=True
    )


async def _history_page(part: _Part, since: datetime | None, cursor: str) -> AsyncSlackResponse:
    shown: dict[str, Any] = {"channel": part.channel, "limit": LOOK_BACK, "include_all_metadata": True}
    shown |= {"cursor": cursor} if cursor else {}
    if part.thread:
        return await part.client.conversations_replies(ts=part.thread, **shown)
    shown |= {"oldest": f"{since.timestamp():.6f}"} if since else {}
    return await part.client.conversations_history(**shown)


def _marks_of(messages: Iterable[Payload]) -> dict[str, str]:
    marks = [
        (said.get("metadata", {}).get("event_payload", {}).get("nonce"), said["ts"]) for said in messages
    ]
    return {str(nonce): str(ts) for nonce, ts in marks if nonce}
