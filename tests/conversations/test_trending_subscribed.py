"""What trends, as a subscription: in the digests of a team's channel, on both kinds of database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.bootstrap import App
from bot.channels.schedule import DAILY
from bot.messages.blocks import Heading, PaperCard
from bot.papers.paper import Paper, Signals
from bot.topics.parser import parse_query
from tests.apps import ListedSource, SetClock, batch, paper, printed, receipt_of, titles
from tests.conversations import talk
from tests.conversations.talk import said, say
from tests.databases import statements

pytestmark = pytest.mark.usefixtures("each_engine")
DAY = "2025-10-10"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(f"{DAY}T05:00")


@pytest.fixture
def source() -> ListedSource:
    return ListedSource("huggingface")


def voted(number: int, votes: int, category: str = "cs.CL", title: str = "") -> Paper:
    name = title or f"Owls {number:02}"
    return paper(number, name, signals=Signals(votes), categories=(category,))


async def announced(app: App, source: ListedSource, papers: Sequence[Paper], day: str = "2025-10-09") -> None:
    source.batches = [batch("huggingface", day, papers)]
    await app.make_rounds().ingest_all()


async def posted(app: App, clock: SetClock, day: int) -> str:
    """What is posted on a day of that October at nine."""
    return await talk.posted(app, clock, f"2025-10-{day:02}T09:00")


async def test_a_digest_has_the_best_of_what_the_channel_has_not_had(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await announced(app, source, [voted(number, 100 - number) for number in range(1, 13)])
    answer_ = await said(app, "subscribe trending")
    assert "trending:week" in answer_
    assert "up to 5 trending papers" in answer_

    first = await posted(app, clock, 10)
    assert "Trending this week" in first
    assert [f"Owls {number:02}" in first for number in range(1, 8)] == [True] * 5 + [False] * 2
    assert "▲ 99" in first
    assert "trending:week 2025-10-03 to 2025-10-10" in first
    assert "12 ranked, 5 matched, 5 shown, complete" in " ".join(first.split())
    second = await posted(app, clock, 11)
    assert [f"Owls {number:02}" in second for number in range(1, 13)] == [False] * 5 + [True] * 5 + [
        False
    ] * 2
    third = await posted(app, clock, 12)
    assert [f"Owls {number:02}" in third for number in range(10, 13)] == [False, True, True]
    assert await posted(app, clock, 13) == ""


async def test_it_comes_by_its_days_with_a_topic_and_the_growth(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    assert "trending:week cat:cs.CL" in await said(app, "subscribe trending cat:cs.CL days:mon")
    for now, votes in ((f"{DAY}T05:00", 10), ("2025-10-12T05:00", 30)):
        clock.set(now)
        await announced(app, source, [voted(1, votes), voted(2, 90, "cs.CV")])
    assert await posted(app, clock, 12) == ""
    monday = await posted(app, clock, 13)
    assert "Trending this week · cat:cs.CL" in monday
    assert "▲ 30, +20 in 3 days" in monday
    assert "Owls 02" not in monday


async def test_the_limit_of_the_channel_holds_and_the_rest_can_be_shown(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe trending day")
    await said(app, "settings limit:2")
    await announced(app, source, [voted(number, 100 - number) for number in range(1, 9)])
    digest = await posted(app, clock, 10)
    assert "Trending today" in digest
    assert "and 3 more" in digest
    assert "8 ranked, 5 matched, 2 shown" in " ".join(digest.split())
    rest = await say(app, "show more")
    assert titles(rest) == ["Owls 03", "Owls 04", "Owls 05"]
    assert next(card.reasons for card in rest.blocks if isinstance(card, PaperCard)) == ("▲ 97",)
    assert "Owls 03" not in await posted(app, clock, 11)


async def test_a_paper_that_a_topic_brings_too_stands_once_with_both_reasons(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe larks")
    await said(app, "subscribe trending")
    await announced(app, source, [voted(1, 9, title="Larks sing"), voted(2, 5)])

    clock.set(f"{DAY}T09:00")
    digest = await say(app, "preview")
    headings = [block.text for block in digest.blocks if isinstance(block, Heading)]
    assert headings == ["larks", "Trending this week"]
    assert titles(digest) == ["Larks sing", "Owls 02"]
    cards = [block for block in digest.blocks if isinstance(block, PaperCard)]
    assert cards[0].reasons == ("“larks” in the title", "▲ 9")
    assert [line.batch for line in receipt_of(digest).lines][-1] == "trending:week 2025-10-03 to 2025-10-10"
    # To look is not to have had.
    assert "Owls 02" in await posted(app, clock, 10)


async def test_what_is_new_comes_before_what_has_more_votes(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe trending")
    await announced(app, source, [voted(1, 50)], "2025-10-04")
    await announced(app, source, [voted(2, 40)])
    clock.set(f"{DAY}T09:00")
    assert titles(await say(app, "preview")) == ["Owls 02", "Owls 01"]


async def test_what_is_muted_of_the_topic_does_not_come(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe trending week (larks OR owls)")
    await announced(app, source, [voted(1, 9, title="Larks sing"), voted(2, 5)])
    assert "Muted: larks" in await said(app, "mute larks")
    digest = await posted(app, clock, 10)
    assert ("Larks sing" in digest, "Owls 02" in digest) == (False, True)
    await said(app, "unmute all")
    assert "Muted: trending:week" in await said(app, "mute trending week")
    assert await posted(app, clock, 11) == ""
    await said(app, "unmute all")
    assert "Larks sing" in await posted(app, clock, 12)


async def test_it_pauses_goes_on_and_ends_as_others_do(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe trending")
    await announced(app, source, [voted(1, 9)])
    await said(app, "pause 1")
    assert await posted(app, clock, 10) == ""
    await said(app, "resume 1")
    assert "Owls 01" in await posted(app, clock, 11)
    assert "trending:week" in await said(app, "list")
    assert "Unsubscribed from trending:week" in await said(app, "unsubscribe trending")
    await said(app, "subscribe trending:month")
    await announced(app, source, [voted(1, 90), voted(2, 5)])
    again = await posted(app, clock, 12)
    assert ("Owls 01" in again, "Owls 02" in again) == (False, True)


@pytest.mark.parametrize(
    ("text", "answer_"),
    [
        ("subscribe trending days:now", "cannot be posted immediately"),
        ("subscribe trending strictness:wide", "`strictness:` is for topics by meaning"),
        ("subscribe trending trending:day", "`trending:` may appear only once"),
        ("subscribe trending year OR", "`OR` has nothing to its right"),
        ("trending week trending:day", "works only in subscriptions"),
        ("subscribe about:owls trending:week", "needs the semantic index"),
    ],
)
async def test_what_cannot_be_says_what_to_write(app: App, text: str, answer_: str) -> None:
    assert answer_ in await said(app, text)
    assert "Nothing is subscribed here" in await said(app, "list")


async def test_the_back_test_replays_the_days_that_are_stored(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    for day in range(1, 10):
        papers = [
            voted(10 * day + number, 10 - number, "cs.CL" if number % 2 else "cs.CV") for number in range(8)
        ]
        await announced(app, source, papers, f"2025-10-{day:02}")
    every = await said(app, "preview trending day")
    # Five of each day's eight, and three of the day before that were left.
    assert "48 papers" in every
    assert "uses current votes" in every
    assert "What trends now" in every
    assert "36 papers" in await said(app, "preview trending week cat:cs.CL")
    assert "has votes yet" in await said(app, "preview trending week cat:hep-th")
    assert "Subscribe" in every


async def test_a_search_and_an_export_of_what_trends(app: App, source: ListedSource) -> None:
    await announced(app, source, [voted(1, 9), voted(2, 90), voted(3, 50, "cs.CV")])
    found = await say(app, "trending:week cat:cs.CL")
    assert titles(found) == ["Owls 02", "Owls 01"]
    assert titles(await say(app, "trending week cat:cs.CL")) == ["Owls 02", "Owls 01"]
    assert "subscribe trending:week cat:cs.CL" in str(found)
    for asked in ("export csv trending:week", "export csv trending week"):
        exported = await said(app, asked)
        assert exported.index("Owls 02") < exported.index("Owls 03") < exported.index("Owls 01")


async def test_a_search_that_begins_with_the_word_is_subscribed_as_it_was_asked(
    app: App, source: ListedSource
) -> None:
    await announced(app, source, [voted(1, 9, title="Trending owls at night")])
    words = "subscribe (trending owls)"
    assert words in await said(app, "search trending owls")
    assert words in await said(app, "preview (trending owls)")
    assert "search trending larks" in await said(app, "trending larks")
    assert "subscribe (trending larks)" in await said(app, "search trending larks")
    assert 'subscribe about:"trending: zebras now?"' in await said(app, "trending: zebras now?")
    await said(app, words)
    assert "subscribe (trending owls)" in await said(app, "unsubscribe all")


async def test_many_channels_with_one_ranking_get_it_at_once(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await announced(app, source, [voted(number, 100 - number) for number in range(1, 8)])
    for name in ("one", "two"):
        await app.front_door().answer("subscribe trending", app.terminal.make_caller(name))
    with statements() as told:
        text = await posted(app, clock, 10)
    assert text.count("Owls 01") == 2
    assert sum("papers.upvotes >" in statement for statement in told) == 1
    await app.front_door().answer("subscribe trending", app.terminal.make_caller("three"))
    text = await posted(app, clock, 11)
    assert [text.count(f"Owls {number:02}") for number in (1, 6, 7)] == [1, 2, 2]


async def test_a_topic_that_cannot_be_answered_any_more_holds_up_no_other(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe owls")
    with app.database.begin() as tx:
        channel = tx.channels.get(app.terminal.make_address("local"))
        assert channel is not None
        tx.channels.subscribe(channel.id, parse_query("trending:week about:owls"), DAILY, "", clock.now)
    await announced(app, source, [voted(1, 9)])
    line = receipt_of(await say(app, "preview")).lines[-1]
    assert line.counts.startswith("0 ranked, 0 matched, 0 shown, failed: `about:")
    assert "needs the semantic index" in line.detail
    assert "Owls 01" in await posted(app, clock, 10)


async def test_a_digest_that_was_had_leaves_nothing_behind(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe trending")
    await said(app, "subscribe owls days:now")
    await announced(app, source, [voted(1, 9)])
    clock.now += timedelta(hours=1)
    await app.make_rounds().post_digests()
    assert "Owls 01" in printed(app)
    assert await posted(app, clock, 10) == ""
    with app.database.begin() as tx:
        assert tx.digests.find_candidates([1, 2]) == {}
    await announced(app, source, [replace(voted(1, 9), version=2), voted(2, 3)], DAY)
    text = await posted(app, clock, 11)
    assert (text.count("Owls 01"), text.count("Owls 02")) == (0, 1)
