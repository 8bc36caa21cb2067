"""Papers that wait to be read: digests, crashes and a file that cannot be written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.errors import StorageError
from bot.services.embed import STEP, embed_missing, match_waiting
from storage.index_folder import derived_folder
from tests.apps import ListedSource, SetClock, an_app, paper, titles
from tests.conversations.meaning.liars import (
    FILLER,
    LIARS,
    NEAR_MISS,
    TOPIC,
    announced,
    digest,
    say,
)
from tests.databases import url_in


async def test_what_waited_when_a_process_died_is_matched_by_the_next(
    app: App, tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, f"subscribe {TOPIC}")
    await announced(app, arxiv, "2025-10-10", LIARS, *FILLER)
    app.database.close()

    following = an_app(tmp_path, clock, meaning=True)
    await following.make_rounds().embed_papers()
    shown = await digest(following, clock, "2025-10-10T09:00")
    assert LIARS.title in shown
    await following.make_rounds().embed_papers()
    assert await digest(following, clock, "2025-10-11T09:00") == ""
    following.database.close()


async def test_a_digest_waits_until_its_papers_are_read(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, f"subscribe {TOPIC}")
    clock.set("2025-10-10T08:59")
    await announced(app, arxiv, "2025-10-10", LIARS, NEAR_MISS)
    assert await digest(app, clock, "2025-10-10T09:00") == ""
    await app.make_rounds().embed_papers()
    shown = await digest(app, clock, "2025-10-10T09:01")
    assert LIARS.title in shown
    assert "2 announced, 1 matched, 1 shown, complete" in shown


async def test_a_digest_that_waited_long_says_what_was_not_read(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    for topic in (TOPIC, "bridges"):
        await say(app, f"subscribe {topic}")
    arxiv.expected = date(2025, 10, 10)
    clock.set("2025-10-10T10:55")
    await announced(app, arxiv, "2025-10-10", LIARS, NEAR_MISS, paper(4, "Bridges in the wind"))
    assert await digest(app, clock, "2025-10-10T11:05") == "", "also where the batch itself came late"
    shown = await digest(app, clock, "2025-10-10T11:06")
    assert ("Bridges in the wind" in shown, LIARS.title in shown) == (True, False)
    assert "3 not yet matched by meaning" in " ".join(shown.split())

    await app.make_rounds().embed_papers()
    arxiv.expected = None
    assert LIARS.title in await digest(app, clock, "2025-10-11T09:00")


async def test_words_wait_for_nothing(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, f"subscribe {TOPIC} days:mon")
    await say(app, "subscribe bridges days:fri")
    clock.set("2025-10-10T08:59")
    await announced(app, arxiv, "2025-10-10", LIARS, paper(4, "Bridges in the wind"))
    shown = await digest(app, clock, "2025-10-10T09:00")
    assert "Bridges in the wind" in shown
    assert "not yet matched" not in shown


async def test_embedding_goes_on_where_it_stopped(app: App, arxiv: ListedSource) -> None:
    assert app.meaning is not None
    many = [paper(1000 + number, f"Report {number}") for number in range(STEP + 5)]
    await announced(app, arxiv, "2025-10-10", *many)
    steps = embed_missing(app.database, app.meaning)
    assert next(steps) == STEP
    steps.close()

    assert list(embed_missing(app.database, app.meaning)) == [5]
    assert list(embed_missing(app.database, app.meaning)) == []
    assert match_waiting(app.database, app.meaning) == 0


async def test_topics_match_also_where_the_file_of_vectors_cannot_be_written(
    app: App, clock: SetClock, arxiv: ListedSource, tmp_path: Path
) -> None:
    home = derived_folder(url_in(tmp_path), str(tmp_path / "search"))
    home.mkdir()
    (home / "vectors").write_bytes(b"")
    assert (await say(app, f"subscribe {TOPIC}")).title == "Subscribed"
    await announced(app, arxiv, "2025-10-10", LIARS, NEAR_MISS)
    with pytest.raises(StorageError, match=r"file of vectors .* cannot be used"):
        await app.make_rounds().embed_papers()
    assert LIARS.title in await digest(app, clock, "2025-10-10T09:00")
    assert LIARS.title in titles(await say(app, "assistants that deceive"))
