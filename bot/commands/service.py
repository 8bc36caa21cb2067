"""The one door of commands: text and a caller in, a message out, whatever the platform."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.channels.channel import Address, Channel, Subscription
from bot.channels.trouble import recover
from bot.commands import reading, say, subscribing
from bot.commands.desk import Caller, Defaults, Desk
from bot.commands.grammar import parse
from bot.commands.model import (
    Command,
    Help,
    List,
    Pause,
    Preview,
    Resume,
    Search,
    Settings,
    Show,
    Subscribe,
    Trending,
    Unsubscribe,
)
from bot.errors import SourceError, UsageError
from bot.messages import Message
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.ports import Clock, Lookup, Store
from bot.search.plan import Hit, as_search
from bot.search.searching import Searcher
from bot.topics.nearness import Meaning
from bot.topics.query import Query

Listed = tuple[Channel, Sequence[Subscription]]

HANDLERS: dict[type[Command], Callable[[Any, Desk], Message]] = {
    Search: reading.search,
    Subscribe: subscribing.subscribe,
    Unsubscribe: subscribing.unsubscribe,
    List: subscribing.list_,
    Preview: reading.preview,
    Trending: reading.trending,
    Show: reading.show,
    Pause: subscribing.pause,
    Resume: subscribing.resume,
    Settings: subscribing.settings,
    Help: reading.help_,
}


@dataclass(frozen=True, slots=True)
class Commands:
    """Answers commands. Errors of the user are answers too; StorageError escapes to the platform."""

    store: Store
    clock: Clock
    defaults: Defaults
    expected: Callable[[], Mapping[str, date]]
    searcher: Searcher
    lookup: Lookup | None = None
    meaning: Meaning | None = None

    async def answer(self, text: str, caller: Caller) -> Message:
        """The answer to what stands after `/papers`.

        Raises StorageError.
        """
        try:
            return await self.run(parse(text), caller)
        except UsageError as error:
            return say.usage_error(error)

    async def run(self, command: Command, caller: Caller) -> Message:
        """The answer to a command.

        Raises StorageError and UsageError.
        """
        try:
            looked_up = await self._look_up(command) if isinstance(command, Show) else None
        except SourceError as error:
            return say.not_looked_up(error)
        return await asyncio.to_thread(self._handle, command, caller, looked_up)

    def _handle(self, command: Command, caller: Caller, looked_up: Paper | None) -> Message:
        if isinstance(command, Search):
            self.searcher.prepare(self.store, as_search(command.query, command.sort))
        elif self.meaning:
            # The first vector takes the time of reading the model, which no transaction waits for.
            for query in _queries(command):
                self.meaning.prepare(query)
        with self.store.begin() as tx:
            desk = Desk(
                tx,
                caller,
                self.clock(),
                self.defaults,
                self.expected(),
                self.searcher,
                looked_up,
                self.meaning,
            )
            answer = HANDLERS[type(command)](command, desk)
            return _after_trouble(answer, desk)

    async def _look_up(self, command: Show) -> Paper | None:
        """The paper from outside, where it is not stored and can be asked for.

        Raises SourceError.
        """
        if (
            command.paper is None
            or self.lookup is None
            or await asyncio.to_thread(self._stored, command.paper) is not None
        ):
            return None
        return await self.lookup.paper(command.paper)

    async def paper(self, paper_id: PaperId) -> Paper | None:
        """A paper, stored or as its source tells it.

        Raises StorageError.
        """
        hit = await asyncio.to_thread(self._stored, paper_id)
        return hit.paper if hit else await self._look_up(Show(paper_id))

    async def channel(self, address: Address) -> Listed:
        """A channel, as stored or as it would start, and its subscriptions.

        Raises StorageError.
        """
        return await asyncio.to_thread(self._channel, address)

    async def channels_of(self, address: Address, user: str) -> Sequence[Listed]:
        """The channels of this place's workspace in which the user subscribed something.

        Raises StorageError.
        """
        return await asyncio.to_thread(self._channels_of, address, user)

    def _channel(self, address: Address) -> Listed:
        with self.store.begin() as tx:
            channel = tx.channels.get(address) or self.defaults.channel(address, self.clock())
            return channel, tx.channels.subscriptions(channel.id)

    def _channels_of(self, address: Address, user: str) -> Sequence[Listed]:
        with self.store.begin() as tx:
            found = tx.channels.owned(address.platform, address.workspace, user)
            return [(channel, tx.channels.subscriptions(channel.id)) for channel in found]

    def _stored(self, paper_id: PaperId) -> Hit | None:
        with self.store.begin() as tx:
            return tx.papers.get(paper_id)


def _queries(command: Command) -> Iterator[Query]:
    match command:
        case Subscribe(topic=topic) | Preview(topic=topic) | Trending(topic=topic):
            if topic is not None:
                yield topic


def _after_trouble(answer: Message, desk: Desk) -> Message:
    """Who asks from a channel has mended it: its digests are tried again, and the answer says so."""
    channel = desk.tx.channels.get(desk.caller.address)
    reason = recover(desk.tx, channel, desk.now) if channel else ""
    return replace(answer, blocks=(*answer.blocks, say.works_again(reason))) if reason else answer
