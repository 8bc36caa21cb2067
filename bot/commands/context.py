"""What a handler has before it: the open transaction, who asks, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from bot.channels.channel import Address, Channel, Subscription
from bot.channels.permissions import Policy, check_channel
from bot.channels.reader import Reader
from bot.channels.upcoming import clear_past_pause, local_day
from bot.errors import UsageError
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.ports.store import Transaction
from bot.services.backtest import BackTest, back_test, back_test_by_meaning, back_test_of_trends
from bot.services.search import Searcher
from bot.services.semantic import Meaning, available_meaning
from bot.topics.query import Query, needs_meaning, split_trending
from bot.topics.strictness import Strictness


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and from where. `user` is as the platform names them; `is_admin` is of the workspace."""

    address: Address
    user: str
    is_admin: bool = False
    is_one_everywhere: bool = False
    """Whether the platform calls the same person so in all workspaces: their reading list is one."""

    @property
    def reader(self) -> Reader:
        """Whose reading list is meant."""
        workspace = "" if self.is_one_everywhere else self.address.workspace
        return Reader(self.address.platform, workspace, self.user)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a channel starts with."""

    at: time
    zone: str
    limit: int

    def channel(self, address: Address, now: datetime) -> Channel:
        """A channel that is not stored yet, its receipts reaching up to `now`; its id means nothing."""
        return Channel(0, address, self.at, self.zone, self.limit, covered_until=now)


@dataclass(frozen=True, slots=True)
class CommandContext:
    """One command's view of the world. `expected` is the latest batch day of each source with a calendar."""

    tx: Transaction
    caller: Caller
    now: datetime
    defaults: Defaults
    expected: Mapping[str, date]
    searcher: Searcher
    looked_up: Paper | None = None
    """A paper that is asked for and not stored, as its source tells it."""
    meaning: Meaning | None = None
    """None where nothing can be answered by meaning."""

    def channel(self) -> Channel:
        """The caller's channel, as stored or as it would start."""
        address = self.caller.address
        found = self.tx.channels.get(address) or self.defaults.channel(address, self.now)
        return clear_past_pause(found, local_day(found, self.now))

    def subscriptions(self, channel: Channel) -> list[Subscription]:
        """Those of a channel, by id."""
        today = local_day(channel, self.now)
        return [clear_past_pause(sub, today) for sub in self.tx.channels.subscriptions(channel.id)]

    def paper(self, paper_id: PaperId) -> Paper | None:
        """A paper, stored or as it was looked up."""
        hit = self.tx.papers.get(paper_id)
        return hit.paper if hit else self.looked_up

    def policy(self) -> Policy:
        """Who may change what in the caller's workspace."""
        return self.tx.channels.policy(self.caller.address)

    def check_channel(self, act: str) -> None:
        """Raise the UsageError that says who may, where the caller may not do `act` to all of the channel."""
        every = self.subscriptions(self.channel())
        check_channel(self.policy(), every, self.caller.user, act, is_admin=self.caller.is_admin)

    def back_test_topic(self, topic: Query, strictness: Strictness | None) -> BackTest:
        """What a topic would have given; None is the usual strictness.

        Raises UsageError for a strictness without a use, and where a topic by meaning cannot be answered.
        """
        today, chosen = self.now.date(), strictness or Strictness.NORMAL
        if strictness is not None and not needs_meaning(topic):
            raise UsageError(
                "`strictness:` is for topics by meaning, and this one has none.",
                'Leave it out, or write about:"…" or like:….',
            )
        meaning = available_meaning(self.meaning, topic) if needs_meaning(topic) else None
        if split_trending(topic):
            return back_test_of_trends(self.tx, meaning, topic, chosen, today)
        if meaning:
            return back_test_by_meaning(self.tx, meaning, topic, chosen, today)
        return back_test(self.tx.papers, topic, today)

    def stored_channel(self) -> Channel:
        """The caller's channel, stored from now on."""
        address = self.caller.address
        stored = self.tx.channels.ensure(address, self.defaults.channel(address, self.now))
        return clear_past_pause(stored, local_day(stored, self.now))
