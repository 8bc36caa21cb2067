from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.channels.channel import Address, Channel, Subscription
from bot.channels.schedule import DAILY, Days, parse_days
from bot.digests.digest import DigestEntry
from bot.papers.identity import PaperId
from bot.ports.store import Store
from bot.topics.parser import parse_query
from tests.storage.making import NOW, a_channel, a_digest, a_paper, ingest, matched, subscribed

ADDRESS = Address("slack", "C0FFEE")
DEFAULTS = Channel(7, ADDRESS, time(9, 30), "America/New_York", 15, NOW)


def test_a_channel_is_made_once(store: Store) -> None:
    with store.begin() as tx:
        assert tx.channels.get(ADDRESS) is None
        made = tx.channels.ensure(ADDRESS, DEFAULTS)
        assert tx.channels.ensure(ADDRESS, replace(DEFAULTS, limit=1)) == made
        assert tx.channels.get(Address("discord", "C0FFEE")) is None

    assert made == replace(DEFAULTS, id=made.id)
    with store.begin() as tx:
        assert tx.channels.get(ADDRESS) == tx.channels.by_id(made.id) == made
        assert tx.channels.by_id(made.id + 1) is None


def test_every_field_of_a_channel_is_saved(store: Store) -> None:
    channel = a_channel(store)
    changed = Channel(
        channel.id,
        Address("slack", "moved"),
        time(18, 5),
        "Asia/Kolkata",
        3,
        NOW,
        paused=True,
        next_due=NOW + timedelta(microseconds=1),
    )
    with store.begin() as tx:
        tx.channels.save(changed)
        assert tx.channels.by_id(channel.id) == changed
        tx.channels.save(replace(changed, next_due=None))
        assert tx.channels.by_id(channel.id) == replace(changed, next_due=None)


def test_due_channels_come_longest_waiting_first(store: Store) -> None:
    waits = {"a": timedelta(hours=1), "b": timedelta(hours=3), "c": timedelta(0), "d": timedelta(hours=-1)}
    for place, wait in waits.items():
        channel = a_channel(store, place)
        with store.begin() as tx:
            tx.channels.save(replace(channel, next_due=NOW - wait))
    a_channel(store, "never")

    with store.begin() as tx:
        assert [channel.address.place for channel in tx.channels.due_channels(NOW, 10)] == ["b", "a", "c"]
        assert [channel.address.place for channel in tx.channels.due_channels(NOW, 1)] == ["b"]


@pytest.mark.parametrize("days", [DAILY, parse_days("weekdays"), parse_days("weekly"), parse_days("tue,sun")])
@pytest.mark.parametrize("topic", ["emergent misalignment", '(title:"in context" OR icl) -survey cat:cs.*'])
def test_a_subscription_comes_back_as_it_was_made(store: Store, topic: str, days: Days) -> None:
    channel = a_channel(store)
    with store.begin() as tx:
        made = tx.channels.subscribe(channel.id, parse_query(topic), days, "ada", NOW)

    assert made == Subscription(made.id, channel.id, parse_query(topic), days, "ada")
    with store.begin() as tx:
        assert tx.channels.subscriptions(channel.id) == tx.channels.active_subscriptions() == [made]


def test_an_equal_topic_is_resumed(store: Store) -> None:
    channel, other = a_channel(store), a_channel(store, "other")
    with store.begin() as tx:
        made = tx.channels.subscribe(channel.id, parse_query("owls  larks"), DAILY, "ada", NOW)
        tx.channels.save_subscription(replace(made, paused=True, broken="gone"))
        weekly = parse_days("weekly")
        again = tx.channels.subscribe(channel.id, parse_query("owls AND larks"), weekly, "bob", NOW)
        elsewhere = tx.channels.subscribe(other.id, parse_query("owls larks"), DAILY, "bob", NOW)

        assert again == replace(made, days=weekly)
        assert elsewhere.id != made.id
        assert tx.channels.subscriptions(channel.id) == [again]
        assert tx.channels.active_subscriptions() == [again, elsewhere]


def test_every_field_of_a_subscription_is_saved(store: Store) -> None:
    channel = a_channel(store)
    with store.begin() as tx:
        made = tx.channels.subscribe(channel.id, parse_query("owls"), DAILY, "ada", NOW)
        changed = Subscription(
            made.id, channel.id, parse_query("larks"), parse_days("mon"), "bob", paused=True, broken="gone"
        )
        tx.channels.save_subscription(changed)
        assert tx.channels.subscriptions(channel.id) == [changed]
        assert tx.channels.active_subscriptions() == [changed]


def test_unsubscribing_keeps_what_was_had(store: Store) -> None:
    ingest(store, a_paper("2502.00001"), a_paper("2502.00002"))
    channel = a_channel(store)
    gone = subscribed(store, channel, "owls")
    matched(store, gone, "2502.00001", "2502.00002")
    with store.begin() as tx:
        entry = DigestEntry(PaperId.from_text("2502.00001"), gone, 1, shown=True)
        tx.digests.plan_digest(a_digest(channel, [entry]), channel)
        tx.channels.unsubscribe(gone)
        assert tx.channels.subscriptions(channel.id) == []
        assert tx.digests.find_candidates([gone]) == {}

    again = subscribed(store, channel, "owls")
    assert again != gone
    matched(store, again, "2502.00001", "2502.00002")
    with store.begin() as tx:
        assert [c.paper.id.value for c in tx.digests.find_candidates([again])[channel.id]] == ["2502.00002"]
