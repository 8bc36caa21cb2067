"""What is subscribed at once, beside the daily digest, as a team types it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.bootstrap import App
from bot.services.plan_digests import plan_at_once
from tests.apps import ListedSource, SetClock, an_app, batch, paper, printed
from tests.conversations import talk
from tests.conversations.talk import said
from tests.databases import new_database, put_in, statements

pytestmark = pytest.mark.usefixtures("each_engine")
DAY = "2025-10-10"


async def posted(app: App, clock: SetClock, at: str) -> str:
    """What a tick at that time of the day posts."""
    return await talk.posted(app, clock, at if "T" in at else f"{DAY}T{at}")


async def announced(app: App, source: ListedSource, *titles: str, day: str = DAY) -> None:
    source.batches = [batch("arxiv", day, [paper(10 + n, title) for n, title in enumerate(titles)])]
    await app.make_rounds().ingest_all()


async def test_a_paper_goes_out_at_once_and_not_again(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    assert "at once" in await said(app, "subscribe larks days:now")
    await said(app, "subscribe owls OR larks")
    assert "at once" in await said(app, "list")
    clock.set(f"{DAY}T01:00")
    await announced(app, source, "Larks sing", "Owls hoot")

    early = await posted(app, clock, "01:01")
    assert "Larks sing" in early
    assert "Owls hoot" not in early
    assert "1 paper for Friday 10 October 2025" in early
    assert "arxiv" in early
    assert await posted(app, clock, "01:30") == ""
    daily = await posted(app, clock, "09:00")
    assert "Owls hoot" in daily
    assert "Larks sing" not in daily


async def test_the_daily_receipt_tells_what_was_shown_at_once(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe larks days:now")
    await said(app, "subscribe owls")
    await said(app, "settings limit:1")
    await announced(app, source, "Larks sing", "Larks fly", "Owls hoot")
    early = await posted(app, clock, "01:00")
    assert "3 announced, 3 matched, 1 shown, complete" in early
    daily = await posted(app, clock, "09:00")
    assert "3 announced, 3 matched, 1 shown, 1 shown earlier, complete" in daily, "what was cut off was not"


async def test_sources_that_answer_soon_after_each_other_come_together(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe larks days:now")
    await announced(app, source, "Larks sing")
    assert "Larks sing" in await posted(app, clock, "01:00")
    await announced(app, source, "Larks sing", "Larks fly")
    assert await posted(app, clock, "01:14") == ""
    await announced(app, source, "Larks sing", "Larks fly", "Larks nest")
    late = await posted(app, clock, "01:15")
    assert ("Larks fly" in late, "Larks nest" in late, "Larks sing" in late) == (True, True, False)


@pytest.mark.parametrize("which", ["", "#1 "])
async def test_a_pause_holds_it_back_and_loses_nothing(
    app: App, clock: SetClock, source: ListedSource, which: str
) -> None:
    await said(app, "subscribe larks days:now")
    await said(app, f"pause {which}")
    await announced(app, source, "Larks sing")
    assert await posted(app, clock, "10:00") == ""
    await said(app, f"pause {which}until:2025-10-12")
    assert await posted(app, clock, "23:00") == ""
    assert "Larks sing" in await posted(app, clock, "2025-10-12T00:00")


async def test_when_it_comes_is_said_truly(app: App) -> None:
    soon, dated = "posted as soon as papers match.", "posted as soon as papers match, from 2025-10-12 on."
    assert soon in await said(app, "subscribe larks days:now")
    await said(app, "subscribe owls days:now")
    for command in ("settings", "settings limit:9", "unsubscribe #2", "resume", "resume #1", "list"):
        answer = " ".join((await said(app, command)).split())
        assert soon in answer, command
        assert "No digest is due" not in answer, command
    for command in ("pause #1 until:2025-10-12", "list", "resume #1", "pause until:2025-10-12", "list"):
        answer = " ".join((await said(app, command)).split())
        assert (soon if command == "resume #1" else dated) in answer, command
    assert "No digest is due" in await said(app, "pause #1")


async def test_who_subscribes_again_gets_it_at_once_again(app: App) -> None:
    await said(app, "subscribe larks days:now")
    assert "'subscribe larks days:now'" in await said(app, "unsubscribe #1")
    await said(app, "subscribe owls")
    assert "'subscribe owls'" in await said(app, "unsubscribe #2")


async def test_what_is_muted_does_not_go_out(app: App, clock: SetClock, source: ListedSource) -> None:
    await said(app, "subscribe larks days:now")
    await said(app, "mute larks")
    await announced(app, source, "Larks sing")
    assert await posted(app, clock, "10:00") == ""


async def test_a_daily_subscription_that_is_now_wanted_at_once(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe larks")
    await announced(app, source, "Larks sing")
    assert await posted(app, clock, "01:00") == ""
    await said(app, "subscribe larks days:now")
    assert "Larks sing" in await posted(app, clock, "01:01")
    await said(app, "subscribe larks days:daily")
    assert await posted(app, clock, "09:00") == ""


async def test_the_latest_digest_is_the_one_that_was_planned_last(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    await said(app, "subscribe larks days:now")
    await said(app, "subscribe owls")
    await said(app, "settings limit:1")
    await announced(app, source, "Owls hoot", "Owls sleep", "Larks sing", "Larks fly")
    await posted(app, clock, "01:00")
    assert "Larks" in await said(app, "show more")
    await posted(app, clock, "09:00")
    assert "Owls" in await said(app, "show more")
    await announced(
        app, source, "Owls hoot", "Owls sleep", "Larks sing", "Larks fly", "Larks nest", "Larks tire"
    )
    await posted(app, clock, "10:00")
    assert "Larks" in await said(app, "show more")


async def test_many_channels_are_planned_together(app: App, clock: SetClock, source: ListedSource) -> None:
    asked: list[int] = []
    for names in (["one"], [f"room-{number}" for number in range(10)]):
        for name in names:
            await app.front_door().answer("subscribe larks days:now", app.terminal.make_caller(name))
        await announced(app, source, *(f"Larks sing {number}" for number in range(len(names))))
        clock.set(f"{DAY}T01:{len(asked)}0")
        with statements() as told:
            assert plan_at_once(app.database, clock()) == len(names)
        asked.append(len(told))
    assert asked[1] < 2 * asked[0]


@given(
    steps=st.lists(st.tuples(st.sampled_from(["now", "daily"]), st.integers(1, 30)), min_size=1, max_size=6)
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_paper_comes_once(
    each_engine: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, int]],
) -> None:
    folder = tmp_path_factory.mktemp("once")
    clock, source = SetClock("2025-10-09T18:00"), ListedSource("arxiv")
    names: list[str] = []
    minutes = 0
    with new_database(each_engine, request, folder) as url:
        put_in(folder, url)
        app = an_app(folder, clock, source)
        for number, (days, wait) in enumerate(steps):
            await said(app, f"subscribe larks days:{days}")
            names.append(f"Larks sing {number:03}")
            await announced(app, source, *names)
            minutes += wait
            await posted(app, clock, f"0{1 + minutes // 60}:{minutes % 60:02}")
        await posted(app, clock, "2025-10-11T09:00")
        await posted(app, clock, "2025-10-12T09:00")
        app.database.close()
    assert [printed(app).count(name) for name in names] == [1] * len(names)
