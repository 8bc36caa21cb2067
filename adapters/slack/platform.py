"""Posting to Slack, once: a lost answer is looked up in the channel before anything is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.faults import NETWORK, is_uncertain, refusal
from adapters.slack.mrkdwn import rich, text_element
from adapters.slack.places import NAME, channel_of
from adapters.slack.render import render
from adapters.slack.splitting import Payload
from adapters.slack.workspaces import Clients
from bot.channels.channel import Address
from bot.delivery.rate_limits import Pace
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
PACE = Pace(channel=PAUSE_SECONDS, workspace=0.3, messages=lambda message: len(render(message)))
"""Also several hundred messages a minute in a workspace: https://docs.slack.dev/apis/web-api/rate-limits."""

_STOPPED = "A worker stopped while it was posting this."
_LOOK = "Look whether it is there; with the scope channels:history Paperboy looks by itself."

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
        self._done: dict[str, list[str]] = {}
        """What `posted` has just seen of deliveries, for the `post` that follows."""

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        """Post a digest, or what `posted` has not seen of it; returns the `ts` of its first message.

        Raises DeliveryError.
        """
        done, parts = self._done.pop(nonce, []), render(message)
        try:
            client = await self._clients(address.workspace)
            while len(done) < len(parts):
                if done:
                    await asyncio.sleep(self._pause)
                payload, thread = parts[len(done)].payload(), done[0] if done else ""
                mark = f"{nonce}/{len(done)}" if done else nonce
                done.append(await self._posted(_Part(client, channel_of(address), payload, mark, thread)))
        except DeliveryError as error:
            # The next try may be another process's, which has to see what stands there already.
            error.begun = bool(done)
            raise
        return done[0]

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        """The `ts` of a delivery that an earlier attempt finished; where it only began, `post` goes on.

        Raises DeliveryError.
        """
        client = await self._clients(address.workspace)
        whole = _Part(client, channel_of(address), {}, nonce, "")
        try:
            first = (await _marked(whole, since - SKEW)).get(nonce, "")
            rest = await _marked(replace(whole, thread=first)) if first else {}
        except (SlackApiError, *NETWORK) as error:
            raise _in_doubt(_STOPPED, error) from error
        done = [first] if first else []
        while ts := rest.get(f"{nonce}/{len(done)}"):
            done.append(ts)
        if first and len(done) == len(render(message)):
            return first
        self._done[nonce] = done
        return None

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Say something to a user in private. Raises DeliveryError."""
        client = await self._clients(address.workspace)
        where = {"type": "channel", "channel_id": channel_of(address)}
        for part in render(message):
            payload = part.payload() | {"blocks": [*part.blocks, rich(text_element("About "), where)]}
            await self._posted(_Part(client, user, payload, "", ""))

    async def _posted(self, part: _Part) -> str:
        metadata = {"event_type": EVENT, "event_payload": {"nonce": part.nonce}} if part.nonce else None
        try:
            said = await part.client.chat_postMessage(
                channel=part.channel, thread_ts=part.thread or None, metadata=metadata, **part.payload
            )
        except SlackApiError as error:
            if is_uncertain(error):
                return await self._found(part, refusal(error))
            raise refusal(error) from error
        except aiohttp.ClientConnectorError as error:
            raise DeliveryError("Slack cannot be reached.", permanent=False) from error
        except NETWORK as error:
            lost = DeliveryError(f"Slack did not answer: {type(error).__name__}.", permanent=False)
            return await self._found(part, lost)
        return str(said["ts"])

    async def _found(self, part: _Part, problem: DeliveryError) -> str:
        """The message that may have been posted. Raises `problem` where it was not."""
        await asyncio.sleep(self._pause)
        try:
            posted = (await _marked(part)).get(part.nonce, "")
        except (SlackApiError, *NETWORK) as error:
            raise _in_doubt(str(problem), error) from error
        if not posted:
            raise problem
        log.info("a lost answer was found", channel=part.channel)
        return posted


def _in_doubt(problem: str, error: Exception) -> DeliveryError:
    """It may have been posted, and the channel cannot be read: for now, or until somebody acts."""
    why = refusal(error) if isinstance(error, SlackApiError) else None
    return DeliveryError(
        problem,
        _LOOK,
        permanent=why is not None and why.permanent,
        retry_after=why.retry_after if why else None,
        unknown=True,
    )


async def _marked(part: _Part, since: datetime | None = None) -> dict[str, str]:
    """The `ts` of each message with a nonce, in the part's channel or thread: the latest, or all since then.

    Raises DeliveryError where these are too many and the part's is not among those that were read.
    """
    found: dict[str, str] = {}
    cursor = ""
    for _ in range(MOST_PAGES):
        answer = await _page(part, since, cursor)
        found |= _marks(answer.get("messages", []))
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if since is None or part.nonce in found or not cursor:
            return found
    raise DeliveryError(f"{_STOPPED} Much has been said there since.", _LOOK, permanent=True, unknown=True)


async def _page(part: _Part, since: datetime | None, cursor: str) -> AsyncSlackResponse:
    shown: dict[str, Any] = {"channel": part.channel, "limit": LOOK_BACK, "include_all_metadata": True}
    shown |= {"cursor": cursor} if cursor else {}
    if part.thread:
        return await part.client.conversations_replies(ts=part.thread, **shown)
    shown |= {"oldest": f"{since.timestamp():.6f}"} if since else {}
    return await part.client.conversations_history(**shown)


def _marks(messages: Iterable[Payload]) -> dict[str, str]:
    marks = [
        (said.get("metadata", {}).get("event_payload", {}).get("nonce"), said["ts"]) for said in messages
    ]
    return {str(nonce): str(ts) for nonce, ts in marks if nonce}
