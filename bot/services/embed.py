"""Vectors for stored papers, made between transactions, and the matches that waited for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from datetime import date

from bot.digests.digest import Match
from bot.ports.search import Waiting
from bot.ports.store import Store, Transaction
from bot.search.plan import Hit
from bot.services.semantic import Meaning
from bot.topics.matching import match_batch
from bot.topics.query import needs_meaning
from bot.topics.reasons import explain_match
from bot.topics.semantic_score import embedded_text

TOGETHER = 512
"""Papers looked up at once, the latest first."""
STEP = 64
"""Papers embedded between two transactions: a second or two of work, which is what a kill loses."""
MATCHED = 1000
"""Waiting papers matched in one transaction."""


def embed_missing(store: Store, meaning: Meaning) -> Generator[int, None, None]:
    """Give every stored paper its vector, and yield how many have theirs after each step.

    No transaction is open meanwhile, and stopping at any time loses one step: the next call goes on there.
    Raises StorageError.
    """
    while True:
        with store.read() as tx:
            mark = tx.papers.store_mark()
            # To look through all papers takes a while, and this is asked again and again.
            missing = (
                tx.vectors.papers_without_vector(meaning.model, TOGETHER) if mark != meaning.whole_at else ()
            )
        for start in range(0, len(missing), STEP):
            step = missing[start : start + STEP]
            vectors = meaning.embedder.embed([embedded_text(unread.paper) for unread in step])
            with store.begin() as tx:
                tx.vectors.add(meaning.model, step, vectors)
            yield len(step)
        if len(missing) < TOGETHER:
            meaning.whole_at = mark
            return


def match_waiting(store: Store, meaning: Meaning) -> int:
    """Match the papers that waited for their vectors, and return how many matches are new.

    Raises StorageError.
    """
    new = 0
    while True:
        with store.begin() as tx:
            waiting = tx.vectors.waiting_papers(meaning.model, MATCHED)
            new += tx.digests.add_matches(_semantic_matches(tx, meaning, waiting))
            tx.vectors.end_waiting(waiting)
        if len(waiting) < MATCHED:
            return new


def make_ready(store: Store, meaning: Meaning) -> None:
    """Have ready what those who only read look the nearest up in. Raises StorageError."""
    with store.begin() as tx:
        tx.vectors.follow(meaning.model)


def _semantic_matches(tx: Transaction, meaning: Meaning, waiting: Sequence[Waiting]) -> Iterator[Match]:
    topics = [sub for sub in tx.channels.active_subscriptions() if needs_meaning(sub.topic)]
    hits = {hit.key: hit for hit in tx.papers.hits_of([one.key for one in waiting])} if topics else {}
    if not hits:
        return
    papers = [hit.paper for hit in hits.values()]
    scored = meaning.over_batch(tx, [sub.topic for sub in topics], papers)
    answers = {sub.id: scored.answer_atom(sub.topic, sub.strictness) for sub in topics}
    for (source, day), listed in _by_batch(waiting, hits).items():
        sources = {hit.paper.id: hit.sources for hit in listed}
        for subscription_id, seen in match_batch(answers, [hit.paper for hit in listed], sources):
            why = explain_match(answers[subscription_id], seen)
            yield Match(seen.paper.id, subscription_id, source, day, why)


def _by_batch(waiting: Sequence[Waiting], hits: dict[int, Hit]) -> dict[tuple[str, date], list[Hit]]:
    found: dict[tuple[str, date], list[Hit]] = defaultdict(list)
    for one in waiting:
        if one.key in hits:
            found[one.source, one.day].append(hits[one.key])
    return found
