from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.delivery import DeliveryState
from bot.delivery.retry import (
    DEAD_AFTER,
    FIRST_RETRY,
    JITTER,
    LONGEST_RETRY,
    OperatorDecision,
    after_failure,
    check_ended,
    settle_state,
)
from bot.errors import DeliveryError, UsageError

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LAST = DEAD_AFTER - LONGEST_RETRY


def error(
    *,
    permanent: bool = False,
    retry_after: float | None = None,
    unknown: bool = False,
    begun: bool = False,
) -> DeliveryError:
    return DeliveryError(
        "No answer.", permanent=permanent, retry_after=retry_after, unknown=unknown, begun=begun
    )


@pytest.mark.parametrize(
    ("attempts", "since", "problem", "state", "wait"),
    [
        (1, timedelta(0), error(), DeliveryState.PENDING, FIRST_RETRY),
        (3, timedelta(0), error(), DeliveryState.PENDING, FIRST_RETRY * 4),
        (99, timedelta(0), error(), DeliveryState.PENDING, LONGEST_RETRY),
        (9999, LAST, error(), DeliveryState.PENDING, LONGEST_RETRY),
        (9999, LAST + timedelta(seconds=1), error(), DeliveryState.DEAD, None),
        (1, timedelta(0), error(retry_after=65), DeliveryState.PENDING, timedelta(seconds=65)),
        (9, timedelta(0), error(retry_after=1), DeliveryState.PENDING, timedelta(seconds=1)),
        (2, DEAD_AFTER, error(retry_after=1), DeliveryState.DEAD, None),
        (1, timedelta(0), error(retry_after=0), DeliveryState.PENDING, timedelta(0)),
        (1, timedelta(0), error(retry_after=-5), DeliveryState.PENDING, timedelta(0)),
        (1, timedelta(0), error(retry_after=1e11), DeliveryState.DEAD, None),
        (1, timedelta(0), error(retry_after=1e300), DeliveryState.DEAD, None),
        (1, timedelta(0), error(retry_after=inf), DeliveryState.DEAD, None),
        (1, timedelta(0), error(retry_after=inf, unknown=True), DeliveryState.UNKNOWN, None),
        (1, timedelta(0), error(unknown=True), DeliveryState.PENDING, FIRST_RETRY),
        (9, DEAD_AFTER, error(unknown=True), DeliveryState.UNKNOWN, None),
        (1, timedelta(0), error(permanent=True, unknown=True), DeliveryState.UNKNOWN, None),
        (1, timedelta(0), error(permanent=True), DeliveryState.FAILED, None),
        (1, timedelta(0), error(permanent=True, retry_after=5), DeliveryState.FAILED, None),
        (1, timedelta(0), error(begun=True), DeliveryState.PENDING, FIRST_RETRY),
        (9, DEAD_AFTER, error(begun=True), DeliveryState.DEAD, None),
        (1, timedelta(0), error(permanent=True, begun=True), DeliveryState.FAILED, None),
        (1, timedelta(0), error(permanent=True, begun=True, unknown=True), DeliveryState.UNKNOWN, None),
    ],
)
def test_what_becomes_of_a_failed_attempt(
    attempts: int, since: timedelta, problem: DeliveryError, state: DeliveryState, wait: timedelta | None
) -> None:
    outcome = after_failure(attempts, NOW - since, problem, NOW, 0.0)

    assert outcome.state is state
    assert outcome.retry_at == (None if wait is None else NOW + wait)
    assert outcome.detail == "No answer."
    expected = problem.unknown or problem.begun
    assert outcome.in_doubt is (expected and state is not DeliveryState.UNKNOWN)


@given(attempts=st.integers(1, 500), jitter=st.floats(0, 1))
def test_jitter_lengthens_a_wait_a_little(attempts: int, jitter: float) -> None:
    plain = after_failure(attempts, NOW, error(), NOW, 0.0).retry_at
    spread = after_failure(attempts, NOW, error(), NOW, jitter).retry_at

    assert plain is not None
    assert spread is not None
    assert abs((spread - NOW) - (plain - NOW) * (1 + JITTER * jitter)) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("state", "word", "after"),
    [
        (DeliveryState.UNKNOWN, OperatorDecision.SENT, DeliveryState.SENT),
        (DeliveryState.UNKNOWN, OperatorDecision.LOST, DeliveryState.PENDING),
        (DeliveryState.UNKNOWN, OperatorDecision.RETRY, "settle ID sent"),
        (DeliveryState.DEAD, OperatorDecision.RETRY, DeliveryState.PENDING),
        (DeliveryState.FAILED, OperatorDecision.RETRY, DeliveryState.PENDING),
        (DeliveryState.FAILED, OperatorDecision.SENT, "retry ID"),
        (DeliveryState.DEAD, OperatorDecision.LOST, "retry ID"),
        (DeliveryState.SENT, OperatorDecision.LOST, "nothing to settle"),
        (DeliveryState.PENDING, OperatorDecision.SENT, "Wait"),
        (DeliveryState.SENDING, OperatorDecision.RETRY, "Wait"),
    ],
)
def test_the_operators_word(state: DeliveryState, word: OperatorDecision, after: DeliveryState | str) -> None:
    if isinstance(after, DeliveryState):
        assert settle_state(state, word) is after
        check_ended(state)
        return
    with pytest.raises(UsageError) as refused:
        settle_state(state, word)
    assert after in refused.value.hint
