"""Post what the outbox holds: claim, wait for the turn, post, finish. Several at once, one a channel."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from bot.channels.channel import Address, Channel, Subscription
from bot.delivery.delivery import Delivery, DeliveryState
from bot.delivery.rate_limits import CLAIM_AHEAD, LATEST_START, ReservedTime, limits_for, reserve_next
from bot.delivery.retry import DEAD_AFTER, DEFAULT_TIMING, AttemptOutcome, RetryTiming, after_failure
from bot.errors import DeliveryError, PaperboyError, StorageError
from bot.messages.blocks import Message
from bot.ports.clock import Clock
from bot.ports.platform import Platform
from bot.ports.store import Store, Transaction
from bot.services.broken_channels import break_off, recover_channel
from bot.services.notices import channel_broken, given_up
from bot.services.post_message import post_message

# Less than `rate_limits.CLAIM_AHEAD`, so that each delivery is seen before its turn comes.
LOOK_SECONDS = 1.0
"""How long those that are being posted are waited for before more is looked for."""

log = structlog.get_logger()

Claimed = tuple[Delivery, Address]
T = TypeVar("T")


async def deliver_due(store: Store, platforms: Mapping[str, Platform], clock: Clock) -> int:
    """Post every delivery that is due, and return how many were posted."""
    return await DeliveryWorker(store, platforms, clock).deliver_round()


class DeliveryWorker:
    """Posts to its platforms; what waits for another platform is left to a process that has it.

    What is claimed stands in the database; in here are only the posts that are going on.
    """

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        clock: Clock,
        jitter: Callable[[], float] = random.random,
        ended: Callable[[str, DeliveryState], None] = lambda _platform, _state: None,
        patience: RetryTiming = DEFAULT_TIMING,
    ) -> None:
        """`jitter` gives numbers from 0 to 1; `ended` hears of every attempt's platform and outcome."""
        self._store = store
        self._platforms = platforms
        self._clock = clock
        # A parameter, so that a test can say what chance does.
        self._jitter = jitter
        self._ended = ended
        self._patience = patience
        self._going: dict[asyncio.Task[bool], str] = {}
        self._stop = asyncio.Event()

    def stop_claiming(self) -> None:
        """Claim nothing more, and give back what waits for its turn."""
        self._stop.set()

    async def deliver_round(self) -> int:
        """Post what is due until nothing is, and return how many were posted.

        Raises StorageError once all that was begun has ended.
        """
        # Collected, not raised: a failure that ends the round at once would cancel posts that are half-way
        # out, each of which then is a delivery in doubt.
        posted, failures = 0, list[BaseException]()
        try:
            while await self._begin_more(failures):
                done, _ = await asyncio.wait(
                    self._going, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    del self._going[task]
                    # `Task.exception` raises on a cancelled task, where the others would be left behind.
                    failure = asyncio.CancelledError() if task.cancelled() else task.exception()
                    failures += [failure] if failure else []
                    posted += failure is None and task.result()
        finally:
            # Only reached with posts going on where the round itself is cancelled. Their leases take care of
            # the rest.
            for task in self._going:
                task.cancel()
            self._going.clear()
        if failures:
            raise failures[0]
        return posted

    async def _begin_more(self, failures: list[BaseException]) -> bool:
        """Begin more, unless a stop was asked for; whether something is going on.

        Also after one of the database: what is going on may take long, and the others need not wait for it.
        """
        if not self._stop.is_set() and all(isinstance(one, StorageError) for one in failures):
            try:
                await self._claim_free_places()
            except StorageError as error:
                log.warning("nothing could be claimed", problem=str(error))
                failures.append(error)
        return bool(self._going)

    async def _claim_free_places(self) -> None:
        """Claim and begin as much as may be in hand."""
        seen = 1
        while seen and (free := self._free_places()):
            # So few that no platform is given more than it has places for.
            seen, claimed = await asyncio.to_thread(self._claim_deliveries, tuple(free), min(free.values()))
            for delivery, address in claimed:
                task = asyncio.create_task(self._deliver(delivery, address))
                self._going[task] = address.platform

    def _free_places(self) -> Mapping[str, int]:
        """How many more of each platform may be in hand, of those that have a place."""
        in_hand = Counter(self._going.values())
        free = {
            name: platform.pace.most_in_flight - in_hand[name] for name, platform in self._platforms.items()
        }
        return {name: places for name, places in free.items() if places > 0}

    def _claim_deliveries(self, platforms: Sequence[str], limit: int) -> tuple[int, Sequence[Claimed]]:
        """How many could be claimed, and those whose turn is near; the others are booked for theirs."""
        now = self._clock()
        with self._store.begin() as tx:
            # One transaction for claims and turns: a crash between two would leave the one without the other.
            found = tx.outbox.claim(now, now + self._patience.lease, limit, platforms)
            given = [(self._with_turn(tx, delivery, address), address) for delivery, address in found]
            near = []
            for delivery, address in given:
                # Given back with its turn rather than waited for here: a thousand channels of one slow
                # workspace would take every place of this process for minutes.
                if delivery.turn and delivery.turn.at > now + CLAIM_AHEAD:
                    tx.outbox.give_back(delivery, delivery.turn)
                else:
                    near.append((delivery, address))
            return len(found), near

    def _with_turn(self, tx: Transaction, delivery: Delivery, address: Address) -> Delivery:
        wanted = limits_for(self._platforms[address.platform].pace, address, delivery.message)
        turn = reserve_next(wanted, delivery.turn, self._clock(), tx.rate_limits.reserve_time)
        return replace(delivery, turn=turn)

    async def _deliver(self, delivery: Delivery, address: Address) -> bool:
        """One attempt; whether it posted."""
        platform = self._platforms[address.platform]
        begun = await self._begin_at_turn(delivery)
        if begun is None:
            return False
        outcome = await self._attempt_post(begun, address, platform)
        owners = await asyncio.to_thread(self._record_verdict, delivery, outcome)
        # After the record: a metric that fails, or a kill here, must not cost it.
        self._ended(address.platform, outcome.state)
        if owners:
            await _tell_owners(platform, address, owners, _owner_notice(delivery, address, outcome))
        return outcome.state is DeliveryState.SENT

    async def _begin_at_turn(self, delivery: Delivery) -> Delivery | None:
        """The delivery at its turn, noted as begun; None where it was given back, or is another's by now."""
        turn = delivery.turn or ReservedTime(self._clock())
        # It is noted a little before, so that the post itself is punctual.
        if await self._stopped_before(turn, LATEST_START):
            await asyncio.to_thread(self._give_back, delivery, turn)
            return None
        # Its own transaction, just before the post. What was claimed and not started can be claimed again
        # without asking the platform; only what was started is in doubt after a kill
        # (docs/decisions/delivery.md).
        begun = await asyncio.to_thread(self._note_start, delivery)
        if begun is None:
            log.warning("delivery was taken over meanwhile", delivery=delivery.id)
            return None
        stopped = await self._stopped_before(turn, timedelta(0))
        if (
            stopped
            or turn.is_past(self._clock())
            # A machine that was suspended in between comes back with a lease that looks held. A request takes
            # less than half of one, so that what begins in the first half ends before anybody else may begin.
            or self._clock() > begun.lease_until - self._patience.lease / 2
        ):
            await asyncio.to_thread(self._give_back, begun, turn)
            return None
        return begun

    async def _stopped_before(self, turn: ReservedTime, early: timedelta) -> bool:
        """Wait until `early` before the turn; whether a stop was asked for."""
        wait = (turn.at - early - self._clock()).total_seconds()
        if wait > 0:
            # The time-out is the normal end: the turn has come, and nobody asked for a stop.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), wait)
        return self._stop.is_set()

    def _note_start(self, delivery: Delivery) -> Delivery | None:
        # A lease anew: the wait for the turn may have used up most of the one that came with the claim.
        begun = replace(delivery, lease_until=self._clock() + self._patience.lease)
        with self._store.begin() as tx:
            return begun if tx.outbox.start(delivery, begun.lease_until) else None

    def _give_back(self, delivery: Delivery, turn: ReservedTime) -> None:
        now = self._clock()
        with self._store.begin() as tx:
            # A turn that has passed is of no use to who claims it next.
            tx.outbox.give_back(delivery, turn if turn.at > now else ReservedTime(now))

    async def _attempt_post(self, delivery: Delivery, address: Address, platform: Platform) -> AttemptOutcome:
        """How the post ended."""
        try:
            posted = await self._within_lease(delivery, address, platform)
        except DeliveryError as error:
            log.warning(
                "delivery failed", channel=str(address), problem=str(error), permanent=error.permanent
            )
            # `attempts` is counted by the claim, so that a worker that dies while posting has used one up as
            # well.
            first = self._patience.first_retry
            return after_failure(
                delivery.attempts, delivery.tried, error, self._clock(), self._jitter(), first
            )
        return AttemptOutcome(DeliveryState.SENT, posted)

    async def _within_lease(self, delivery: Delivery, address: Address, platform: Platform) -> str:
        """Post; who does not get it done within the lease may have posted."""
        seconds = (delivery.lease_until - self._clock()).total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return await _as_delivery_error(_post_delivery(delivery, address, platform), address)
        except TimeoutError:
            slow = (
                f"{address.platform} did not answer within {self._patience.lease.total_seconds():g} seconds."
            )
            # The request may have arrived: the platform is asked before anybody tries again.
            raise DeliveryError(slow, permanent=False, unknown=True) from None

    def _record_verdict(self, delivery: Delivery, outcome: AttemptOutcome) -> Sequence[str]:
        """Record the verdict, and what it says of the channel; returns who has to hear of it."""
        with self._store.begin() as tx:
            # Refused where the fence has moved on: the one that took over says how it ended, and a late
            # answer must not overwrite it
            # (https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html).
            if not tx.outbox.finish(
                delivery, outcome.state, outcome.detail, outcome.retry_at, in_doubt=outcome.in_doubt
            ):
                log.warning("delivery was taken over meanwhile", delivery=delivery.id)
                return ()
            # In the same transaction as the verdict: a channel that is broken and not marked would be posted
            # to again.
            channel = tx.channels.by_id(delivery.channel_id)
            hit = _apply_verdict(tx, channel, delivery, outcome, self._clock()) if channel else ()
            # Told after the commit, since telling is a request; who dies in between tells nobody, and the
            # list shows it.
            return list(dict.fromkeys(sub.owner for sub in hit if sub.owner))


def _apply_verdict(
    tx: Transaction, channel: Channel, delivery: Delivery, outcome: AttemptOutcome, now: datetime
) -> Sequence[Subscription]:
    """What an attempt's end means for its channel; the subscriptions whose owners have to hear of it."""
    match outcome.state:
        case DeliveryState.FAILED:
            log.warning("channel broken", channel=str(channel.address), reason=outcome.detail)
            return break_off(tx, channel, outcome.detail, now)
        case DeliveryState.DEAD | DeliveryState.UNKNOWN:
            state = str(outcome.state)
            log.warning("delivery given up", delivery=delivery.id, state=state, detail=outcome.detail)
            return tx.channels.subscriptions(channel.id)
        case DeliveryState.SENT if recover_channel(tx, channel, now):
            log.info("channel works again", channel=str(channel.address))
    return ()


async def _as_delivery_error(doing: Awaitable[T], address: Address) -> T:
    """`doing`, a bug of which is a failure as any other: tried again for a while, and in nobody's way."""
    try:
        return await doing
    except PaperboyError:
        raise
    except Exception as error:  # a bug of one platform must not stop the deliveries of the others
        log.exception("a platform failed in a way that nobody foresaw", channel=str(address))
        problem = f"Paperboy failed ({type(error).__name__})."
        hint = "Please report it; the log has the details."
        raise DeliveryError(problem, hint, permanent=False, begun=True) from error


async def _post_delivery(delivery: Delivery, address: Address, platform: Platform) -> str:
    # Asked only then: the question costs requests, and an ordinary first attempt has nothing to look for.
    since = delivery.since if delivery.taken_over else None
    return await post_message(platform, address, delivery.message, delivery.nonce, since)


def _owner_notice(delivery: Delivery, address: Address, outcome: AttemptOutcome) -> Message:
    """What the owners of a channel hear of a digest that did not come."""
    if outcome.state is DeliveryState.FAILED:
        return channel_broken(address, outcome.detail)
    hours = DEAD_AFTER // timedelta(hours=1) if outcome.state is DeliveryState.DEAD else None
    return given_up(address, delivery.slot, outcome.detail, delivery.id, hours)


async def _tell_owners(platform: Platform, address: Address, owners: Iterable[str], news: Message) -> None:
    """Tell the owners; who cannot be told sees it in the list, as the operator does."""
    for owner in owners:
        try:
            await _as_delivery_error(platform.tell(address, owner, news), address)
        except DeliveryError as error:
            log.warning("owner not told", channel=str(address), problem=str(error))
