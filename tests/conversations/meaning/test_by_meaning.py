"""Topics by meaning, from the subscription to the digest, with the real model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.papers.paper import Signals
from bot.services.doctor import examine
from bot.services.ingest import ingest_sources
from tests.apps import ListedSource, SetClock, an_app, paper, titles
from tests.conversations.meaning.liars import (
    FILLER,
    LIARS,
    NEAR_MISS,
    SCHEMES,
    TOPIC,
    announced,
    digest,
    say,
)


async def test_a_paper_that_means_it_is_posted_with_its_reason(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    answer = await say(app, f"subscribe {TOPIC}")
    assert answer.title == "Subscribed"

    await announced(app, arxiv, "2025-10-10", LIARS, NEAR_MISS, paper(4, "Bridges in the wind"))
    await app.make_rounds().embed_papers()
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
    await app.make_rounds().embed_papers()
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
    await app.make_rounds().embed_papers()
    await say(app, f"like {LIARS.id}")

    shown = await digest(app, clock, "2025-10-10T09:00")
    assert shown.index(cheats.title) < shown.index(bridges.title), "though no word is the same"
    assert "by words alone" not in str(await say(app, "feedback"))


async def test_strictness_is_a_choice_and_is_kept(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await announced(app, arxiv, "2025-10-09", LIARS, SCHEMES, NEAR_MISS)
    await app.make_rounds().embed_papers()
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
    await app.make_rounds().embed_papers()

    assert titles(await say(app, "trending week")) == [FILLER[0].title, LIARS.title]
    assert titles(await say(app, f"trending week {TOPIC}")) == [LIARS.title]


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
    await app.make_rounds().embed_papers()
    for command in ("subscribe", "preview", "trending month"):
        answer = await say(app, f"{command} {TOPIC}")
        assert answer.title.endswith("needs the semantic index, which is not installed here.")

    found = {
        found.what: found
        async for found in examine(app.database, [], app.meaning, platforms=(), offline=True)
    }
    assert found["meaning"].ok
    assert "searches go by words alone" in found["meaning"].detail
    async for _ in ingest_sources(arxiv, app.database, clock):
        pass
    app.database.close()
