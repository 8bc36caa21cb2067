"""What a process of Paperboy does, by its roles."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.errors import UsageError
from bot.services.deliver import DeliveryWorker
from bot.services.retention import Housekeeping
from bot.services.rounds import Rounds

CATCH_UP = timedelta(minutes=10)
"""How long after a start digests wait for sources that are due, at the most."""


class Work(StrEnum):
    """What a process does beside answering people. Any number may do each; none is the leader.

    The name of a platform is a role too, of the processes that answer people there.
    """

    INGEST = "ingest"
    DIGEST = "digest"
    DELIVER = "deliver"


WORK = tuple(Work)
ALL = "all"
_NEW_OBJECTS = 100_000
"""A digest makes thousands, hardly any in a cycle: to look for those more often is a tenth of planning."""


def collect_seldom() -> None:
    """Have Python's garbage collector leave alone what is there, and look at what comes in large parts."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


def parse_roles(texts: Iterable[str], known: Collection[str]) -> frozenset[str]:
    """Roles by name, each text one or several of `known` with commas between; no text is all.

    Raises UsageError.
    """
    names = [name.strip().lower() for text in texts for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in {*known, ALL}]
    if unknown:
        raise UsageError(f"“{unknown[0]}” is not a role.", f"There are: {', '.join([*known, ALL])}.")
    return frozenset(known) if ALL in names or not names else frozenset(names)


@dataclass(frozen=True, slots=True)
class Tick:
    """`work` runs every `seconds`, never twice at once; what it missed is run once."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[object]]


class Service:
    """The ticks of a process. What is due stands in the database, and any process with the role does it."""

    def __init__(self, rounds: Rounds, courier: DeliveryWorker, housekeeping: Housekeeping) -> None:
        self._rounds = rounds
        self._courier = courier
        self._housekeeping = housekeeping
        self._started = rounds.clock()
        self._caught_up = False
        self.draining = False
        """Whether it was asked to stop."""

    def ticks_of(self, roles: Collection[str]) -> list[Tick]:
        """The ticks of these roles: each costs a question to the database where nothing is due."""
        of_role = {
            Work.INGEST: [
                Tick("ingest", 60, self._rounds.poll_sources),
                Tick("embed", 15, self._embed_papers),
            ],
            Work.DIGEST: [Tick("plan", 5, self._plan_digests), Tick("tidy", 3600, self._remove_old)],
            Work.DELIVER: [Tick("deliver", 1, self._courier.deliver_round)],
        }
        if self._rounds.voters:
            of_role[Work.INGEST].append(Tick("votes", 60, self._refresh_votes))
        if self._rounds.summariser:
            of_role[Work.INGEST].append(Tick("summaries", 10, self._summarise_papers))
        return [tick for role, ticks in of_role.items() if role in roles for tick in ticks]

    def begin_drain(self) -> None:
        """Begin nothing more."""
        self.draining = True
        self._courier.stop_claiming()

    async def _embed_papers(self) -> None:
        if not self.draining:
            await self._rounds.embed_papers()

    async def _refresh_votes(self) -> None:
        if not self.draining:
            await self._rounds.refresh_votes()

    async def _summarise_papers(self) -> None:
        if not self.draining:
            await self._rounds.summarise_papers()

    async def _plan_digests(self) -> None:
        self._caught_up = (
            self._caught_up
            or self._rounds.clock() > self._started + CATCH_UP
            or await self._rounds.caught_up()
        )
        if self._caught_up and not self.draining:
            await self._rounds.plan_digests()

    async def _remove_old(self) -> None:
        await asyncio.to_thread(self._housekeeping.remove_old, self._rounds.clock(), lambda: self.draining)
