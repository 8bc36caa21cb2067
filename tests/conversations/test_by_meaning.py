"""Topics by meaning, from the subscription to the digest, with the real model."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.doctor import examine
from bot.embedding import STEP, embed_missing, match_waiting
from bot.errors import StorageError
from bot.ingest import ingest
from bot.messages import Buttons, Message, PaperCard
from bot.papers.paper import Paper, Signals
from bot.topics.nearness import Meaning
from storage.folder import derived_folder
from tests.apps import ListedSource, SetClock, an_app, batch, paper, printed, titles
from tests.databases import url_in

SUBJECTS = (
    "Image segmentation with fewer labels",
    "Faster matrix products on graphics cards",
    "A survey of graph neural networks",
    "Speech recognition for rare dialects",
    "Protein folding by diffusion",
    "Weather forecasts from satellite pictures",
    "Traffic lights that learn",
    "Robots that fold laundry",
    "Auctions with budget limits",
    "Sorting in parallel",
    "Detecting tumours in scans",
    "Recommending music to groups",
    "Compilers for quantum circuits",
    "Planning routes for parcels",
    "Translation of old manuscripts",
    "Energy prices and wind",
    "Fair division of goods",
    "Counting birds from recordings",
    "Steel beams under load",
    "Password habits of students",
    "Video compression for calls",
    "Soil moisture from radar",
    "Crowds in railway stations",
    "Chess endgames revisited",
)
PLACES = ("", " in hospitals", " for schools", " at sea", " in mountain villages", ": new results")
FILLER = [
    paper(100 + number, subject + place)
    for number, (subject, place) in enumerate((one, where) for where in PLACES for one in SUBJECTS)
]
LIARS = paper(1, "Language models that lie to their users", "Assistants learn to deceive people on purpose.")
SCHEMES = paper(
    2, "AI assistants scheming to deceive users", "Language models mislead people and lie to them."
)
NEAR_MISS = paper(3, "Chatbots for customer service", "Assistants answer what buyers ask.")
TOPIC = 'about:"AI systems that deceive the people who use them"'


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Meaning]:
    """A folder with a Paperboy that has embedded some papers, and the model that it has read."""
    folder = tmp_path_factory.mktemp("prepared")
    source = ListedSource("arxiv", batch("arxiv", "2025-10-08", FILLER))
    app = an_app(folder, SetClock("2025-10-08T18:00"), source, meaning=True)
    asyncio.run(app.rounds().ingest())
    asyncio.run(app.rounds().embed())
    app.database.close()
    assert app.meaning is not None
    return folder, app.meaning


@pytest.fixture
def app(
    tmp_path: Path, clock: SetClock, arxiv: ListedSource, prepared: tuple[Path, Meaning]
) -> Iterator[App]:
    folder, meaning = prepared
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    app = replace(an_app(tmp_path, clock, arxiv), meaning=Meaning(meaning.embedder))
    yield app
    app.database.close()


async def say(app: App, text: str) -> Message:
    return await app.commands().answer(text, app.terminal.caller("local"))


async def announced(app: App, arxiv: ListedSource, day: str, *papers: Paper) -> None:
    arxiv.batches = [batch("arxiv", day, papers)]
    await app.rounds().ingest()


async def digest(app: App, clock: SetClock, now: str) -> str:
    """What is posted at that time."""
    before = len(printed(app))
    clock.set(now)
    await app.rounds().digest()
    return printed(app)[before:]


async def test_a_paper_that_means_it_is_posted_with_its_reason(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    answer = await say(app, f"subscribe {TOPIC}")
    assert answer.title == "Subscribed"

    await announced(app, arxiv, "2025-10-10", LIARS, NEAR_MISS, paper(4, "Bridges in the wind"))
    await app.rounds().embed()
    shown = await digest(app, clock, "2025-10-10T09:00")
    assert "Language models that lie to their users" in shown
    assert "near “AI systems that deceive the people who use them” (by meaning)" in " ".join(shown.split())
    assert "3 announced, 1 matched, 1 shown" in shown


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        (f"{TOPIC}", {1, 2}),
        (f"{TOPIC} -scheming", {1}),
        (f"{TOPIC} cat:cs.CL", {2}),
        (f"{TOPIC} upvotes:>=5", {1}),
        (f"bridges OR {TOPIC} scheming", {2, 4}),
        (f'("no such words" OR {TOPIC}) -cat:cs.CL', {1}),
        ("bridges -like:2510.00001", {4}),
        ("like:2510.00001 -cat:none", {2}),
    ],
)
async def test_meaning_stands_in_any_topic(
    app: App, arxiv: ListedSource, topic: str, expected: set[int]
) -> None:
    told = (
        replace(LIARS, signals=Signals(7)),
        replace(SCHEMES, categories=("cs.CL",)),
        NEAR_MISS,
        paper(4, "Bridges in the wind", categories=("cs.AI",)),
    )
    if "like:" in topic:
        await announced(app, arxiv, "2025-10-09", told[0])
    assert (await say(app, f"subscribe {topic}")).title == "Subscribed"
    await announced(app, arxiv, "2025-10-10", *told)
    await app.rounds().embed()
    shown = titles(await say(app, "preview"))

    assert {number for number, one in enumerate(told, 1) if one.title in shown} == expected


async def test_what_means_the_same_as_a_liked_paper_comes_first(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe cat:cs.AI")
    bridges, cheats = paper(11, "Bridges in strong wind"), paper(12, "Chatbots cheating customers")
    late = [replace(one, categories=("cs.AI",)) for one in (bridges, cheats)]
    await announced(app, arxiv, "2025-10-09", LIARS)
    await announced(app, arxiv, "2025-10-10", *late)
    await app.rounds().embed()
    await say(app, f"like {LIARS.id}")

    shown = await digest(app, clock, "2025-10-10T09:00")
    assert shown.index(cheats.title) < shown.index(bridges.title), "though no word is the same"
    assert "by words alone" not in str(await say(app, "feedback"))


async def test_strictness_is_a_choice_and_is_kept(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await announced(app, arxiv, "2025-10-09", LIARS, SCHEMES, NEAR_MISS)
    await app.rounds().embed()
    found = {}
    for strictness in ("narrow", "normal", "wide"):
        answer = await say(app, f"preview {TOPIC} strictness:{strictness}")
        found[strictness] = titles(answer)
        assert f"This is strictness:{strictness}." in str(answer.blocks)
    assert len(found["narrow"]) <= len(found["normal"]) <= len(found["wide"])
    assert LIARS.title in found["narrow"]

    await say(app, f"subscribe {TOPIC} strictness:narrow")
    assert "narrow" in str((await say(app, "list")).blocks)
    again = await say(app, f"subscribe {TOPIC} days:weekdays")
    assert "('Strictness', 'narrow')" in str(again.blocks)
    await say(app, f"subscribe {TOPIC} strictness:normal")
    assert "narrow" not in str((await say(app, "list")).blocks)


async def test_a_strictness_without_a_use_is_refused(app: App) -> None:
    for command in ("subscribe", "preview"):
        answer = await say(app, f"{command} owls strictness:wide")
        assert answer.title == "`strictness:` is for topics by meaning, and this one has none."
    assert (await say(app, "list")).title == "Nothing is subscribed here"


async def test_an_example_that_is_not_here_is_refused(app: App) -> None:
    for command in ("subscribe", "preview", "trending week"):
        answer = await say(app, f"{command} like:2401.00001")
        assert "not stored here" in answer.title
        assert 'about:"…"' in str(answer.blocks)


async def test_trending_goes_by_meaning_too(app: App, arxiv: ListedSource) -> None:
    told = replace(LIARS, signals=Signals(7)), replace(FILLER[0], signals=Signals(70))
    await announced(app, arxiv, "2025-10-09", *told)
    await app.rounds().embed()

    assert titles(await say(app, "trending week")) == [FILLER[0].title, LIARS.title]
    assert titles(await say(app, f"trending week {TOPIC}")) == [LIARS.title]


async def test_what_waited_when_a_process_died_is_matched_by_the_next(
    app: App, tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, f"subscribe {TOPIC}")
    await announced(app, arxiv, "2025-10-10", LIARS, *FILLER)
    app.database.close()

    following = an_app(tmp_path, clock, meaning=True)
    await following.rounds().embed()
    shown = await digest(following, clock, "2025-10-10T09:00")
    assert LIARS.title in shown
    await following.rounds().embed()
    assert await digest(following, clock, "2025-10-11T09:00") == ""
    following.database.close()


async def test_a_digest_waits_until_its_papers_are_read(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, f"subscribe {TOPIC}")
    clock.set("2025-10-10T08:59")
    await announced(app, arxiv, "2025-10-10", LIARS, NEAR_MISS)
    assert await digest(app, clock, "2025-10-10T09:00") == ""
    await app.rounds().embed()
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

    await app.rounds().embed()
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
        await app.rounds().embed()
    assert LIARS.title in await digest(app, clock, "2025-10-10T09:00")
    assert LIARS.title in titles(await say(app, "assistants that deceive"))


async def test_the_doctor_tells_of_the_model(app: App, arxiv: ListedSource) -> None:
    await announced(app, arxiv, "2025-10-10", LIARS)
    await say(app, f"subscribe {TOPIC}")

    found = {
        found.what: found
        async for found in examine(app.database, [], app.meaning, platforms=(), offline=True)
    }
    assert (found["meaning"].ok, found["meaning"].detail) == (
        True,
        "all-MiniLM-L6-v2/128; 1 paper to embed yet",
    )
    found = {found.what: found async for found in examine(app.database, [], None, platforms=(), offline=True)}
    assert not found["meaning"].ok
    assert "1 topic by meaning match nothing" in found["meaning"].detail


async def test_without_the_model_words_do(tmp_path: Path, clock: SetClock, arxiv: ListedSource) -> None:
    app = an_app(tmp_path, clock, arxiv)
    await announced(app, arxiv, "2025-10-10", LIARS)
    await app.rounds().embed()
    for command in ("subscribe", "preview", "trending month"):
        answer = await say(app, f"{command} {TOPIC}")
        assert answer.title.endswith("needs the meaning index, which this installation does not have.")

    found = {
        found.what: found
        async for found in examine(app.database, [], app.meaning, platforms=(), offline=True)
    }
    assert found["meaning"].ok
    assert "searches go by words alone" in found["meaning"].detail
    async for _ in ingest(arxiv, app.database, clock):
        pass
    app.database.close()


async def test_a_search_by_meaning_ranks_what_fits(app: App, arxiv: ListedSource) -> None:
    await announced(app, arxiv, "2025-10-09", NEAR_MISS, SCHEMES, LIARS)
    await app.rounds().embed()

    assert titles(await say(app, TOPIC))[:2] == [SCHEMES.title, LIARS.title]
    assert titles(await say(app, f"{TOPIC} -scheming"))[0] == LIARS.title
    assert titles(await say(app, "like:2510.00001"))[0] == SCHEMES.title
    assert LIARS.title not in titles(await say(app, "like:2510.00001"))
    assert SCHEMES.title in titles(await say(app, "artificial intelligence that fools humans"))


def _commands(message: Message) -> list[str]:
    """What the menus and the buttons of a message run."""
    cards = [one for block in message.blocks if isinstance(block, PaperCard) for one in block.actions]
    rows = [one for block in message.blocks if isinstance(block, Buttons) for one in block.buttons]
    return [one.command for one in (*cards, *rows)]


async def test_a_paper_leads_to_those_like_it(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe lie")
    await announced(app, arxiv, "2025-10-09", SCHEMES, LIARS)
    await app.rounds().embed()
    more = "search like:2510.00001"

    for asked in ("preview", "lie", "show 2510.00001"):
        assert more in _commands(await say(app, asked)), asked
    clock.set("2025-10-10T09:00")
    await app.rounds().plan()
    with app.database.begin() as tx:
        [(delivery, _)] = tx.outbox.claim(clock(), clock(), 5)
    assert more in _commands(delivery.message)
    assert titles(await say(app, more))[0] == SCHEMES.title


async def test_without_the_model_nothing_leads_to_papers_like_it(
    tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> None:
    app = an_app(tmp_path, clock, arxiv)
    await say(app, "subscribe lie")
    await announced(app, arxiv, "2025-10-09", LIARS)
    for asked in ("preview", "lie", "show 2510.00001"):
        offered = _commands(await say(app, asked))
        assert "save arxiv:2510.00001" in offered
        assert not any("like:" in one for one in offered), asked
    app.database.close()


async def test_a_search_without_the_model_says_so(
    tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> None:
    app = an_app(tmp_path, clock, arxiv)
    await announced(app, arxiv, "2025-10-10", LIARS)

    assert "needs the meaning index" in (await say(app, TOPIC)).title
    assert titles(await say(app, "lie")) == [LIARS.title]
    app.database.close()
