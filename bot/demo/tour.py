"""`paperboy demo`: a team subscribes, a day is ingested, its digest is posted, a search is answered.

Everything is real but the clock and the place of the papers: the sample beside this file holds facts on real
papers, with a sentence of ours on each, and goes through the same source, store, matcher and renderer.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.bootstrap import App, build, sample_source
from bot.ports.sources import Source
from bot.services.ingest import store_batch
from bot.settings import Settings

DAY = date(2025, 10, 10)
EVENING = datetime(2025, 10, 9, 18, tzinfo=UTC)
MORNING = datetime(2025, 10, 10, 9, tzinfo=UTC)
SOURCES = ("arxiv", "huggingface")
SUBSCRIBED = (
    "subscribe emergent misalignment",
    'subscribe "reinforcement learning" agent* days:weekdays',
    "subscribe title:video OR title:image",
)
SEARCHED = "emergent misalignment"


class TourClock:
    """Stands where the tour puts it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def tour() -> None:
    """The whole tour, in a database that is gone afterwards; then a prompt, if somebody sits there."""
    clock = TourClock(EVENING)
    sample = [sample_source(Path(__file__).with_name(f"{name}.jsonl"), name) for name in SOURCES]
    with TemporaryDirectory(prefix="paperboy-demo-") as folder:
        settings = Settings(
            database_url=f"sqlite:///{folder}/demo.db",
            timezone="UTC",
            digest_at=time(9),
            sources=(),
            log_level="warning",
        )
        app = replace(build(settings, clock), sources=sample)
        with asyncio.Runner() as runner:
            runner.run(_show(app, sample, clock))
            if sys.stdin.isatty():
                app.terminal.open_chapter("Your turn", "Try /papers help, or exit to leave.")
                front_door, who = app.front_door(), app.terminal.make_caller("demo")
                app.terminal.read_commands(lambda text: runner.run(front_door.answer(text, who)))
        app.database.close()


async def _show(app: App, sample: list[Source], clock: TourClock) -> None:
    clock.now = EVENING - timedelta(hours=1)
    before = [batch for source in sample async for batch in source.fetch() if batch.day < DAY]
    for batch in before:
        store_batch(app.database, batch, clock)
    clock.now = EVENING
    papers = sum(len(batch.announcements) for batch in before)
    app.terminal.open_chapter(
        "Thursday evening", f"A team subscribes; {papers} papers of the past weeks are stored."
    )
    for text in SUBSCRIBED:
        await _say(app, text)
    clock.now = MORNING
    app.terminal.open_chapter("Friday morning", "arXiv and Hugging Face announce the day's papers.")
    await _ingest_day(app, sample, clock)
    app.terminal.open_chapter(
        "09:00", "The digest is posted: each paper once, with its reason, and a receipt."
    )
    await app.make_rounds().post_digests()
    app.terminal.open_chapter("Any time", "Somebody asks.")
    await _say(app, SEARCHED)


async def _say(app: App, text: str) -> None:
    app.terminal.show_typed(text)
    who = app.terminal.make_caller("demo")
    app.terminal.show_message(await app.front_door().answer(text, who))


async def _ingest_day(app: App, sample: list[Source], clock: TourClock) -> None:
    with app.terminal.show_ingest() as progress:
        for source in sample:
            progress.show_asking(source.name)
            async for batch in source.fetch(DAY):
                progress.show_stored(store_batch(app.database, batch, clock))
