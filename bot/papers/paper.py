"""Papers, and the announcements and batches in which sources list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeGuard

from bot.papers.identity import PaperId


@dataclass(frozen=True, slots=True)
class Signals:
    """What people made of a paper; None where no source has said."""

    upvotes: int | None = None
    stars: int | None = None


def is_count(value: object) -> TypeGuard[int]:
    """Whether a source's value can be a signal: a whole number from 0 to the end of a database's INTEGER."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


@dataclass(frozen=True, slots=True)
class Paper:
    """One work. Text is clean (see `bot.papers.text`): one line, no markup, no control characters."""

    id: PaperId
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """As the source spells them, the primary one first: `cs.CL`."""
    published: date | None = None
    """The day of version 1, UTC."""
    version: int | None = None
    aliases: tuple[PaperId, ...] = ()
    """Other ids of the same work, sorted, without `id`."""
    signals: Signals = Signals()
    summary: str = ""
    """A sentence or two that came with the paper, or was made of it."""
    code_url: str = ""
    summary_by: str = ""
    """The model that made the summary of what is stored here; "" of one that came with the paper."""

    def __hash__(self) -> int:
        # Of the id alone: the other fields are long, and tell few papers apart.
        return hash(self.id)

    @property
    def url(self) -> str:
        """The page of the paper, or "" where it has none."""
        return next((i.url for i in (self.id, *self.aliases) if i.url), "")


class AnnouncementKind(StrEnum):
    """As what a source announced a paper. arXiv's words, which are relative to the categories asked for."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"

    @property
    def is_fresh(self) -> bool:
        """Whether the paper is new to these readers, and not a later version of one that they had."""
        return self in {AnnouncementKind.NEW, AnnouncementKind.CROSS}


@dataclass(frozen=True, slots=True)
class Announcement:
    """A source listed a paper on a day; which source and day stands in the batch."""

    paper: Paper
    kind: AnnouncementKind = AnnouncementKind.NEW


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record of a batch that could not be read, and why: `where` is its id or position."""

    where: str
    problem: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One source's announcements of one day, or as much of them as one answer held.

    `complete` says that nothing more is expected for the day. One paper stands in a batch once.
    """

    source: str
    day: date
    announcements: tuple[Announcement, ...]
    bad: tuple[BadRecord, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class IngestedBatch:
    """What storing a batch changed."""

    announced: int
    """Papers in the batch."""
    new: int
    """Papers that were not stored before."""
    to_match: tuple[Paper, ...]
    """Papers to match now, as stored: freshly announced ones, and those whose signals changed."""
    sources: Mapping[PaperId, tuple[str, ...]] = field(default_factory=dict)
    """Every source that has announced them, of the papers to match."""


@dataclass(frozen=True, slots=True)
class BatchState:
    """What is stored of a batch."""

    source: str
    day: date
    announced: int
    """Papers listed, each once."""
    bad: int
    complete: bool
    changed: datetime
    """When it last grew or became complete, UTC."""
    failed: str = ""
    """Why the last attempt to fetch it failed, "" where it did not."""
