"""A feed that lists an old announcement under a new date, seen by whichever process asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.papers.batches import empty_if_stale
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, AnnouncementKind, BadRecord, Batch, BatchState
from tests.apps import ListedSource, SetClock, an_app, batch, paper

pytestmark = pytest.mark.usefixtures("each_engine")

MONDAY, TUESDAY = date(2026, 11, 9), date(2026, 11, 10)
KITES, OWLS, LARKS = paper(1, "Kites"), paper(2, "Owls"), paper(3, "Larks")


@pytest.fixture
def clock() -> SetClock:
    return SetClock("2026-11-09T15:00")


@pytest.fixture
def app(tmp_path: Path, clock: SetClock) -> Iterator[App]:
    app = an_app(tmp_path, clock)
    yield app
    app.database.close()


async def ingest(app: App, listed: Batch, expected: date | None) -> BatchState:
    """Let a process that knows of nothing before store a batch, and look at it."""
    source = ListedSource(listed.source, listed, expected=expected)
    await replace(app, sources=(source,)).make_rounds().ingest_all()
    with app.database.begin() as tx:
        state = tx.papers.find_batch(listed.source, listed.day)
    assert state is not None
    return state


async def test_yesterdays_papers_under_todays_date_are_no_batch_of_today(app: App, clock: SetClock) -> None:
    await ingest(app, batch("arxiv", str(MONDAY), [KITES, OWLS]), MONDAY)
    clock.set("2026-11-10T15:00")

    stale = await ingest(app, batch("arxiv", str(TUESDAY), [KITES, OWLS]), TUESDAY)
    assert (stale.announced, stale.complete) == (0, False)

    true = await ingest(app, batch("arxiv", str(TUESDAY), [OWLS, LARKS]), TUESDAY)
    assert (true.announced, true.complete) == (2, True)

    again = await ingest(app, batch("arxiv", str(TUESDAY), [OWLS, LARKS]), TUESDAY)
    assert again == true


@pytest.mark.parametrize(
    ("source", "expected"),
    [("huggingface", None), ("arxiv", date(2026, 11, 11))],
    ids=["no calendar", "a day of the past, as back-filled"],
)
async def test_other_batches_are_taken_at_their_word(
    app: App, clock: SetClock, source: str, expected: date | None
) -> None:
    await ingest(app, batch(source, str(MONDAY), [KITES]), MONDAY)
    clock.set("2026-11-11T15:00")

    state = await ingest(app, batch(source, str(TUESDAY), [KITES]), expected)
    assert (state.announced, state.complete) == (1, True)


def test_the_papers_that_a_source_announced_earlier(app: App) -> None:
    with app.database.begin() as tx:
        tx.papers.ingest_batch(batch("arxiv", str(MONDAY), [KITES]), app.clock())
        tx.papers.ingest_batch(
            batch("arxiv", str(MONDAY), [OWLS], kind=AnnouncementKind.REPLACE), app.clock()
        )
        tx.papers.ingest_batch(batch("huggingface", str(MONDAY), [LARKS]), app.clock())
        ids = [one.id for one in (KITES, OWLS, LARKS)] + [PaperId("arxiv", "2510.99999")]

        assert tx.papers.announced_before("arxiv", TUESDAY, ids) == {KITES.id}
        assert tx.papers.announced_before("arxiv", MONDAY, ids) == set()


BAD = (BadRecord("item 9", "no id"),)


@pytest.mark.parametrize(
    ("kinds", "earlier", "stale"),
    [
        ([], [1], False),
        ([AnnouncementKind.NEW], [], False),
        ([AnnouncementKind.NEW], [1], True),
        ([AnnouncementKind.NEW, AnnouncementKind.CROSS], [1], False),
        ([AnnouncementKind.NEW, AnnouncementKind.CROSS], [1, 2], True),
        ([AnnouncementKind.NEW, AnnouncementKind.REPLACE], [1], True),
        ([AnnouncementKind.REPLACE], [1], False),
    ],
)
def test_a_batch_is_stale_where_nothing_fresh_is_new(
    kinds: list[AnnouncementKind],
    earlier: list[int],
    stale: bool,  # noqa: FBT001
) -> None:
    told = tuple(Announcement(paper(n, "Kite"), kind) for n, kind in enumerate(kinds, 1))
    listed = Batch("arxiv", TUESDAY, told, BAD)

    found = empty_if_stale(listed, {paper(n, "Kite").id for n in earlier})

    assert found == (Batch("arxiv", TUESDAY, (), BAD, complete=False) if stale else listed)
