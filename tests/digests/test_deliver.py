from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.digests.deliver import DEAD_AFTER, FIRST_RETRY, LONGEST_RETRY, after_failure
from bot.digests.digest import DeliveryState
from bot.errors import DeliveryError

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def error(
    *, permanent: bool = False, retry_after: float | None = None, unknown: bool = False
) -> DeliveryError:
    return DeliveryError("No answer.", permanent=permanent, retry_after=retry_after, unknown=unknown)


@pytest.mark.parametrize(
    ("attempts", "problem", "state", "wait"),
    [
        (1, error(), DeliveryState.PENDING, FIRST_RETRY),
        (3, error(), DeliveryState.PENDING, FIRST_RETRY * 4),
        (DEAD_AFTER - 1, error(), DeliveryState.PENDING, LONGEST_RETRY),
        (DEAD_AFTER, error(), DeliveryState.DEAD, None),
        (DEAD_AFTER, error(retry_after=1), DeliveryState.DEAD, None),
        (1, error(retry_after=65), DeliveryState.PENDING, timedelta(seconds=65)),
        (1, error(unknown=True), DeliveryState.UNKNOWN, None),
        (1, error(permanent=True), DeliveryState.FAILED, None),
        (1, error(permanent=True, retry_after=5), DeliveryState.FAILED, None),
    ],
)
def test_what_becomes_of_a_failed_attempt(
    attempts: int, problem: DeliveryError, state: DeliveryState, wait: timedelta | None
) -> None:
    verdict = after_failure(attempts, problem, NOW)

    assert verdict.state is state
    assert verdict.retry_at == (None if wait is None else NOW + wait)
    assert verdict.detail == "No answer."
