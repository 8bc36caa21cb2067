"""What becomes of a delivery: pure deciders over how an attempt ended, and over what the operator says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.digests.digest import DeliveryState
from bot.errors import DeliveryError, UsageError

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
JITTER = 0.2
"""By what part of itself a wait is lengthened at the most, so that what failed together comes apart."""
DEAD_AFTER = timedelta(hours=6)
"""How long after its first attempt a delivery is still tried."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt ended, as `Outbox.finish` records it."""

    state: DeliveryState
    detail: str
    retry_at: datetime | None = None


def after_failure(
    attempts: int, tried: datetime, error: DeliveryError, now: datetime, jitter: float
) -> Verdict:
    """What becomes of a delivery whose attempt number `attempts` failed: tried again, or an end state.

    `tried` is when it was tried first. The wait doubles from `FIRST_RETRY` to `LONGEST_RETRY`, lengthened by
    `jitter` (0 to 1) of `JITTER`; a wish of the platform takes its place.
    """
    if error.unknown:
        return Verdict(DeliveryState.UNKNOWN, str(error))
    if error.permanent:
        return Verdict(DeliveryState.FAILED, str(error))
    wait = _wait(attempts, jitter) if error.retry_after is None else timedelta(seconds=error.retry_after)
    if now + wait > tried + DEAD_AFTER:
        return Verdict(DeliveryState.DEAD, str(error))
    return Verdict(DeliveryState.PENDING, str(error), now + wait)


def _wait(attempts: int, jitter: float) -> timedelta:
    # The power is bounded, since a large one does not fit into a timedelta.
    doubled: timedelta = min(FIRST_RETRY * 2 ** min(attempts - 1, 20), LONGEST_RETRY)
    return doubled * (1 + JITTER * jitter)


class Word(StrEnum):
    """What the operator says of a delivery that is not on its way any more."""

    SENT = "sent"
    """It stands in the channel."""
    LOST = "lost"
    """It does not: post it."""
    RETRY = "retry"
    """Try it again."""


def settled(state: DeliveryState, word: Word) -> DeliveryState:
    """The state after the operator's word.

    Raises UsageError where it does not fit the state, with what does.
    """
    if state is DeliveryState.UNKNOWN:
        if word is Word.RETRY:
            mend = "Look in the channel, then say `paperboy deliveries settle ID sent` or `… lost`."
            raise UsageError("This delivery may have been posted: another try could post it twice.", mend)
        return DeliveryState.SENT if word is Word.SENT else DeliveryState.PENDING
    if state in {DeliveryState.FAILED, DeliveryState.DEAD}:
        if word is not Word.RETRY:
            mend = "`paperboy deliveries retry ID` tries it again."
            raise UsageError(f"This delivery is {state}: it was not posted.", mend)
        return DeliveryState.PENDING
    if state is DeliveryState.SENT:
        raise UsageError("This delivery is posted.", "There is nothing to settle.")
    raise UsageError("This delivery is still on its way.", "Wait for how it ends.")
