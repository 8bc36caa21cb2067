from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.channel import Channel
from bot.digests.digest import DigestEntry, Match
from bot.messages.blocks import Message, Paragraph
from bot.papers.identity import PaperId
from bot.ports.store import Store
from tests.databases import contents
from tests.storage.making import (
    DAY,
    NOW,
    a_channel,
    a_digest,
    a_paper,
    ingest,
    matched,
    subscribed,
)

TOMORROW = DAY + timedelta(days=1)
ONE, TWO, THREE = "2502.00001", "2502.00002", "2502.00003"


def three_papers(store: Store) -> Channel:
    """A channel, with three papers stored."""
    ingest(store, a_paper(ONE, aliases=(PaperId.from_text("10.1101/x"),)), a_paper(TWO), a_paper(THREE))
    return a_channel(store)


def candidates(store: Store, channel: Channel, *subscriptions: int) -> dict[str, list[int]]:
    """The candidates' ids, and the subscriptions that each matched."""
    with store.begin() as tx:
        found = tx.digests.find_candidates(subscriptions).get(channel.id, [])
    return {c.paper.id.value: [match.subscription_id for match in c.matches] for c in found}


def test_a_match_counts_once(store: Store) -> None:
    channel = three_papers(store)
    owls, larks = subscribed(store, channel, "owls"), subscribed(store, channel, "larks")

    assert matched(store, owls, ONE, TWO) == 2
    assert matched(store, owls, "10.1101/x", TWO, THREE, day=TOMORROW) == 1
    assert matched(store, larks, TWO, TWO) == 1
    assert matched(store, larks) == 0
    assert candidates(store, channel, owls, larks) == {ONE: [owls], TWO: [owls, larks], THREE: [owls]}
    assert candidates(store, channel, larks) == {TWO: [larks]}
    assert candidates(store, channel) == {}


def test_a_candidate_carries_its_paper_and_reasons(store: Store) -> None:
    channel = three_papers(store)
    owls = subscribed(store, channel, "owls")
    match = Match(PaperId.from_text(ONE), owls, "arxiv", DAY, ("owls", "author:Lee"))
    with store.begin() as tx:
        tx.digests.add_matches([match])
        (candidate,) = tx.digests.find_candidates([owls])[channel.id]

    assert candidate.matches == (match,)
    assert candidate.paper == a_paper(ONE, aliases=(PaperId.from_text("10.1101/x"),))


def test_a_paper_comes_once_a_channel_ever(store: Store) -> None:
    here = three_papers(store)
    there = a_channel(store, "there")
    owls, larks = subscribed(store, here, "owls"), subscribed(store, here, "larks")
    other = subscribed(store, there, "owls")
    matched(store, owls, ONE)
    matched(store, larks, ONE, TWO)
    matched(store, other, ONE)
    with store.begin() as tx:
        tx.digests.plan_digest(
            a_digest(here, [DigestEntry(PaperId.from_text(ONE), owls, 1, shown=False)]), here
        )

    assert candidates(store, here, owls, larks) == {TWO: [larks]}
    assert candidates(store, there, other) == {ONE: [other]}


def test_the_papers_of_a_batch_that_match_are_told(store: Store) -> None:
    here = three_papers(store)
    there = a_channel(store, "there")
    ingest(store, a_paper(ONE), source="huggingface")
    owls, larks = subscribed(store, here, "owls"), subscribed(store, here, "larks")
    matched(store, owls, ONE, TWO)
    matched(store, larks, ONE, day=TOMORROW)
    matched(store, subscribed(store, there, "owls"), THREE)

    one, two, three = map(PaperId.from_text, (ONE, TWO, THREE))
    keys = [("arxiv", DAY), ("arxiv", TOMORROW), ("huggingface", DAY)]
    with store.begin() as tx:
        assert tx.digests.count_matched([here.id], keys)[here.id] == {
            ("arxiv", DAY): {one, two},
            ("huggingface", DAY): {one},
        }
        assert tx.digests.count_matched([here.id], keys[2:])[here.id] == {("huggingface", DAY): {one}}
        assert tx.digests.count_matched([there.id], keys)[there.id] == {("arxiv", DAY): {three}}
        assert tx.digests.count_matched([there.id], []) == {}


def test_a_slot_has_one_digest(store: Store, database_url: str) -> None:
    channel = three_papers(store)
    moved = replace(channel, next_due=NOW, covered_until=NOW)
    entry = DigestEntry(PaperId.from_text(ONE), 1, 1, shown=True)
    with store.begin() as tx:
        assert tx.digests.plan_digest(a_digest(channel, [entry]), moved)
        assert tx.channels.by_id(channel.id) == moved
    before = contents(database_url)

    later = replace(moved, next_due=NOW + timedelta(days=1))
    with store.begin() as tx:
        assert not tx.digests.plan_digest(
            a_digest(channel, [replace(entry, paper_id=PaperId.from_text(TWO))]), later
        )
        assert tx.channels.by_id(channel.id) == later
    after = contents(database_url)
    assert {name for name in after if after[name] != before[name]} == {"channels"}

    with store.begin() as tx:
        assert tx.digests.plan_digest(a_digest(channel, slot=TOMORROW), later)


@pytest.mark.parametrize(
    "text",
    ["tab\there", "line\nbreak\r\n", "back\\slash \\N \\.", "\\.", "quote ' \" ;", "🦉 ü \u2028 \x7f", ""],
)
def test_a_message_is_stored_as_it_is(store: Store, text: str) -> None:
    channel = a_channel(store)
    digest = replace(a_digest(channel), messages=(Message(text, (Paragraph(text),)),))
    with store.begin() as tx:
        assert tx.digests.plan_digest(digest, channel)
    with store.begin() as tx:
        [(delivery, _)] = tx.outbox.claim(NOW, NOW + timedelta(minutes=2), 1)
    assert delivery.message == digest.messages[0]


def test_what_the_latest_digest_listed_past_its_cap(store: Store) -> None:
    channel = three_papers(store)
    owls, larks = subscribed(store, channel, "owls"), subscribed(store, channel, "larks")
    matched(store, owls, ONE, TWO, THREE)
    matched(store, larks, THREE)
    first = [DigestEntry(PaperId.from_text(ONE), owls, 1, shown=False)]
    rest = [
        DigestEntry(PaperId.from_text(THREE), owls, 2, shown=False),
        DigestEntry(PaperId.from_text(TWO), owls, 1, shown=False),
    ]

    with store.begin() as tx:
        assert tx.digests.unlisted_rest(channel.id) == []
        tx.digests.plan_digest(a_digest(channel, first), channel)
        tx.digests.plan_digest(a_digest(channel, rest, slot=TOMORROW), channel)
        tx.digests.plan_digest(a_digest(channel, slot=TOMORROW + timedelta(days=1)), channel)
        found = tx.digests.unlisted_rest(channel.id)
        tx.channels.unsubscribe(owls)
        left = tx.digests.unlisted_rest(channel.id)

    assert [candidate.paper.id.value for candidate in found] == [TWO, THREE]
    assert [match.subscription_id for match in found[1].matches] == [owls, larks]
    assert [candidate.paper.id.value for candidate in left] == [THREE]


def test_shown_papers_are_no_overflow(store: Store) -> None:
    here = three_papers(store)
    there = a_channel(store, "there")
    owls, other = subscribed(store, here, "owls"), subscribed(store, there, "owls")
    matched(store, owls, ONE, TWO)
    matched(store, other, ONE, TWO)
    entries = [
        DigestEntry(PaperId.from_text(ONE), owls, 1, shown=True),
        DigestEntry(PaperId.from_text(TWO), owls, 2, shown=False),
    ]
    with store.begin() as tx:
        tx.digests.plan_digest(a_digest(here, entries), here)
        assert [c.paper.id.value for c in tx.digests.unlisted_rest(here.id)] == [TWO]
        assert [len(c.matches) for c in tx.digests.unlisted_rest(here.id)] == [1]
        assert tx.digests.unlisted_rest(there.id) == []


def test_what_a_channel_was_shown_last(store: Store) -> None:
    here = three_papers(store)
    there = a_channel(store, "there")
    one, two, three = map(PaperId.from_text, (ONE, TWO, THREE))
    first = [DigestEntry(one, 1, 2, shown=True), DigestEntry(three, 1, 1, shown=True)]
    with store.begin() as tx:
        tx.digests.plan_digest(a_digest(here, first), here)
        tx.digests.plan_digest(replace(a_digest(here, [DigestEntry(two, 1, 1, shown=True)]), number=1), here)
        tx.digests.plan_digest(a_digest(there, [DigestEntry(two, 2, 1, shown=False)]), there)
        shown = [paper.id for paper in tx.papers.shown_in(here.id, 9)]
        assert shown == [two, three, one]
        assert [paper.id for paper in tx.papers.shown_in(here.id, 1)] == [two]
        assert tx.papers.shown_in(there.id, 9) == []
