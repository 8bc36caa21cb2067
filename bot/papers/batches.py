"""Putting a batch together: one paper stands in it once."""

from __future__ import annotations

from collections.abc import Iterable

from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, Kind
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
