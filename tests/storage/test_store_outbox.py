from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels.channel import Channel
from bot.digests.digest import Delivery, DeliveryState
from bot.ports import Store
from tests.storage.making import DAY, NOW, a_channel, a_digest

LEASE = timedelta(minutes=2)


def planned(store: Store, channel: Channel, parts: int = 1) -> None:
    """A digest without papers in the outbox."""
    with store.begin() as tx:
        assert tx.digests.plan(a_digest(channel, parts=parts), channel)


def claim(store: Store, after: timedelta = timedelta(0), limit: int = 10) -> list[Delivery]:
    """Claim what is due so long after NOW."""
    with store.begin() as tx:
        return list(tx.digests.claim(NOW + after, NOW + after + LEASE, limit))


def finish(
    store: Store, delivery: Delivery, state: DeliveryState, retry_after: timedelta | None = None
) -> bool:
    """Finish a delivery."""
    with store.begin() as tx:
        retry_at = None if retry_after is None else NOW + retry_after
        return tx.digests.finish(delivery, state, "told", retry_at)


def test_a_delivery_is_claimed_by_one(store: Store) -> None:
    channel = a_channel(store)
    planned(store, channel)
    (mine,) = claim(store)

    (message,) = a_digest(channel).messages
    assert mine == Delivery(mine.id, channel.id, DAY, 1, message, 1, 1, NOW + LEASE)
    assert claim(store) == []
    assert claim(store, LEASE - timedelta(microseconds=1)) == []


@pytest.mark.parametrize(
    "state", [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.UNKNOWN]
)
def test_a_finished_delivery_is_never_claimed_again(store: Store, state: DeliveryState) -> None:
    planned(store, a_channel(store))
    (mine,) = claim(store)

    assert finish(store, mine, state)
    assert claim(store, timedelta(days=900)) == []
    assert not finish(store, mine, DeliveryState.PENDING, timedelta(0))


def test_a_failed_attempt_is_tried_again_when_it_is_time(store: Store) -> None:
    planned(store, a_channel(store))
    (first,) = claim(store)
    wait = timedelta(seconds=30)
    assert finish(store, first, DeliveryState.PENDING, wait)

    assert claim(store, wait - timedelta(microseconds=1)) == []
    (second,) = claim(store, wait)
    assert (second.id, second.attempts, second.fence) == (first.id, 2, 2)
    assert not second.taken_over
    assert second.nonce == first.nonce
    assert finish(store, second, DeliveryState.SENT)


def test_a_lease_that_ran_out_is_taken_over(store: Store) -> None:
    planned(store, a_channel(store))
    (slow,) = claim(store)
    (quick,) = claim(store, LEASE)

    assert quick.taken_over
    assert (quick.id, quick.attempts, quick.fence) == (slow.id, 2, 2)
    assert not finish(store, slow, DeliveryState.SENT)
    assert finish(store, quick, DeliveryState.UNKNOWN)


def test_the_parts_of_a_digest_come_in_order(store: Store) -> None:
    channel, other = a_channel(store), a_channel(store, "other")
    planned(store, channel, parts=3)
    planned(store, other)

    first, elsewhere = claim(store)
    assert [(d.channel_id, d.part) for d in (first, elsewhere)] == [(channel.id, 1), (other.id, 1)]
    assert finish(store, first, DeliveryState.PENDING, timedelta(hours=1))
    assert claim(store) == []
    (again,) = [d for d in claim(store, timedelta(hours=1)) if d.channel_id == channel.id]
    assert again.part == 1
    assert finish(store, again, DeliveryState.SENT)
    (second,) = [d for d in claim(store) if d.channel_id == channel.id]
    assert second.part == 2
    assert finish(store, second, DeliveryState.FAILED)
    assert [d.part for d in claim(store)] == [3]


def test_no_more_is_claimed_than_asked_for(store: Store) -> None:
    for number in range(5):
        planned(store, a_channel(store, str(number)))
    claimed = [claim(store, limit=2) for _ in range(4)]

    assert [len(some) for some in claimed] == [2, 2, 1, 0]
    ids = [delivery.id for some in claimed for delivery in some]
    assert ids == sorted(set(ids))
