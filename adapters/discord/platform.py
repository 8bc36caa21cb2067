"""Posting to Discord, once: a repeated post has the nonce of the first, and an older one is looked up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import discord
import structlog

from adapters.discord.escape import cut
from adapters.discord.faults import NETWORK, REFUSED, is_uncertain, refusal, silence
from adapters.discord.pieces import Piece
from adapters.discord.places import NAME, channel_of, snowflake
from adapters.discord.render import DiscordMessage, Style, has_mark, render
from adapters.discord.rest import Rest
from bot.channels.channel import Address
from bot.delivery.rate_limits import Pace
from bot.errors import DeliveryError
from bot.messages.blocks import Layout, Message
from bot.papers.text import harmless

LOOK_BACK = 100
"""Messages of a channel among which a lost one is looked for."""
MOST_LOOKED_AT = 1_000
"""As many, where a worker stopped some time ago."""
SKEW = timedelta(minutes=5)
"""By how much Discord's clock may be behind ours."""
FIRST_SECONDS, AGAIN_SECONDS, LOOK_SECONDS = 45.0, 20.0, 15.0
"""Of a post, of its repetition and of the search for it: all within the lease of a delivery."""
PAUSE_SECONDS = 1.0
PACE = Pace(channel=PAUSE_SECONDS, platform=0.08)
"""Discord takes 50 requests a second of a bot. A message may take two, as its channel is asked for first; and
turns may be late: https://discord.com/developers/docs/topics/rate-limits#global-rate-limit."""
THREAD_NAME = 100
_HAS_THREAD = 160004
_STOPPED = "A worker stopped while it was posting this."
_LOOK = "Look whether it is there; with Read Message History Paperboy looks by itself."

Place = discord.abc.Messageable | discord.ForumChannel

log = structlog.get_logger()


@dataclass(slots=True)
class _Half:
    """What is posted of a delivery: the ids of its messages, and where those after the first go."""

    ids: list[int] = field(default_factory=list)
    thread: discord.abc.Messageable | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """One Discord message of a delivery."""

    place: Place
    message: DiscordMessage
    mark: str
    title: str


class DiscordPlatform:
    """A `bot.ports.platform.Platform`.

    What does not fit into one message follows it, or stands in its thread.
    """

    name = NAME

    def __init__(self, rest: Rest, style: Style, pause: float = PAUSE_SECONDS) -> None:
        self._rest = rest
        self._style = style
        self._pause = pause
        self.pace = replace(PACE, messages=partial(_messages, style=style))
        self._halves: dict[str, _Half] = {}
        """What `posted` has just seen of deliveries, for the `post` that follows."""

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        """Post a digest, or what `posted` has not seen of it; returns the id of its first message.

        Raises DeliveryError.
        """
        half = self._halves.pop(nonce, _Half())
        try:
            place, parts = await self._laid_out(address, message)
            await self._go_on(half, place, parts, nonce, harmless(message.title))
        except DeliveryError as error:
            # The next try may be another process's, which has to see what stands there already.
            error.begun = bool(half.ids)
            raise
        return str(half.ids[0])

    async def _go_on(
        self, half: _Half, place: Place, parts: Sequence[DiscordMessage], nonce: str, title: str
    ) -> None:
        try:
            while len(half.ids) < len(parts):
                part = parts[len(half.ids)]
                where = await self._where(place, half, part, title)
                mark = _mark(nonce, len(half.ids))
                half.ids.append(await self._posted(_Part(where, part, mark, title)))
        except DeliveryError as error:
            if error.permanent:
                self._rest.forget(place)
            raise

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        """The id of a delivery that an earlier attempt finished; where it only began, `post` goes on.

        Raises DeliveryError.
        """
        place, parts = await self._laid_out(address, message)
        half, title = _Half(), harmless(message.title)
        try:
            for number, part in enumerate(parts):
                where = place
                if number:
                    where = await self._where(place, half, part, title)
                found = await self._look_up(_Part(where, part, _mark(nonce, number), title), since - SKEW)
                if found is None:
                    break
                half.ids.append(found)
        except (*REFUSED, *NETWORK) as error:
            raise _in_doubt(_STOPPED, error) from error
        if len(half.ids) == len(parts):
            return str(half.ids[0])
        self._halves[nonce] = half
        return None

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Say something to a user in private. Raises DeliveryError."""
        client = await self._rest.client()
        about = Piece(f"-# About <#{channel_of(address)}>")
        try:
            direct = await client.create_dm(discord.Object(snowflake(user)))
            for part in render(message, self._style):
                said = DiscordMessage((*part.pieces, about), self._style)
                await self._rest.within(direct.send(**said.arguments()), FIRST_SECONDS)
        except REFUSED as error:
            raise refusal(error) from error
        except NETWORK as error:
            raise silence(error) from error

    async def _laid_out(self, address: Address, message: Message) -> tuple[Place, list[DiscordMessage]]:
        """Where a message goes, and its parts: from a post of a forum into the forum, where that is wished.

        Raises DeliveryError.
        """
        place = await self._rest.place(channel_of(address))
        if message.layout is Layout.POST and isinstance(place, discord.Thread):
            above = await self._rest.place(place.parent_id)
            place = above if isinstance(above, discord.ForumChannel) else place
        if isinstance(place, discord.ForumChannel):
            message = replace(message, layout=Layout.FULL)
        return place, render(message, self._style)

    async def _where(self, place: Place, half: _Half, part: DiscordMessage, title: str) -> Place:
        """Where a part goes: a forum's parts into the post, a compact one's details into the thread."""
        if not half.ids:
            return place
        if isinstance(place, discord.ForumChannel):
            half.thread = half.thread or await self._thread(half.ids[0])
        elif part.in_thread and isinstance(place, discord.TextChannel):
            half.thread = half.thread or await self._open_thread(place, half.ids[0], title)
        return half.thread or place

    async def _thread(self, first: int) -> discord.abc.Messageable:
        """The thread of a message, which has its id."""
        return (await self._rest.client()).get_partial_messageable(first)

    async def _open_thread(
        self, place: discord.TextChannel, first: int, title: str
    ) -> discord.abc.Messageable:
        """The thread of a posted message; the channel itself where Paperboy may not open one."""
        try:
            call = place.get_partial_message(first).create_thread(name=_name(title))
            return await self._rest.within(call, AGAIN_SECONDS)
        except discord.HTTPException as error:
            if error.code == _HAS_THREAD:
                return await self._thread(first)
            if error.status >= 500 or error.status == 429:
                raise refusal(error) from error
            log.warning("no thread opened", channel=place.id, problem=f"{error.status} {error.code}")
            return place
        except REFUSED as error:
            raise refusal(error) from error
        except NETWORK as error:
            raise silence(error) from error

    async def _posted(self, part: _Part) -> int:
        """Post a part, again where no answer came. Raises DeliveryError."""
        try:
            return await self._rest.within(_send(part), FIRST_SECONDS)
        except (*REFUSED, *NETWORK) as error:
            if not is_uncertain(error):
                raise _problem(error) from error
            lost = error
        await asyncio.sleep(self._pause)
        # Discord answers a nonce that it has seen within some minutes with the first message.
        if not isinstance(part.place, discord.ForumChannel):
            try:
                return await self._rest.within(_send(part), AGAIN_SECONDS)
            except (*REFUSED, *NETWORK) as error:
                if not is_uncertain(error):
                    lost = error
        return await self._found(part, _problem(lost))

    async def _found(self, part: _Part, problem: DeliveryError) -> int:
        """The message that may have been posted. Raises `problem` where it was not."""
        try:
            found = await self._look_up(part)
        except (*REFUSED, *NETWORK) as error:
            raise _in_doubt(str(problem), error) from error
        if found is None:
            raise problem
        log.info("a lost answer was found", mark=part.mark)
        return found

    async def _look_up(self, part: _Part, since: datetime | None = None) -> int | None:
        """The id of the part where it is posted, among the latest messages, or all `since` then.

        Raises one of `REFUSED` and `NETWORK`, and DeliveryError where these are too many.
        """
        return await self._rest.within(self._marked(part, since), LOOK_SECONDS)

    async def _marked(self, part: _Part, since: datetime | None) -> int | None:
        client = await self._rest.client()
        seen = 0
        async for posted, message in _recent(part, since):
            if client.user and message.author.id == client.user.id and has_mark(message, part.mark):
                return posted
            seen += 1
        if seen >= MOST_LOOKED_AT:
            problem = f"{_STOPPED} Much has been said there since."
            raise DeliveryError(problem, _LOOK, permanent=True, unknown=True)
        return None


def _messages(message: Message, *, style: Style) -> int:
    """How many requests a message takes; to open a thread is one."""
    parts = render(message, style)
    return len(parts) + any(part.in_thread for part in parts)


def _mark(nonce: str, number: int) -> str:
    """The nonce of a delivery's messages, each its own."""
    return f"{nonce}/{number}" if number else nonce


def _problem(error: Exception) -> DeliveryError:
    return refusal(error) if isinstance(error, REFUSED) else silence(error)


def _in_doubt(problem: str, error: Exception) -> DeliveryError:
    """It may have been posted, and the channel cannot be read: for now, or until somebody acts."""
    why = _problem(error)
    return DeliveryError(problem, _LOOK, permanent=why.permanent, retry_after=why.retry_after, unknown=True)


async def _send(part: _Part) -> int:
    """Post one message, or one post of a forum, which has no nonce."""
    arguments = part.message.arguments(part.mark)
    if not isinstance(part.place, discord.ForumChannel):
        return (await part.place.send(nonce=part.mark, **arguments)).id
    made = await part.place.create_thread(name=_name(part.title), **_tags(part.place), **arguments)
    return made.thread.id


def _tags(forum: discord.ForumChannel) -> dict[str, Any]:
    """A tag, where the forum wants one."""
    open_tags = [tag for tag in forum.available_tags if not tag.moderated]
    return {"applied_tags": open_tags[:1]} if forum.flags.require_tag and open_tags else {}


async def _recent(part: _Part, since: datetime | None) -> AsyncIterator[tuple[int, discord.Message]]:
    """The latest messages of a channel; of a forum those in its open posts of that name."""
    shown: dict[str, Any] = {"limit": LOOK_BACK}
    if since:
        shown = {"limit": MOST_LOOKED_AT, "after": since, "oldest_first": True}
    if not isinstance(part.place, discord.ForumChannel):
        async for message in part.place.history(**shown):
            yield message.id, message
        return
    for thread in await part.place.guild.active_threads():
        if thread.parent_id == part.place.id and thread.name == _name(part.title):
            async for message in thread.history(**shown):
                yield thread.id, message


def _name(title: str) -> str:
    """What a thread or post is called."""
    return cut(title, THREAD_NAME) or "Papers"
