"""The one door of commands: text and a caller in, a message out, whatever the platform."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from bot.channels.channel import Address, Channel, Mute, Subscription
from bot.channels.reader import Reader
from bot.channels.upcoming import awake, local_day
from bot.commands import model
from bot.commands.autocomplete import Known, Suggestion, suggest
from bot.commands.context import Caller, Defaults, Desk
from bot.commands.grammar import arguments, parse
from bot.commands.handlers import feedback as rating
from bot.commands.handlers import mutes as muting
from bot.commands.handlers import papers as reading
from bot.commands.handlers import reading_list as keeping
from bot.commands.handlers import subscriptions as subscribing
from bot.commands.model import COMMANDS, Command
from bot.commands.replies import papers as say_papers
from bot.commands.replies import subscriptions as say
from bot.digests.card_actions import without_meaning
from bot.errors import SourceError, UsageError
from bot.feedback.rating import NO_RATINGS, Tally
from bot.messages.blocks import Message
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.ports.clock import Clock
from bot.ports.sources import Lookup
from bot.ports.store import Store, Transaction
from bot.search.plan import Hit, as_search
from bot.services.broken_channels import is_broken, recover
from bot.services.notices import works_again
from bot.services.search import Searcher
from bot.services.semantic import Meaning
from bot.topics.query import Query

HANDLERS: dict[type[Command], Callable[[Any, Desk], Message]] = {
    model.Search: reading.search,
    model.Subscribe: subscribing.subscribe,
    model.Unsubscribe: subscribing.unsubscribe,
    model.List: subscribing.list_,
    model.Preview: reading.preview,
    model.Trending: reading.trending,
    model.Show: reading.show,
    model.Save: keeping.save,
    model.Saved: keeping.saved,
    model.Unsave: keeping.unsave,
    model.Like: rating.like,
    model.Dislike: rating.dislike,
    model.Unlike: rating.unlike,
    model.Feedback: rating.feedback,
    model.Export: keeping.export,
    model.Mute: muting.mute,
    model.Unmute: muting.unmute,
    model.Pause: subscribing.pause,
    model.Resume: subscribing.resume,
    model.Settings: subscribing.settings,
    model.Help: reading.help_,
}

READING = (
    *(model.Search, model.List, model.Preview, model.Trending),
    *(model.Show, model.Saved, model.Export, model.Help),
)
"""Commands that change nothing, and wait for nobody who does."""
SHOWING = (model.Feedback(), model.Mute(), model.Settings())
"""What others are without an argument: the same."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A channel, as stored or as it would start, with what it subscribes to, mutes and has rated."""

    channel: Channel
    subscriptions: Sequence[Subscription] = ()
    mutes: Sequence[Mute] = ()
    tally: Tally = NO_RATINGS


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
            looked_up = await self._look_up(wanted) if (wanted := _wanted(command)) else None
        except SourceError as error:
            return say_papers.not_looked_up(error)
        handle = partial(HANDLERS[type(command)], command)
        return await asyncio.to_thread(self._handle, command, handle, caller, looked_up)

    async def edit(self, number: int, command: model.Subscribe, caller: Caller) -> Message:
        """Subscribe in the place of subscription `number`, in one.

        Raises StorageError and UsageError.
        """
        handle = partial(subscribing.edit, number, command)
        return await asyncio.to_thread(self._handle, command, handle, caller)

    def _handle(
        self,
        command: Command,
        handle: Callable[[Desk], Message],
        caller: Caller,
        looked_up: Paper | None = None,
    ) -> Message:
        self._prepare(command)
        reads = isinstance(command, READING) or command in SHOWING
        with self.store.read() if reads else self.store.begin() as tx:
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
            answer = handle(desk)
            # Who asks from a channel has mended it: its digests are tried again, and the answer says so.
            channel = tx.channels.get(caller.address)
            troubled = channel is not None and is_broken(tx, channel)
            reason = recover(tx, channel, desk.now) if channel and troubled and not reads else ""
        if reads and troubled:
            reason = self._works_again(caller.address)
        if reason:
            answer = replace(answer, blocks=(*answer.blocks, works_again(reason)))
        return answer if self.meaning else without_meaning(answer)

    def _prepare(self, command: Command) -> None:
        """Do what takes time, and no transaction waits for: read the model, keep the index up."""
        if isinstance(command, model.Search):
            self.searcher.prepare(self.store, as_search(command.query, command.sort))
        elif self.meaning:
            for query in _queries(command):
                self.meaning.prepare(query)

    async def _look_up(self, paper_id: PaperId) -> Paper | None:
        """The paper from outside, where it is not stored and can be asked for.

        Raises SourceError.
        """
        if self.lookup is None or await asyncio.to_thread(self._stored, paper_id) is not None:
            return None
        return await self.lookup.paper(paper_id)

    async def paper(self, paper_id: PaperId) -> Paper | None:
        """A paper, stored or as its source tells it; None also where that does not answer.

        Raises StorageError.
        """
        hit = await asyncio.to_thread(self._stored, paper_id)
        if hit:
            return hit.paper
        try:
            return await self._look_up(paper_id)
        except SourceError:
            return None

    async def channel(self, address: Address) -> Listed:
        """A channel.

        Raises StorageError.
        """
        return await asyncio.to_thread(self._channel, address)

    async def channels_of(
        self, address: Address, user: str, seen: AbstractSet[Address] = frozenset()
    ) -> Sequence[Listed]:
        """The channels of this place's workspace that the user is shown.

        In each of them something is subscribed: by the user, or where they see it, by anybody. Raises
        StorageError.
        """
        return await asyncio.to_thread(self._channels_of, address, user, seen)

    async def saved(self, address: Address, user: str, limit: int) -> tuple[Sequence[Paper], int]:
        """The papers that a user saved last, and how many there are. Raises StorageError."""
        return await asyncio.to_thread(self._saved, Caller(address, user).reader, limit)

    async def works_again(self, address: Address) -> str:
        """Let digests of a channel go on, and return what was wrong with it, or "". Raises StorageError."""
        return await asyncio.to_thread(self._works_again, address)

    async def suggest(self, name: str, arg: str, text: str, caller: Caller) -> Sequence[Suggestion]:
        """What an argument of a command can be, the best first, while the caller types it.

        Raises StorageError.
        """
        return await asyncio.to_thread(self._suggest, name, arg, text, caller)

    def _suggest(self, name: str, arg: str, text: str, caller: Caller) -> Sequence[Suggestion]:
        with self.store.read() as tx:
            known = Known(tx, caller, tx.channels.get(caller.address), self.clock().date())
            return suggest(arguments(COMMANDS[name])[arg], text, known)

    def _channel(self, address: Address) -> Listed:
        with self.store.read() as tx:
            channel = tx.channels.get(address) or self.defaults.channel(address, self.clock())
            return _listed(tx, channel, self.clock())

    def _channels_of(self, address: Address, user: str, seen: AbstractSet[Address]) -> Sequence[Listed]:
        with self.store.read() as tx:
            owned = tx.channels.owned(address.platform, address.workspace, user)
            every = tx.channels.in_workspace(address.platform, address.workspace) if seen else ()
            found = {
                channel.id: channel
                for channel in (*owned, *every)
                if channel in owned or channel.address in seen
            }
            listed = [_listed(tx, found[number], self.clock()) for number in sorted(found)]
            return [one for one in listed if one.subscriptions]

    def _saved(self, reader: Reader, limit: int) -> tuple[Sequence[Paper], int]:
        with self.store.read() as tx:
            return tx.saved.page(reader, limit), tx.saved.count(reader)

    def _works_again(self, address: Address) -> str:
        with self.store.begin() as tx:
            channel = tx.channels.get(address)
            return recover(tx, channel, self.clock()) if channel else ""

    def _stored(self, paper_id: PaperId) -> Hit | None:
        with self.store.read() as tx:
            return tx.papers.get(paper_id)


def _queries(command: Command) -> Iterator[Query]:
    match command:
        case model.Subscribe(topic=topic) | model.Preview(topic=topic) | model.Trending(topic=topic):
            if topic is not None:
                yield topic


def _listed(tx: Transaction, channel: Channel, now: datetime) -> Listed:
    today = local_day(channel, now)
    subscriptions = [awake(sub, today) for sub in tx.channels.subscriptions(channel.id)]
    mutes, tally = tx.channels.mutes(channel.id), tx.ratings.tally(channel.id)
    return Listed(awake(channel, today), subscriptions, mutes, tally)


def _wanted(command: Command) -> PaperId | None:
    """The one paper that a command is about."""
    match command:
        case model.Show(paper) | model.Save(paper) | model.Like(paper) | model.Dislike(paper):
            return paper
        case model.Export(what=PaperId() as paper):
            return paper
    return None
