"""The front door of commands: text or a command and a caller in, a message out, whatever the platform."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import structlog

from bot.channels.channel import Address
from bot.channels.reader import Reader
from bot.commands import model
from bot.commands.autocomplete import Suggestion, SuggestionScope, suggest_values
from bot.commands.channel_view import ChannelView, view_channel, view_channels_of
from bot.commands.context import Caller, CommandContext, Defaults
from bot.commands.grammar import arguments_of, parse_command
from bot.commands.handlers import subscriptions
from bot.commands.model import COMMANDS, Command
from bot.commands.replies.failures import database_unavailable
from bot.commands.replies.papers import not_looked_up
from bot.commands.replies.subscriptions import usage_error
from bot.commands.table import row_of
from bot.digests.card_actions import drop_meaning_actions
from bot.errors import PaperboyError, SourceError, StorageError, UsageError
from bot.messages.blocks import Button, Buttons, Message
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.ports.clock import Clock
from bot.ports.sources import Lookup
from bot.ports.store import Store
from bot.search.plan import Hit, plan_search
from bot.services.broken_channels import is_broken, recover_channel
from bot.services.notices import works_again
from bot.services.search import Searcher
from bot.services.semantic import Meaning

SHARE = "share"
"""What only buttons say: the rest of their text is a command, to be answered for the whole channel."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a command, and the error where that is the reason for it."""

    message: Message
    error: PaperboyError | None = None


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """Answers commands, whatever goes wrong. What only reads, for a platform's own pages, may raise."""

    store: Store
    clock: Clock
    defaults: Defaults
    expected: Callable[[], Mapping[str, date]]
    searcher: Searcher
    lookup: Lookup | None = None
    meaning: Meaning | None = None

    async def answer(self, text: str, caller: Caller) -> Message:
        """The answer to what stands after `/papers`."""
        return _message_of(await self.try_answer(text, caller))

    async def try_answer(self, text: str, caller: Caller) -> Answer:
        """The answer to what stands after `/papers`, and the error behind it, for who has an exit code."""
        try:
            command = parse_command(text)
        except UsageError as error:
            return Answer(usage_error(error), error)
        return await _try_answer(self._run_command(command, caller))

    async def run(self, command: Command, caller: Caller) -> Message:
        """The answer to a command."""
        return _message_of(await _try_answer(self._run_command(command, caller)))

    async def edit(self, number: int, command: model.Subscribe, caller: Caller) -> Message:
        """Subscribe in the place of subscription `number`, in one transaction."""
        handle = partial(subscriptions.edit, number, command)
        return _message_of(
            await _try_answer(asyncio.to_thread(self._handle_command, command, handle, caller))
        )

    async def channel(self, address: Address) -> ChannelView:
        """A channel; as it would start where the database cannot be used."""
        try:
            return await self.stored_channel(address)
        except StorageError as error:
            log.warning("channel not read", problem=str(error))
            return ChannelView(self.defaults.channel(address, self.clock()))

    async def stored_channel(self, address: Address) -> ChannelView:
        """A channel. Raises StorageError."""
        return await asyncio.to_thread(self._view_channel, address)

    async def channels_of(
        self, address: Address, user: str, seen: AbstractSet[Address] | None = None
    ) -> Sequence[ChannelView]:
        """The channels of this place's workspace in which something is subscribed, as the user may see them.

        `seen` are those that the platform says the user is in; None where it does not say, for the user's
        own. Raises StorageError.
        """
        return await asyncio.to_thread(self._views_of, address, user, seen)

    async def saved_papers(self, address: Address, user: str, limit: int) -> tuple[Sequence[Paper], int]:
        """The papers that a user saved last, and how many there are. Raises StorageError."""
        return await asyncio.to_thread(self._saved_papers, Caller(address, user).reader, limit)

    async def find_paper(self, paper_id: PaperId) -> Paper | None:
        """A paper, stored or as its source tells it; None also where that does not answer.

        Raises StorageError.
        """
        hit = await asyncio.to_thread(self._stored_hit, paper_id)
        if hit:
            return hit.paper
        try:
            return await self._look_up(paper_id)
        except SourceError:
            return None

    async def suggest_values(self, name: str, arg: str, text: str, caller: Caller) -> Sequence[Suggestion]:
        """What an argument of a command can be, the best first, while the caller types it.

        Raises StorageError.
        """
        return await asyncio.to_thread(self._suggest_values, name, arg, text, caller)

    async def works_again(self, address: Address) -> str:
        """Let digests of a channel go on, and return what was wrong with it, or "". Raises StorageError."""
        return await asyncio.to_thread(self._works_again, address)

    async def _run_command(self, command: Command, caller: Caller) -> Message:
        row = row_of(command)
        wanted = row.paper_to_look_up(command)
        try:
            looked_up = await self._look_up(wanted) if wanted else None
        except SourceError as error:
            return not_looked_up(error)
        handle = partial(row.handler, command)
        return await asyncio.to_thread(self._handle_command, command, handle, caller, looked_up)

    def _handle_command(
        self,
        command: Command,
        handle: Callable[[CommandContext], Message],
        caller: Caller,
        looked_up: Paper | None = None,
    ) -> Message:
        self._prepare_search(command)
        reads = row_of(command).reads(command)
        with self.store.read() if reads else self.store.begin() as tx:
            context = CommandContext(
                tx,
                caller,
                self.clock(),
                self.defaults,
                self.expected(),
                self.searcher,
                looked_up,
                self.meaning,
            )
            answer = handle(context)
            # Who asks from a channel has mended it: its digests are tried again, and the answer says so.
            channel = tx.channels.get(caller.address)
            troubled = channel is not None and is_broken(tx, channel)
            reason = recover_channel(tx, channel, context.now) if channel and troubled and not reads else ""
        if reads and troubled:
            # A transaction that only reads cannot write this down, so it gets one of its own.
            reason = self._works_again(caller.address)
        if reason:
            answer = replace(answer, blocks=(*answer.blocks, works_again(reason)))
        return answer if self.meaning else drop_meaning_actions(answer)

    def _prepare_search(self, command: Command) -> None:
        """Do what takes time before the transaction: read the model, keep the index up."""
        if isinstance(command, model.Search):
            self.searcher.prepare_search(self.store, plan_search(command.query, command.sort))
        elif self.meaning and row_of(command).matches_topic:
            topic = getattr(command, "topic", None)
            if topic is not None:
                self.meaning.prepare_query(topic)

    async def _look_up(self, paper_id: PaperId) -> Paper | None:
        """The paper from outside, where it is not stored and can be asked for.

        Raises SourceError.
        """
        if self.lookup is None or await asyncio.to_thread(self._stored_hit, paper_id) is not None:
            return None
        return await self.lookup.paper(paper_id)

    def _suggest_values(self, name: str, arg: str, text: str, caller: Caller) -> Sequence[Suggestion]:
        with self.store.read() as tx:
            known = SuggestionScope(tx, caller, tx.channels.get(caller.address), self.clock().date())
            return suggest_values(arguments_of(COMMANDS[name])[arg], text, known)

    def _view_channel(self, address: Address) -> ChannelView:
        with self.store.read() as tx:
            channel = tx.channels.get(address) or self.defaults.channel(address, self.clock())
            return view_channel(tx, channel, self.clock())

    def _views_of(
        self, address: Address, user: str, seen: AbstractSet[Address] | None
    ) -> Sequence[ChannelView]:
        with self.store.read() as tx:
            return view_channels_of(tx, address, user, seen, self.clock())

    def _saved_papers(self, reader: Reader, limit: int) -> tuple[Sequence[Paper], int]:
        with self.store.read() as tx:
            return tx.reading_lists.page_of(reader, limit), tx.reading_lists.count(reader)

    def _works_again(self, address: Address) -> str:
        with self.store.begin() as tx:
            channel = tx.channels.get(address)
            return recover_channel(tx, channel, self.clock()) if channel else ""

    def _stored_hit(self, paper_id: PaperId) -> Hit | None:
        with self.store.read() as tx:
            return tx.papers.get(paper_id)


async def _try_answer(answer: Awaitable[Message]) -> Answer:
    try:
        return Answer(await answer)
    except UsageError as error:
        return Answer(usage_error(error), error)
    except StorageError as error:
        return Answer(database_unavailable(), error)


def _message_of(answer: Answer) -> Message:
    """What the caller reads, which keeps the reason of an outage from them and for the log."""
    return explain_outage(answer.error) if isinstance(answer.error, StorageError) else answer.message


def explain_outage(error: StorageError) -> Message:
    """What is said while the database cannot be used; the log gets the reason."""
    log.warning("the database cannot be used", problem=str(error))
    return database_unavailable()


def with_share_button(answer: Message, command: Command, text: str) -> Message:
    """`answer` to `command`, written as `text`, with a button to share it where it is of use to all."""
    if not row_of(command).shares(command):
        return answer
    share = Button("Share to channel", f"{SHARE} {text}")
    last = answer.blocks[-1] if answer.blocks else None
    if isinstance(last, Buttons):
        return replace(answer, blocks=(*answer.blocks[:-1], Buttons((*last.buttons, share))))
    return replace(answer, blocks=(*answer.blocks, Buttons((share,))))


def is_page_turn(text: str) -> bool:
    """Whether a button turns the page of a search or a list: its answer takes the place of that page."""
    try:
        command = parse_command(text)
    except UsageError:
        return False
    # The first page, too, is one that a button names.
    return row_of(command).turns_pages and text.endswith(f" page:{getattr(command, 'page', 0)}")
