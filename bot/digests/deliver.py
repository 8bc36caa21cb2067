"""Post what the outbox holds: claim, post, finish."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.channels.channel import Address
from bot.channels.trouble import break_off, recover
from bot.commands import say
from bot.digests.digest import Delivery, DeliveryState
from bot.errors import DeliveryError
from bot.ports import Clock, Platform, Store

LEASE = timedelta(minutes=2)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
DEAD_AFTER = 12
"""Attempts: with the waits doubling from 30 s to an hour, about five hours."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt ended, as `Digests.finish` records it."""

    state: DeliveryState
    detail: str
    retry_at: datetime | None = None


def after_failure(attempts: int, error: DeliveryError, now: datetime) -> Verdict:
    """What becomes of a delivery that failed at attempt number `attempts`: tried again, or an end state."""
    if error.unknown:
        return Verdict(DeliveryState.UNKNOWN, str(error))
    if error.permanent:
        return Verdict(DeliveryState.FAILED, str(error))
    if attempts >= DEAD_AFTER:
        return Verdict(DeliveryState.DEAD, str(error))
    if error.retry_after is not None:
        return Verdict(DeliveryState.PENDING, str(error), now + timedelta(seconds=error.retry_after))
    wait = min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)
    return Verdict(DeliveryState.PENDING, str(error), now + wait)


async def deliver_due(store: Store, platforms: Mapping[str, Platform], clock: Clock) -> int:
    """Post every delivery that is due, and return how many were posted.

    One is claimed at a time, so that a worker that stops leaves one at the most of which nobody knows.
    """
    posted = 0
    while claimed := await asyncio.to_thread(_claim, store, clock()):
        delivery, address = claimed
        verdict = await _attempt(delivery, address, platforms, clock)
        owners = await asyncio.to_thread(_finish, store, delivery, verdict, clock())
        if owners and (platform := platforms.get(address.platform)):
            await _tell(platform, address, owners, verdict.detail)
        posted += verdict.state is DeliveryState.SENT
    return posted


async def _attempt(
    delivery: Delivery, address: Address, platforms: Mapping[str, Platform], clock: Clock
) -> Verdict:
    platform = platforms.get(address.platform)
    if platform is None:
        return Verdict(DeliveryState.FAILED, f"{address.platform} is not set up here.")
    try:
        posted = await _posted(delivery, address, platform)
    except DeliveryError as error:
        log.warning("delivery failed", channel=str(address), problem=str(error), permanent=error.permanent)
        return after_failure(delivery.attempts, error, clock())
    return Verdict(DeliveryState.SENT, posted)


async def _posted(delivery: Delivery, address: Address, platform: Platform) -> str:
    """Post, unless an earlier worker stopped after it had."""
    message, nonce = delivery.message, delivery.nonce
    found = await platform.posted(address, message, nonce) if delivery.taken_over else None
    return found if found is not None else await platform.post(address, message, nonce)


def _claim(store: Store, now: datetime) -> tuple[Delivery, Address] | None:
    with store.begin() as tx:
        for delivery in tx.digests.claim(now, now + LEASE, 1):
            if channel := tx.channels.by_id(delivery.channel_id):
                return delivery, channel.address
        return None


def _finish(store: Store, delivery: Delivery, verdict: Verdict, now: datetime) -> Sequence[str]:
    """Record the verdict, and what it says of the channel; returns who has to hear that it broke just now."""
    with store.begin() as tx:
        if not tx.digests.finish(delivery, verdict.state, verdict.detail, verdict.retry_at):
            log.warning("delivery was taken over meanwhile", delivery=delivery.id)
            return ()
        channel = tx.channels.by_id(delivery.channel_id)
        if verdict.state in {DeliveryState.UNKNOWN, DeliveryState.DEAD}:
            log.warning(
                "delivery given up", delivery=delivery.id, state=str(verdict.state), detail=verdict.detail
            )
        if channel and verdict.state is DeliveryState.FAILED:
            log.warning("channel broken", channel=str(channel.address), reason=verdict.detail)
            hit = break_off(tx, channel, verdict.detail, now)
            return list(dict.fromkeys(sub.owner for sub in hit if sub.owner))
        if channel and verdict.state is DeliveryState.SENT and recover(tx, channel, now):
            log.info("channel works again", channel=str(channel.address))
        return ()


async def _tell(platform: Platform, address: Address, owners: Iterable[str], reason: str) -> None:
    """Tell the owners that their channel broke; who cannot be told sees it in the list."""
    for owner in owners:
        try:
            await platform.tell(address, owner, say.broken(address, reason))
        except DeliveryError as error:
            log.warning("owner not told", channel=str(address), problem=str(error))
