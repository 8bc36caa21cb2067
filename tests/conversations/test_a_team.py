"""Lives of a channel, through the user's own door: commands in, messages out, digests posted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.errors import SourceError
from bot.messages import Coverage, Message, Note, ReceiptLine
from bot.papers.identity import PaperId
from bot.papers.paper import BadRecord, Kind, Paper, Signals
from tests.apps import ListedSource, SetClock, an_app, batch, paper, printed, receipt_of, titles

pytestmark = pytest.mark.usefixtures("each_engine")

MISALIGNED = paper(1, "Emergent misalignment in small models", "Finetuning narrows.", authors=("Ann Author",))
AGENTS = paper(2, "Agents that plan", "We plan with tools.", categories=("cs.AI",))
MORE_AGENTS = paper(3, "Planning agents, again", categories=("cs.AI",))
VISION = paper(4, "Diffusion for images", categories=("cs.CV",))


@pytest.fixture
def clock() -> SetClock:
    return SetClock("2025-10-09T18:00")


@pytest.fixture
def arxiv() -> ListedSource:
    return ListedSource("arxiv")


@pytest.fixture
def app(tmp_path: Path, clock: SetClock, arxiv: ListedSource) -> Iterator[App]:
    app = an_app(tmp_path, clock, arxiv)
    yield app
    app.database.close()


async def say(app: App, text: str, place: str = "local") -> Message:
    return await app.commands().answer(text, app.terminal.caller(place))


def text_of(message: Message) -> str:
    return f"{message.title} {message.blocks}"


async def test_a_day_from_subscription_to_digest(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    answer = await say(app, "subscribe emergent misalignment")
    assert answer.title == "Subscribed"
    assert "Fri 10 October 09:00 (UTC)" in text_of(answer)

    clock.set("2025-10-10T08:00")
    arxiv.batches = [batch("arxiv", "2025-10-10", [MISALIGNED, AGENTS])]
    await app.rounds().ingest()
    await app.rounds().digest()
    assert printed(app) == ""

    clock.set("2025-10-10T09:00")
    await app.rounds().digest()
    shown = printed(app)
    assert "1 paper for Friday 10 October 2025" in shown
    assert "Emergent misalignment in small models" in shown
    assert "“emergent” and “misalignment” in the title" in shown
    assert "2 announced, 1 matched, 1 shown, complete" in shown

    for hour in ("09:01", "10:00", "23:59"):
        clock.set(f"2025-10-10T{hour}")
        await app.rounds().ingest()
        await app.rounds().digest()
    assert printed(app) == shown, "the same day is posted once"


async def test_one_paper_once_a_channel_whatever_happens_to_it(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agent*")
    await say(app, "subscribe upvotes:>=5")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.rounds().ingest()
    clock.set("2025-10-10T09:00")
    await app.rounds().digest()
    assert printed(app).count("Agents that plan") == 1

    second = replace(AGENTS, version=2, title="Agents that plan, revised")
    voted = replace(AGENTS, signals=Signals(upvotes=50))
    arxiv.batches = [
        batch("arxiv", "2025-10-11", [second], kind=Kind.REPLACE),
        batch("arxiv", "2025-10-12", [AGENTS], kind=Kind.CROSS),
        batch("huggingface", "2025-10-12", [voted]),
    ]
    await app.rounds().ingest()
    clock.set("2025-10-13T09:00")
    await app.rounds().digest()
    assert printed(app).count("Agents that plan") == 1
    assert "▲ 50" in text_of_terminal(app, await say(app, "show 2510.00002"))


def text_of_terminal(app: App, message: Message) -> str:
    before = len(printed(app))
    app.terminal.show(message)
    return printed(app)[before:]


async def test_two_channels_get_their_own(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents", "lab")
    await say(app, "subscribe cat:cs.* at:10:00 tz:Europe/Berlin", "berlin")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS, VISION])]
    await app.rounds().ingest()

    clock.set("2025-10-10T08:00")
    await app.rounds().digest()
    assert "terminal:berlin" in printed(app)
    assert "terminal:lab" not in printed(app)

    clock.set("2025-10-10T09:00")
    await app.rounds().digest()
    assert printed(app).count("Agents that plan") == 2
    assert printed(app).count("Diffusion for images") == 1


async def test_the_cap_says_how_many_more_and_shows_them_on_demand(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "settings limit:2")
    await say(app, "subscribe cat:cs.AI")
    await say(app, "subscribe cat:cs.CV")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS, MORE_AGENTS, VISION])]
    await app.rounds().ingest()

    digest = await say(app, "preview")
    assert titles(digest) == ["Agents that plan", "Diffusion for images"], "each topic has its turn"
    assert Note("and 1 more") in digest.blocks

    clock.set("2025-10-10T09:00")
    await app.rounds().digest()
    assert titles(await say(app, "show more")) == ["Planning agents, again"]
    assert titles(await say(app, "preview")) == [], "what was listed is not repeated"


async def test_a_late_batch_is_waited_for_and_then_said(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents")
    arxiv.expected = date(2025, 10, 10)
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS], complete=False)]
    await app.rounds().ingest()

    clock.set("2025-10-10T11:59")
    await app.rounds().digest()
    assert printed(app) == ""

    clock.set("2025-10-10T12:00")
    await app.rounds().digest()
    assert "1 announced, 1 matched, 1 shown, late" in printed(app)


async def test_a_late_batch_that_comes_ends_the_wait(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents")
    arxiv.expected = date(2025, 10, 10)
    clock.set("2025-10-10T09:30")
    await app.rounds().digest()
    assert printed(app) == ""

    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.rounds().ingest()
    await app.rounds().digest()
    assert "1 announced, 1 matched, 1 shown, complete" in printed(app)


async def test_a_source_that_fails_is_said_and_repaired(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents")
    arxiv.expected = date(2025, 10, 10)
    arxiv.batches = [SourceError("rss.arxiv.org answered 503.")]
    await app.rounds().ingest()
    [line] = receipt_of(await say(app, "preview")).lines
    assert line == ReceiptLine(
        "arxiv", date(2025, 10, 10), 0, 0, 0, Coverage.FAILED, detail="rss.arxiv.org answered 503."
    )

    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS], bad=(BadRecord("item 2", "no title"),))]
    await app.rounds().ingest()
    [line] = receipt_of(await say(app, "preview")).lines
    assert line == ReceiptLine("arxiv", date(2025, 10, 10), 1, 1, 1, Coverage.COMPLETE, bad=1)


async def test_nothing_new_is_not_posted(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents")
    arxiv.batches = [batch("arxiv", "2025-10-10", [VISION])]
    await app.rounds().ingest()
    clock.set("2025-10-10T09:00")
    await app.rounds().digest()

    assert printed(app) == ""
    assert "Sat 11 October 09:00" in text_of(await say(app, "list"))


async def test_a_weekly_topic_waits_for_its_day(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents days:mon")
    await say(app, "subscribe cat:cs.CV")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS, VISION])]
    await app.rounds().ingest()
    clock.set("2025-10-10T09:00")
    await app.rounds().digest()
    assert "Agents that plan" not in printed(app)

    clock.set("2025-10-13T09:00")
    await app.rounds().digest()
    assert "Agents that plan" in printed(app)


async def test_three_days_down_give_one_digest_with_all(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe cat:cs.AI")
    days = [("2025-10-10", AGENTS), ("2025-10-11", MORE_AGENTS)]
    arxiv.batches = [batch("arxiv", day, [one]) for day, one in days]
    clock.set("2025-10-12T15:00")
    await app.rounds().ingest()
    await app.rounds().digest()

    assert printed(app).count("papers for") == 1
    assert "2 papers for Sunday 12 October 2025" in printed(app)


async def test_pause_keeps_what_matches_meanwhile(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents")
    assert "paused" in text_of(await say(app, "pause"))
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.rounds().ingest()
    clock.set("2025-10-10T09:00")
    await app.rounds().digest()
    assert printed(app) == ""

    await say(app, "resume")
    clock.set("2025-10-11T09:00")
    await app.rounds().digest()
    assert "Agents that plan" in printed(app)


async def test_one_subscription_is_paused_by_its_number(app: App) -> None:
    await say(app, "subscribe agents")
    await say(app, "subscribe vision")
    assert "vision: paused" in (await say(app, "pause #2")).title
    assert "paused" in text_of(await say(app, "list"))
    assert "vision: resumed" in (await say(app, "resume 2")).title
    assert "paused" not in text_of(await say(app, "list"))


async def test_the_list_is_what_is_delivered_and_unsubscribing_ends_it(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents")
    assert (await say(app, "subscribe agents days:weekdays")).title.startswith("Already subscribed")
    listed = await say(app, "list")
    assert listed.title == "1 subscription"
    assert "weekdays" in text_of(listed)
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.rounds().ingest()

    assert (await say(app, "unsubscribe agents")).title == "Unsubscribed from agents"
    clock.set("2025-10-10T09:00")
    await app.rounds().digest()
    assert printed(app) == ""
    assert (await say(app, "list")).title == "Nothing is subscribed here"


@pytest.mark.parametrize(
    ("text", "title", "mend"),
    [
        ("unsubscribe 7", "This channel has no such subscription.", "There is #1 agents."),
        ("pause 7", "This channel has no such subscription.", "There is #1 agents."),
        ("subscribe -survey", "“-survey” only excludes", "Add what it is about."),
        ('subscribe about:"misaligned models"', "`about:", "Use words"),
        ('search about:"misaligned models"', "`about:", "Use words"),
        ("show 2510.99999", "arxiv:2510.99999 is not known here", "It is not stored"),
        ("show more", "There is no more", ""),
        ("agents page:9", "agents has 1 page", "ask for page:1"),
        ("search agents page:9", "agents has 1 page", "ask for page:1"),
        ("subscribe (agents", "This `(` is not closed.", "Add `)`."),
    ],
)
async def test_what_cannot_be_done_is_answered_with_the_mend(
    app: App, arxiv: ListedSource, text: str, title: str, mend: str
) -> None:
    await say(app, "subscribe agents")
    arxiv.batches = [batch("arxiv", "2025-10-09", [AGENTS])]
    await app.rounds().ingest()

    answer = await say(app, text)

    assert title in answer.title
    assert mend in text_of(answer)


async def test_subscribing_answers_with_a_back_test(app: App, arxiv: ListedSource) -> None:
    assert "No papers of the last 6 weeks are stored" in text_of(await say(app, "preview agents"))
    arxiv.batches = [batch("arxiv", "2025-08-01", [paper(9, "Old agents")])]
    await app.rounds().ingest()
    assert "No papers of the last 6 weeks are stored" in text_of(await say(app, "preview agents"))
    arxiv.batches = [batch("arxiv", "2025-10-01", [AGENTS, MORE_AGENTS, VISION])]
    await app.rounds().ingest()

    test = await say(app, "preview agents")
    assert "2 papers from 1 Oct to 9 Oct, about 1.6 a week" in text_of(test)
    assert sorted(titles(test)) == ["Agents that plan", "Planning agents, again"]
    assert "Nothing matched" in text_of(await say(app, "preview geology"))
    assert (await say(app, "list")).title == "Nothing is subscribed here", "a preview changes nothing"


async def test_search_ranks_papers_with_all_words_first(app: App, arxiv: ListedSource) -> None:
    emergent = [paper(n, f"Emergent thing {n}") for n in range(10, 20)]
    arxiv.batches = [batch("arxiv", "2025-10-01", [*emergent, MISALIGNED, AGENTS])]
    await app.rounds().ingest()

    first = await say(app, "emergent misalignment")
    assert titles(first)[0] == "Emergent misalignment in small models"
    assert first.title == "11 papers for emergent misalignment, page 1 of 3"
    assert len(titles(await say(app, "search emergent misalignment page:3"))) == 1
    assert titles(await say(app, "emergent -thing")) == ["Emergent misalignment in small models"]
    missing = await say(app, "subscirbe zebras")
    assert "Did you mean the command" in text_of(missing)


async def test_a_paper_that_cannot_be_looked_up_is_not_said_to_be_absent(app: App) -> None:
    class Silent:
        async def paper(self, paper_id: PaperId) -> Paper | None:
            raise SourceError("export.arxiv.org did not answer within 60 s.")

    answer = await say(replace(app, lookup=Silent()), "show 2510.99999")

    assert answer.title == "This paper is not stored here, and could not be looked up"
    assert "export.arxiv.org did not answer" in text_of(answer)


async def test_a_digest_that_waits_is_not_skipped_by_a_change(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents days:fri")
    arxiv.expected = date(2025, 10, 10)
    clock.set("2025-10-10T09:30")
    await app.rounds().digest()
    await say(app, "subscribe vision days:fri")
    await say(app, "settings limit:5")
    assert "Fri 10 October 09:00" in text_of(await say(app, "list"))

    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.rounds().ingest()
    await app.rounds().digest()
    assert "Agents that plan" in printed(app)


async def test_a_day_that_had_its_digest_has_no_other(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.rounds().ingest()
    clock.set("2025-10-10T09:00")
    await app.rounds().digest()

    changed = await say(app, "settings at:18:00")
    assert "Sat 11 October 18:00" in text_of(changed)


async def test_what_a_silent_day_would_have_said_is_said_by_the_next_digest(
    app: App, clock: SetClock, arxiv: ListedSource
) -> None:
    await say(app, "subscribe agents")
    arxiv.batches = [batch("arxiv", "2025-10-09", [VISION], bad=(BadRecord("item 2", "no title"),))]
    await app.rounds().ingest()
    clock.set("2025-10-10T09:00")
    await app.rounds().digest()
    assert printed(app) == ""

    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS])]
    await app.rounds().ingest()
    clock.set("2025-10-11T09:00")
    await app.rounds().digest()
    assert "1 announced, 0 matched, 0 shown, complete, 1 unreadable" in printed(app)


async def test_a_preview_is_of_the_topics_of_its_day(app: App, arxiv: ListedSource) -> None:
    await say(app, "subscribe agents days:mon")
    await say(app, "subscribe cat:cs.CV")
    arxiv.batches = [batch("arxiv", "2025-10-10", [AGENTS, VISION])]
    await app.rounds().ingest()

    assert titles(await say(app, "preview")) == ["Diffusion for images"]


async def test_undo_is_not_offered_for_what_was_there(app: App) -> None:
    assert "Undo" in text_of(await say(app, "subscribe agents"))
    assert "Undo" not in text_of(await say(app, "subscribe agents days:mon"))


async def test_trending_ranks_by_votes_and_age(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    arxiv.batches = [
        batch("arxiv", "2025-10-03", [replace(AGENTS, signals=Signals(30))]),
        batch("arxiv", "2025-10-09", [replace(VISION, signals=Signals(20)), MISALIGNED]),
    ]
    await app.rounds().ingest()

    assert titles(await say(app, "trending")) == ["Diffusion for images", "Agents that plan"]
    assert titles(await say(app, "trending day")) == ["Diffusion for images"]
    assert titles(await say(app, "trending month agents")) == ["Agents that plan"]
    assert "Nothing trends on zebras this week" in (await say(app, "trending zebras")).title


async def test_settings_show_and_change(app: App) -> None:
    assert "09:00" in text_of(await say(app, "settings"))
    changed = await say(app, "settings at:18:30 tz:tokyo limit:7")
    assert changed.title == "Settings changed"
    assert "18:30" in text_of(changed)
    assert "Asia/Tokyo" in text_of(await say(app, "settings"))


async def test_help_shows_every_command_and_one_in_full(app: App) -> None:
    every = text_of(await say(app, "help"))
    for name in (
        "subscribe",
        "unsubscribe",
        "list",
        "preview",
        "search",
        "trending",
        "show",
        "pause",
        "resume",
    ):
        assert f"/papers {name}" in every
    assert "days:<days>" in (await say(app, "help subscribe")).title
