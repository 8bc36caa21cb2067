"""Putting a batch together: one paper stands in it once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bot.papers.analyser import split_words
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, AnnouncementKind, BadRecord, Batch, Paper
from bot.papers.same_work import merge_records

_TAKEN = "Another paper has it: ingest this file under a name of its own, --source NAME."
_FRESHNESS = {kind: rank for rank, kind in enumerate(AnnouncementKind)}


def merge_announcements(announcements: Iterable[Announcement]) -> tuple[Announcement, ...]:
    """Each paper once, at its first place, as the freshest kind and with all that was told of it.

    A paper that is new to one category and a cross-list to another is new.
    """
    kept: dict[PaperId, Announcement] = {}
    for announcement in announcements:
        known = kept.setdefault(announcement.paper.id, announcement)
        if known is not announcement:
            kind = freshest_kind(known.kind, announcement.kind)
            kept[announcement.paper.id] = Announcement(merge_records(known.paper, announcement.paper), kind)
    return tuple(kept.values())


def freshest_kind(first: AnnouncementKind, second: AnnouncementKind) -> AnnouncementKind:
    """The kind that says more of a paper that was announced as both."""
    return min(first, second, key=_FRESHNESS.__getitem__)


def empty_if_stale(batch: Batch, earlier: AbstractSet[PaperId]) -> Batch:
    """`batch`, or nothing of it and incomplete where it is an old announcement under a new date.

    `earlier` are papers that the source has announced as fresh on days before. A feed that has gone stale
    lists no other.
    """
    fresh = {announcement.paper.id for announcement in batch.announcements if announcement.kind.is_fresh}
    # Incomplete, so that the receipt says "late" and the source is asked again, rather than "0 announced".
    return replace(batch, announcements=(), complete=False) if fresh and fresh <= earlier else batch


def reject_taken_ids(batch: Batch, stored: Mapping[PaperId, Paper]) -> Batch:
    """`batch` with those papers as bad records whose id is another one's in `stored`.

    So it is where two files are called alike and number their papers from 1: stored as one, they would lose
    the text of the later one.
    """
    taken = [
        announcement.paper.id
        for announcement in batch.announcements
        if announcement.paper.id in stored
        and not _may_be_same_work(announcement.paper, stored[announcement.paper.id])
    ]
    left = tuple(announcement for announcement in batch.announcements if announcement.paper.id not in taken)
    bad = tuple(BadRecord(f"id {one.source_spelling}", _TAKEN) for one in taken)
    return replace(batch, announcements=left, bad=(*batch.bad, *bad)) if taken else batch


def _may_be_same_work(paper: Paper, other: Paper) -> bool:
    """Whether they can be one work: half of the titles' words are in both, or they have one abstract."""
    first, second = set(split_words(paper.title)), set(split_words(other.title))
    same = bool(paper.abstract) and paper.abstract == other.abstract
    # Half, since titles change from version to version; two papers of one number share few words.
    return same or 2 * len(first & second) >= len(first | second)
