"""Clauses of a topic that are muted: what is left of the topic, and which clauses brought a paper."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from bot.topics.evaluate import PaperView, fits_paper
from bot.topics.query import And, Or, Query, is_decided_by_paper, join_parts


def remove_clauses(topic: Query, muted: AbstractSet[Query]) -> Query | None:
    """What is left of `topic` where the muted clauses never fit; None where nothing is.

    A clause is any sub-expression that is not excluded: an Or goes on without it, an And with it is never.
    """
    if topic in muted:
        return None
    if not isinstance(topic, And | Or):
        return topic
    left = [remove_clauses(part, muted) for part in topic.parts]
    kept = [part for part in left if part is not None]
    # A muted clause counts as never fitting: an And with one can never fit, an Or goes on without it.
    if not kept or (isinstance(topic, And) and len(kept) < len(left)):
        return None
    found = join_parts(type(topic), kept)
    # Without its muted parts it may have become a muted clause itself.
    return None if found in muted else found


def clauses_to_mute(topic: Query, seen: PaperView) -> tuple[Query, ...]:
    """The clauses that brought the paper: muting all of them would have kept it out.

    They are the fitting alternatives of the innermost ORs; a topic without one is its own reason. Whether a
    clause by meaning fits cannot be told from the paper alone, nor whether it trends, so a topic with such a
    clause is its own reason too.
    """
    if not is_decided_by_paper(topic):
        return (topic,)
    # Without a choice there is nothing narrower to offer than the topic: muting one word of an And mutes all
    # of it.
    if not any(isinstance(clause, Or) for clause in all_clauses(topic)):
        return (topic,) if fits_paper(topic, seen) else ()
    return tuple(dict.fromkeys(_fitting_alternatives(topic, seen))) or (
        (topic,) if fits_paper(topic, seen) else ()
    )


def all_clauses(topic: Query) -> Iterator[Query]:
    """Every clause of the topic that can be muted, the whole of it first."""
    yield topic
    if isinstance(topic, And | Or):
        for part in topic.parts:
            yield from all_clauses(part)


def _fitting_alternatives(query: Query, seen: PaperView) -> Iterator[Query]:
    """The fitting parts of the innermost ORs of a query that fits."""
    if not isinstance(query, And | Or) or not fits_paper(query, seen):
        return
    for part in query.parts:
        inner = tuple(_fitting_alternatives(part, seen))
        if isinstance(query, Or) and not inner and fits_paper(part, seen):
            yield part
        yield from inner
