"""Posting to Discord, once: a repeated post has the nonce of the first, and an older one is looked up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import discord
import structlog

from adapters.discord.escape import cut_text
from adapters.discord.faults import NETWORK, REFUSED, is_uncertain, refusal_error, silence_error
from adapters.discord.pieces import Piece
from adapters.discord.places import NAME, channel_of, parse_snowflake
from adapters.discord.render import DiscordMessage, Style, has_mark, render_message
from adapters.discord.rest import Rest
from bot.channels.channel import Address
from bot.delivery.rate_limits import PlatformLimits
from bot.errors import DeliveryError
from bot.messages.blocks import Layout, Message
from bot.papers.text import clean_line

LOOK_BACK = 100
"""Messages of a channel among which a lost one is looked for."""
MOST_LOOKED_AT = 1_000
"""As many, where a worker stopped some time ago."""
SKEW = timedelta(minutes=5)
"""By how much Discord's clock may be behind ours."""
FIRST_SECONDS, AGAIN_SECONDS, LOOK_SECONDS = 45.0, 20.0, 15.0
"""Of a post, of its repetition and of the search for it: all within the lease of a delivery."""
PAUSE_SECONDS = 1.0
PACE = PlatformLimits(channel=PAUSE_SECONDS, platform=0.08)
"""Discord takes 50 requests a second of a bot. A message may take two, as its channel is asked for first; and
turns may be late: https://discord.com/developers/docs/topics/rate-limits#global-rate-limit."""
THREAD_NAME = 100
_HAS_THREAD = 160004
_STOPPED = "A worker stopped while posting this."
_LOOK = "Check whether it is there; with Read Message History, Paperboy checks by itself."

Place = discord.abc.Messageable | discord.ForumChannel

log = structlog.get_logger()


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
        self.pace = replace(PACE, count_messages=partial(_count_requests, style=style))

    async def prepare(self, address: Address, message: Message, nonce: str) -> DiscordPosting:
        place, parts = await self._laid_out(address, message)
        return DiscordPosting(self._rest, place, parts, nonce, clean_line(message.title), self._pause)

    async def tell(self, address: Address, user: str, message: Message) -> None:
        client = await self._rest.client()
        about = Piece(f"-# About <#{channel_of(address)}>")
        try:
            direct = await client.create_dm(discord.Object(parse_snowflake(user)))
            for part in render_message(message, self._style):
                said = DiscordMessage((*part.pieces, about), self._style)
                await self._rest.within(direct.send(**said.arguments()), FIRST_SECONDS)
        except REFUSED as error:
            raise refusal_error(error) from error
        except NETWORK as error:
            raise silence_error(error) from error

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
        return place, render_message(message, self._style)


@dataclass(slots=True)
class DiscordPosting:
    """A `bot.ports.platform.Posting`: what does not fit into one message follows it, or is in its thread."""

    rest: Rest
    place: Place
    messages: Sequence[DiscordMessage]
    nonce: str
    title: str
    pause: float
    thread: discord.abc.Messageable | None = None
    """Where parts after the first go, once that is known."""

    @property
    def parts(self) -> int:
        return len(self.messages)

    async def send(self, done: Sequence[str]) -> str:
        try:
            return str(await self._post_part(await self._part_at(len(done), done)))
        except DeliveryError as error:
            if error.permanent:
                self.rest.forget(self.place)
            raise

    async def find(self, since: datetime) -> Sequence[str]:
        done: list[str] = []
        try:
            for number in range(self.parts):
                found = await self._look_up(await self._part_at(number, done), since - SKEW)
                if found is None:
                    break
                done.append(str(found))
        except (*REFUSED, *NETWORK) as error:
            raise _in_doubt(_STOPPED, error) from error
        return done

    async def _part_at(self, number: int, done: Sequence[str]) -> _Part:
        where = await self._place_of(number, int(done[0]) if done else 0)
        return _Part(where, self.messages[number], _part_mark(self.nonce, number), self.title)

    async def _place_of(self, number: int, first: int) -> Place:
        """Where a part goes: a forum's parts into the post, a compact one's details into the thread."""
        if not number:
            return self.place
        if isinstance(self.place, discord.ForumChannel):
            self.thread = self.thread or await self._thread_of(first)
        elif self.messages[number].in_thread and isinstance(self.place, discord.TextChannel):
            self.thread = self.thread or await self._open_thread(self.place, first)
        return self.thread or self.place

    async def _thread_of(self, first: int) -> discord.abc.Messageable:
        """The thread of a message, which has its id."""
        return (await self.rest.client()).get_partial_messageable(first)

    async def _open_thread(self, place: discord.TextChannel, first: int) -> discord.abc.Messageable:
        """The thread of a posted message; the channel itself where Paperboy may not open one."""
        try:
            call = place.get_partial_message(first).create_thread(name=_thread_name(self.title))
            return await self.rest.within(call, AGAIN_SECONDS)
        except discord.HTTPException as error:
            if error.code == _HAS_THREAD:
                return await self._thread_of(first)
            if error.status >= 500 or error.status == 429:
                raise refusal_error(error) from error
            log.warning("no thread opened", channel=place.id, problem=f"{error.status} {error.code}")
            return place
        except REFUSED as error:
            raise refusal_error(error) from error
        except NETWORK as error:
            raise silence_error(error) from error

    async def _post_part(self, part: _Part) -> int:
        """Post a part, again where no answer came. Raises DeliveryError."""
        try:
            return await self.rest.within(_send_part(part), FIRST_SECONDS)
        except (*REFUSED, *NETWORK) as error:
            if not is_uncertain(error):
                raise _error_of(error) from error
            lost = error
        await asyncio.sleep(self.pause)
        # Discord answers a nonce that it has seen within some minutes with the first message.
        if not isinstance(part.place, discord.ForumChannel):
            try:
                return await self.rest.within(_send_part(part), AGAIN_SECONDS)
            except (*REFUSED, *NETWORK) as error:
                if not is_uncertain(error):
                    lost = error
        return await self._find_lost(part, _error_of(lost))

    async def _find_lost(self, part: _Part, problem: DeliveryError) -> int:
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
        return await self.rest.within(self._find_marked(part, since), LOOK_SECONDS)

    async def _find_marked(self, part: _Part, since: datetime | None) -> int | None:
        client = await self.rest.client()
        seen = 0
        async for posted, message in _recent_messages(part, since):
            if client.user and message.author.id == client.user.id and has_mark(message, part.mark):
                return posted
            seen += 1
        if seen >= MOST_LOOKED_AT:
            problem = f"{_STOPPED} There has been too much traffic since to find it."
            raise DeliveryError(problem, _LOOK, permanent=True, unknown=True)
        return None


def _count_requests(message: Message, *, style: Style) -> int:
    """How many requests a message takes; to open a thread is one."""
    parts = render_message(message, style)
    return len(parts) + any(part.in_thread for part in parts)


def _part_mark(nonce: str, number: int) -> str:
    """The nonce of a delivery's messages, each its own."""
    return f"{nonce}/{number}" if number else nonce


def _error_of(error: Exception) -> DeliveryError:
    return refusal_error(error) if isinstance(error, REFUSED) else silence_error(error)


def _in_doubt(problem: str, error: Exception) -> DeliveryError:
    """It may have been posted, and the channel cannot be read: for now, or until somebody acts."""
    why = _error_of(error)
    return DeliveryError(problem, _LOOK, permanent=why.permanent, retry_after=why.retry_after, unknown=True)


async def _send_part(part: _Part) -> int:
    """Post one message, or one post of a forum, which has no nonce."""
    arguments = part.message.arguments(part.mark)
    if not isinstance(part.place, discord.ForumChannel):
        return (await part.place.send(nonce=part.mark, **arguments)).id
    made = await part.place.create_thread(
        name=_thread_name(part.title), **_forum_tags(part.place), **arguments
    )
    return made.thread.id


def _forum_tags(forum: discord.ForumChannel) -> dict[str, Any]:
    """A tag, where the forum wants one."""
    open_tags = [tag for tag in forum.available_tags if not tag.moderated]
    return {"applied_tags": open_tags[:1]} if forum.flags.require_tag and open_tags else {}


async def _recent_messages(part: _Part, since: datetime | None) -> AsyncIterator[tuple[int, discord.Message]]:
    """The latest messages of a channel; of a forum those in its open posts of that name."""
    shown: dict[str, Any] = {"limit": LOOK_BACK}
    if since:
        shown = {"limit": MOST_LOOKED_AT, "after": since, "oldest_first": True}
    if not isinstance(part.place, discord.ForumChannel):
        async for message in part.place.history(**shown):
            yield message.id, message
        return
    for thread in await part.place.guild.active_threads():
        if thread.parent_id == part.place.id and thread.name == _thread_name(part.title):
            async for message in thread.history(**shown):
                yield thread.id, message


def _thread_name(title: str) -> str:
    """What a thread or post is called."""
    return cut_text(title, THREAD_NAME) or "Papers"
