"""Putting a batch together: one paper stands in it once."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, Batch, Kind
from bot.papers.same_work import merge

_RANK = {kind: rank for rank, kind in enumerate(Kind)}


def once_each(announcements: Iterable[Announcement]) -> tuple[Announcement, ...]:
    """Each paper once, at its first place, as the freshest kind and with all that was told of it.

    A paper that is new to one category and a cross-list to another is new.
    """
    kept: dict[PaperId, Announcement] = {}
    for told in announcements:
        known = kept.setdefault(told.paper.id, told)
        if known is not told:
            kind = freshest(known.kind, told.kind)
            kept[told.paper.id] = Announcement(merge(known.paper, told.paper), kind)
    return tuple(kept.values())


def freshest(first: Kind, second: Kind) -> Kind:
    """The kind that says more of a paper that was announced as both."""
    return min(first, second, key=_RANK.__getitem__)


def unless_stale(batch: Batch, earlier: AbstractSet[PaperId]) -> Batch:
    """`batch`, or nothing of it and incomplete where it is an old announcement under a new date.

    `earlier` are papers that the source has announced as fresh on days before. A feed that has gone stale
    lists no other.
    """
    fresh = {told.paper.id for told in batch.announcements if told.kind.is_fresh}
    return replace(batch, announcements=(), complete=False) if fresh and fresh <= earlier else batch
