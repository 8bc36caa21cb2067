"""Batches that are late, sources that fail, and what the next digest says of them."""

from __future__ import annotations

from datetime import date

import pytest

from bot.bootstrap import App
from bot.errors import SourceError
from bot.messages.blocks import Coverage, ReceiptLine
from bot.papers.paper import BadRecord
from tests.apps import ListedSource, SetClock, batch, printed, receipt_of
from tests.conversations.talk import AGENTS, VISION, say, text_of

pytestmark = pytest.mark.usefixtures("each_engine")


async def test_a_late_batch_is_waited_for_and_then_said(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents")
    arxiv.expected = date(2025, 10, 10)
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS], complete=False)]
    await app.make_rounds().ingest_all()

    clock.set("2025-10-10T11:59")
    await app.make_rounds().post_digests()
    assert printed(app) == ""

    clock.set("2025-10-10T12:00")
    await app.make_rounds().post_digests()
    assert "1 announced, 1 matched, 1 shown, late" in printed(app)


async def test_a_late_batch_that_comes_ends_the_wait(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents")
    arxiv.expected = date(2025, 10, 10)
    clock.set("2025-10-10T09:30")
    await app.make_rounds().post_digests()
    assert printed(app) == ""

    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.make_rounds().ingest_all()
    await app.make_rounds().post_digests()
    assert "1 announced, 1 matched, 1 shown, complete" in printed(app)


async def test_a_source_that_fails_is_said_and_repaired(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents")
    arxiv.expected = date(2025, 10, 10)
    arxiv.batches = [SourceError("rss.arxiv.org answered 503.")]
    await app.make_rounds().ingest_all()
    [line] = receipt_of(await say(app, "preview")).lines
    assert line == ReceiptLine(
        "arxiv", date(2025, 10, 10), 0, 0, 0, Coverage.FAILED, detail="rss.arxiv.org answered 503."
    )

    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS], bad=(BadRecord("item 2", "no title"),))]
    await app.make_rounds().ingest_all()
    [line] = receipt_of(await say(app, "preview")).lines
    assert line == ReceiptLine("arxiv", date(2025, 10, 10), 1, 1, 1, Coverage.COMPLETE, bad=1)


async def test_a_digest_that_waits_is_not_skipped_by_a_change(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents days:fri")
    arxiv.expected = date(2025, 10, 10)
    clock.set("2025-10-10T09:30")
    await app.make_rounds().post_digests()
    await say(app, "subscribe vision days:fri")
    await say(app, "settings limit:5")
    assert "Fri 10 October 09:00" in text_of(await say(app, "list"))

    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.make_rounds().ingest_all()
    await app.make_rounds().post_digests()
    assert "Agents that plan" in printed(app)


async def test_what_a_silent_day_would_have_said_is_said_by_the_next_digest(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents")
    arxiv.batches = [batch("arxiv", "2025-10-09", [VISION], bad=(BadRecord("item 2", "no title"),))]
    await app.make_rounds().ingest_all()
    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    assert printed(app) == ""

    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.make_rounds().ingest_all()
    clock.set("2025-10-11T09:00")
    await app.make_rounds().post_digests()
    assert "1 announced, 0 matched, 0 shown, complete, 1 unreadable" in printed(app)
