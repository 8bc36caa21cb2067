from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.channel import Channel
from bot.delivery.delivery import Delivery, DeliveryState, OutboxStatus
from bot.delivery.rate_limits import CLAIM_AHEAD, ReservedTime
from bot.ports.store import Store
from tests.storage.making import DAY, NOW, a_channel, a_digest

LEASE = timedelta(minutes=2)


def planned(store: Store, channel: Channel, parts: int = 1) -> None:
    """A digest without papers in the outbox."""
    with store.begin() as tx:
        assert tx.digests.plan_digest(a_digest(channel, parts=parts), channel)


def claim(
    store: Store, after: timedelta = timedelta(0), limit: int = 10, platforms: Collection[str] | None = None
) -> list[Delivery]:
    """Claim what is due so long after NOW."""
    with store.begin() as tx:
        return [
            delivery for delivery, _ in tx.outbox.claim(NOW + after, NOW + after + LEASE, limit, platforms)
        ]


def finish(
    store: Store, delivery: Delivery, state: DeliveryState, retry_after: timedelta | None = None
) -> bool:
    """Finish a delivery."""
    with store.begin() as tx:
        retry_at = None if retry_after is None else NOW + retry_after
        return tx.outbox.finish(delivery, state, "told", retry_at)


def start(store: Store, delivery: Delivery, after: timedelta = timedelta(0)) -> bool:
    """Begin to post it."""
    with store.begin() as tx:
        return tx.outbox.start(delivery, NOW + after + LEASE)


def give_back(store: Store, delivery: Delivery, after: timedelta = timedelta(0), booked: int = 0) -> bool:
    """Give it back, to be claimed so long after NOW."""
    with store.begin() as tx:
        return tx.outbox.give_back(delivery, ReservedTime(NOW + after, booked))


def test_a_delivery_is_claimed_by_one(store: Store) -> None:
    channel = a_channel(store)
    planned(store, channel)
    (mine,) = claim(store)

    (message,) = a_digest(channel).messages
    assert mine == Delivery(mine.id, channel.id, DAY, 1, message, 1, 1, NOW + LEASE, NOW, NOW)
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
    assert start(store, slow)
    (quick,) = claim(store, LEASE)

    assert quick.taken_over
    assert (quick.id, quick.attempts, quick.fence) == (slow.id, 2, 2)
    assert not finish(store, slow, DeliveryState.SENT)
    assert not give_back(store, slow)
    assert not start(store, slow)
    assert finish(store, quick, DeliveryState.UNKNOWN)


def test_what_was_claimed_and_never_begun_was_not_posted(store: Store) -> None:
    planned(store, a_channel(store))
    claim(store)
    (second,) = claim(store, LEASE)

    assert not second.taken_over


def test_a_lease_is_lengthened_by_the_start(store: Store) -> None:
    planned(store, a_channel(store))
    (mine,) = claim(store)
    assert start(store, mine, LEASE / 2)

    assert claim(store, LEASE) == []
    assert [one.taken_over for one in claim(store, LEASE * 1.5)] == [True]


@pytest.mark.parametrize("was_begun", [False, True])
def test_what_is_given_back_is_as_it_was(store: Store, *, was_begun: bool) -> None:
    planned(store, a_channel(store))
    (first,) = claim(store)
    if was_begun:
        assert start(store, first)
        (first,) = claim(store, LEASE)
    assert give_back(store, first, LEASE * 2)

    assert claim(store, LEASE * 2 - timedelta(microseconds=1)) == []
    (again,) = claim(store, LEASE * 2)
    assert (again.taken_over, again.attempts) == (was_begun, first.attempts)


def test_an_earlier_one_that_is_tried_anew_does_not_block_one_whose_worker_died(store: Store) -> None:
    """Nor is it blocked for ever: the two would wait for each other."""
    channel = a_channel(store)
    planned(store, channel, parts=2)
    (first,) = claim(store)
    assert finish(store, first, DeliveryState.FAILED)
    (second,) = claim(store)
    with store.begin() as tx:
        assert tx.outbox.settle_entry(first.id, DeliveryState.FAILED, DeliveryState.PENDING)

    assert claim(store) == [], "one is on its way"
    (again,) = claim(store, LEASE)
    assert again.id == second.id
    assert finish(store, again, DeliveryState.SENT)
    assert [one.id for one in claim(store, LEASE)] == [first.id]


def test_turns_of_several_names_can_be_taken_in_any_order(store: Store) -> None:
    """As claims do that come to them by deliveries: on PostgreSQL each could wait for the other."""

    def work(names: Sequence[str]) -> None:
        for _ in range(40):
            with store.begin() as tx:
                for name in names:
                    tx.rate_limits.reserve_time(name, timedelta(seconds=1), NOW)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, ("ab", "ba")))
    with store.begin() as tx:
        assert tx.rate_limits.reserve_time("a", timedelta(0), NOW) == NOW + timedelta(seconds=80)


def test_what_has_a_turn_is_claimed_before_it(store: Store) -> None:
    planned(store, a_channel(store))
    (first,) = claim(store)
    assert give_back(store, first, timedelta(seconds=9), booked=2)

    assert claim(store, timedelta(seconds=9) - CLAIM_AHEAD - timedelta(microseconds=1)) == []
    (again,) = claim(store, timedelta(seconds=9) - CLAIM_AHEAD)
    assert again.turn == ReservedTime(NOW + timedelta(seconds=9), 2)
    assert finish(store, again, DeliveryState.PENDING, timedelta(seconds=20))
    (retried,) = claim(store, timedelta(seconds=20))
    assert retried.turn is None


def test_only_what_is_for_the_asked_platforms_is_claimed(store: Store) -> None:
    planned(store, a_channel(store))

    assert claim(store, platforms=["slack"]) == []
    assert len(claim(store, platforms=["slack", "terminal"])) == 1


def test_a_channel_has_one_on_its_way_also_of_several_days(store: Store) -> None:
    channel = a_channel(store)
    planned(store, channel)
    with store.begin() as tx:
        tx.digests.plan_digest(a_digest(channel, slot=DAY + timedelta(days=1)), channel)
    (first,) = claim(store)
    assert first.slot == DAY
    assert claim(store) == []
    assert finish(store, first, DeliveryState.PENDING, timedelta(hours=1))
    assert claim(store) == []
    (first,) = claim(store, timedelta(hours=1))
    assert finish(store, first, DeliveryState.SENT)
    assert [one.slot for one in claim(store)] == [DAY + timedelta(days=1)]


def test_the_operator_sees_and_settles(store: Store) -> None:
    channel = a_channel(store)
    planned(store, channel)
    (mine,) = claim(store)
    assert finish(store, mine, DeliveryState.UNKNOWN)
    with store.begin() as tx:
        (parcel,) = tx.outbox.entries([DeliveryState.UNKNOWN], 10)
        assert tx.outbox.entries([DeliveryState.DEAD], 10) == []
        assert tx.outbox.find_entry(mine.id) == parcel
        assert tx.outbox.find_entry(mine.id + 1) is None
        assert not tx.outbox.settle_entry(mine.id, DeliveryState.DEAD, DeliveryState.PENDING)
        assert tx.outbox.settle_entry(mine.id, DeliveryState.UNKNOWN, DeliveryState.PENDING)

    assert (parcel.address, parcel.slot, parcel.detail) == (channel.address, DAY, "told")
    (again,) = claim(store, timedelta(days=1))
    assert (again.attempts, again.tried, again.taken_over) == (1, NOW + timedelta(days=1), False)


def test_the_operator_drops_what_has_ended(store: Store) -> None:
    channel = a_channel(store)
    planned(store, channel)
    (mine,) = claim(store)
    assert finish(store, mine, DeliveryState.DEAD)
    with store.begin() as tx:
        assert not tx.outbox.drop_entry(mine.id, DeliveryState.FAILED)
        assert tx.outbox.drop_entry(mine.id, DeliveryState.DEAD)
        assert not tx.outbox.drop_entry(mine.id, DeliveryState.DEAD)
        assert tx.outbox.find_entry(mine.id) is None
        assert tx.digests.last_slot(channel.id) == DAY, "a day has one digest all the same"


def test_the_queue_is_measured(store: Store) -> None:
    with store.begin() as tx:
        assert tx.outbox.current_status(NOW) == OutboxStatus({}, None, 0, None)
    here, there = a_channel(store), a_channel(store, "there")
    with store.begin() as tx:
        tx.digests.plan_digest(replace(a_digest(here), planned=NOW), replace(here, next_due=NOW))
        tx.digests.plan_digest(replace(a_digest(there), planned=NOW + LEASE), there)
        queue = tx.outbox.current_status(NOW + LEASE)

    assert queue == OutboxStatus({DeliveryState.PENDING: 2}, NOW, 1, NOW)


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


def test_turns_that_a_wrong_clock_gave_keep_nobody_waiting(store: Store) -> None:
    length = timedelta(seconds=1)
    with store.begin() as tx:
        assert tx.rate_limits.reserve_time("a", length, NOW + timedelta(days=2000)) > NOW
        assert tx.rate_limits.reserve_time("a", length, NOW) == NOW
        assert tx.rate_limits.reserve_time("a", length, NOW) == NOW + length
