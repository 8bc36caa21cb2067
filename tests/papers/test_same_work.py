"""One work told twice, and batches in which each paper stands once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.papers.batches import merge_announcements
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, AnnouncementKind, Paper, Signals
from bot.papers.same_work import merge_records

ARXIV = PaperId("arxiv", "2502.17424")
DOI = PaperId("doi", "10.1000/kite")


def paper(paper_id: PaperId = ARXIV, title: str = "On kites", **fields: Any) -> Paper:
    return Paper(paper_id, title, **fields)


@pytest.mark.parametrize(
    ("known", "told", "title"),
    [
        ({"version": 1}, {"version": 2}, "told"),
        ({"version": 2}, {"version": 1}, "known"),
        ({"version": 2}, {"version": 2}, "told"),
        ({}, {"version": 1}, "told"),
        ({"version": 1, "abstract": "a"}, {"abstract": "b"}, "known"),
        ({}, {"abstract": "b"}, "told"),
        ({}, {}, "known"),
    ],
)
def test_the_text_is_that_of_the_higher_version(
    known: dict[str, Any], told: dict[str, Any], title: str
) -> None:
    assert merge_records(paper(title="known", **known), paper(title="told", **told)).title == title


def test_what_only_one_says_is_kept() -> None:
    known = paper(abstract="a", authors=("A",), categories=("cs.CL",), version=2, summary="s", code_url="u")
    assert merge_records(known, paper(title="later", version=3)) == paper(
        title="later",
        abstract="a",
        authors=("A",),
        categories=("cs.CL",),
        version=3,
        summary="s",
        code_url="u",
    )


@pytest.mark.parametrize(
    ("known", "told", "merged"),
    [
        (Signals(10, 5), Signals(8, None), Signals(8, 5)),
        (Signals(None, None), Signals(0, 1), Signals(0, 1)),
        (Signals(3, 3), Signals(None, None), Signals(3, 3)),
    ],
)
def test_the_newest_signal_wins_since_votes_fall(known: Signals, told: Signals, merged: Signals) -> None:
    assert merge_records(paper(signals=known), paper(signals=told)).signals == merged


def test_the_first_day_and_all_ids_are_kept() -> None:
    known = paper(published=date(2025, 2, 25), aliases=(PaperId("mine", "1"),))
    told = paper(DOI, published=date(2025, 2, 24), aliases=(ARXIV,))
    merged = merge_records(known, told)
    assert (merged.id, merged.published) == (ARXIV, date(2025, 2, 24))
    assert merged.aliases == (DOI, PaperId("mine", "1"))


def test_the_same_again_changes_nothing() -> None:
    known = paper(abstract="a", version=2, signals=Signals(1, 2), aliases=(DOI,), published=date(2025, 2, 24))
    assert merge_records(known, known) == known


def test_once_each_keeps_the_place_and_the_freshest_kind() -> None:
    told = [
        Announcement(paper(), AnnouncementKind.REPLACE),
        Announcement(paper(DOI), AnnouncementKind.CROSS),
        Announcement(paper(summary="s"), AnnouncementKind.NEW),
        Announcement(paper(), AnnouncementKind.REPLACE_CROSS),
    ]
    assert merge_announcements(told) == (
        Announcement(paper(summary="s"), AnnouncementKind.NEW),
        Announcement(paper(DOI), AnnouncementKind.CROSS),
    )
    assert merge_announcements([]) == ()
