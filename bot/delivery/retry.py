"""What becomes of a delivery: pure deciders over how an attempt ended, and over what the operator says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.delivery.delivery import ENDED, DeliveryState
from bot.errors import DeliveryError, UsageError

# Doubling from half a minute makes about a dozen attempts in six hours: an outage of a morning is outlived,
# and no digest comes half a day late.
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
# Only longer, never shorter, so that a platform that is down gets no attempt sooner than its turn:
# https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
JITTER = 0.2
"""By what part of itself a wait is lengthened at the most, so that what failed together comes apart."""
DEAD_AFTER = timedelta(hours=6)
"""How long after its first attempt a delivery is still tried."""
LEASE = timedelta(minutes=2)
"""How long a claim holds. A post that is going on when it ends is broken off, and taken over."""


@dataclass(frozen=True, slots=True)
class RetryTiming:
    """How long a worker waits."""

    lease: timedelta = LEASE
    first_retry: timedelta = FIRST_RETRY


DEFAULT_TIMING = RetryTiming()


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """How an attempt ended, as `Outbox.finish` records it."""

    state: DeliveryState
    detail: str
    retry_at: datetime | None = None
    in_doubt: bool = False
    """Whether some of it may have been posted: who tries it again, however late, asks the platform first."""


def after_failure(
    attempts: int,
    tried: datetime,
    error: DeliveryError,
    now: datetime,
    jitter: float,
    first: timedelta = FIRST_RETRY,
) -> AttemptOutcome:
    """What becomes of a delivery whose attempt number `attempts` failed: tried again, or an end state.

    `tried` is when it was tried first. The wait doubles from `first` to `LONGEST_RETRY`, lengthened by
    `jitter` (0 to 1) of `JITTER`; a wish of the platform takes its place, of whatever size that is.
    """
    # The platform cannot say, and never will: only a person can look. A missing digest is told, a doubled one
    # cannot be taken back.
    if error.permanent and error.unknown:
        return AttemptOutcome(DeliveryState.UNKNOWN, str(error))
    if error.permanent:
        return AttemptOutcome(DeliveryState.FAILED, str(error), in_doubt=error.begun)
    wait = (
        _backoff_wait(attempts, first, jitter)
        if error.retry_after is None
        else _bounded_wish(error.retry_after)
    )
    # Judged before the wait, so that no delivery lies pending for an attempt that will not be made.
    if now + wait > tried + DEAD_AFTER:
        state = DeliveryState.UNKNOWN if error.unknown else DeliveryState.DEAD
        return AttemptOutcome(state, str(error), in_doubt=error.begun and not error.unknown)
    return AttemptOutcome(DeliveryState.PENDING, str(error), now + wait, error.unknown or error.begun)


def _backoff_wait(attempts: int, first: timedelta, jitter: float) -> timedelta:
    # The power is bounded, since a large one does not fit into a timedelta.
    doubled: timedelta = min(first * 2 ** min(attempts - 1, 20), LONGEST_RETRY)
    return doubled * (1 + JITTER * jitter)


def _bounded_wish(seconds: float) -> timedelta:
    # Beyond the time for which it is tried all wishes are alike, and a timedelta does not hold them all.
    return timedelta(seconds=max(0.0, min(seconds, 2 * DEAD_AFTER.total_seconds())))


class OperatorDecision(StrEnum):
    """What the operator says of a delivery that is not on its way any more."""

    SENT = "sent"
    """It stands in the channel."""
    LOST = "lost"
    """It does not: post it."""
    RETRY = "retry"
    """Try it again."""


def settle_state(state: DeliveryState, word: OperatorDecision) -> DeliveryState:
    """The state after the operator's word.

    Raises UsageError where it does not fit the state, with what does.
    """
    check_ended(state)
    if state is DeliveryState.UNKNOWN:
        # From `unknown` only a word on what stands in the channel leads on; "retry" says nothing of that.
        if word is OperatorDecision.RETRY:
            hint = "Check the channel, then run `paperboy deliveries settle ID sent` or `… lost`."
            raise UsageError("This delivery may have been posted; retrying could post it twice.", hint)
        return DeliveryState.SENT if word is OperatorDecision.SENT else DeliveryState.PENDING
    if word is not OperatorDecision.RETRY:
        hint = "`paperboy deliveries retry ID` tries it again, `… drop ID` forgets it."
        raise UsageError(f"This delivery is {state}: it was not posted.", hint)
    return DeliveryState.PENDING


def check_ended(state: DeliveryState) -> None:
    """Raise the UsageError that says why the operator cannot decide on a delivery in this state."""
    if state is DeliveryState.SENT:
        raise UsageError("This delivery was posted.", "There is nothing to settle.")
    if state not in ENDED:
        raise UsageError("This delivery is still in progress.", "Wait until it finishes.")
