from __future__ import annotations

from datetime import timedelta

from bot.channels.channel import Mute
from bot.digests.digest import DigestEntry, Match
from bot.papers.identity import PaperId
from bot.ports.store import Store
from bot.topics.parser import parse_query
from tests.storage.making import DAY, NOW, a_channel, a_digest, a_paper, ingest, matched, subscribed

ONE, TWO, THREE = "2502.00001", "2502.00002", "2502.00003"
OWLS, LEE = parse_query("owls"), parse_query('author:"Ann Lee"')


def test_a_clause_is_muted_once_in_its_channel(store: Store) -> None:
    here, there = a_channel(store), a_channel(store, "there")
    with store.begin() as tx:
        tx.channels.mute(here.id, Mute(LEE, "ada"), NOW)
        tx.channels.mute(here.id, Mute(OWLS, "bob"), NOW + timedelta(hours=1))
        tx.channels.mute(here.id, Mute(LEE, "eve"), NOW + timedelta(hours=2))
        tx.channels.mute(there.id, Mute(OWLS), NOW)
        assert tx.channels.mutes(here.id) == [Mute(LEE, "ada"), Mute(OWLS, "bob")]

        tx.channels.unmute(here.id, [OWLS, parse_query("larks")])
        assert tx.channels.mutes(here.id) == [Mute(LEE, "ada")]
        assert tx.channels.mutes(there.id) == [Mute(OWLS)]


def test_matches_are_let_go_one_by_one(store: Store) -> None:
    ingest(store, a_paper(ONE, aliases=(PaperId.from_text("10.1101/x"),)), a_paper(TWO))
    channel = a_channel(store)
    owls, larks = subscribed(store, channel, "owls"), subscribed(store, channel, "larks")
    matched(store, owls, ONE, TWO)
    matched(store, larks, ONE)
    with store.begin() as tx:
        tx.digests.remove_matches([Match(PaperId.from_text("10.1101/x"), owls, "arxiv", DAY, ())])
        found = tx.digests.find_candidates([owls, larks])[channel.id]
        assert [(c.paper.id.value, [m.subscription_id for m in c.matches]) for c in found] == [
            (TWO, [owls]),
            (ONE, [larks]),
        ]
    assert matched(store, owls, ONE) == 1, "what comes in again is matched again"


def test_a_candidate_knows_all_that_announced_it(store: Store) -> None:
    ingest(store, a_paper(ONE))
    ingest(store, a_paper(ONE), source="huggingface")
    channel = a_channel(store)
    owls = subscribed(store, channel, "owls")
    matched(store, owls, ONE)
    with store.begin() as tx:
        [candidate] = tx.digests.find_candidates([owls])[channel.id]
    assert candidate.sources == ("arxiv", "huggingface")


def test_the_latest_digest_is_listed_whole(store: Store) -> None:
    ingest(store, a_paper(ONE), a_paper(TWO), a_paper(THREE))
    channel = a_channel(store)
    with store.begin() as tx:
        assert tx.digests.latest_papers(channel.id) == []
        entries = [
            DigestEntry(PaperId.from_text(TWO), 1, 1, shown=True),
            DigestEntry(PaperId.from_text(ONE), 1, 2, shown=False),
        ]
        tx.digests.plan_digest(
            a_digest(channel, [DigestEntry(PaperId.from_text(THREE), 1, 1, shown=True)]), channel
        )
        tx.digests.plan_digest(a_digest(channel, entries, DAY + timedelta(days=1)), channel)
        tx.digests.plan_digest(a_digest(channel, (), DAY + timedelta(days=2)), channel)
        assert [paper.id.value for paper in tx.digests.latest_papers(channel.id)] == [TWO, ONE]
