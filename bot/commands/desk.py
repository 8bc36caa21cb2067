"""What a handler has before it: the open transaction, who asks, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from bot.channels.channel import Address, Channel
from bot.channels.permissions import Policy
from bot.channels.reader import Reader
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.ports import Transaction


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
class Desk:
    """One command's view of the world. `expected` is the latest batch day of each source with a calendar."""

    tx: Transaction
    caller: Caller
    now: datetime
    defaults: Defaults
    expected: Mapping[str, date]
    looked_up: Paper | None = None
    """A paper that is asked for and not stored, as its source tells it."""

    def channel(self) -> Channel:
        """The caller's channel, as stored or as it would start."""
        address = self.caller.address
        return self.tx.channels.get(address) or self.defaults.channel(address, self.now)

    def paper(self, paper_id: PaperId) -> Paper | None:
        """A paper, stored or as it was looked up."""
        hit = self.tx.papers.get(paper_id)
        return hit.paper if hit else self.looked_up

    def policy(self) -> Policy:
        """Who may change what in the caller's workspace."""
        return self.tx.channels.policy(self.caller.address)

    def stored_channel(self) -> Channel:
        """The caller's channel, stored from now on."""
        address = self.caller.address
        return self.tx.channels.ensure(address, self.defaults.channel(address, self.now))
