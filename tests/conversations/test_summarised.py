"""Summaries by a model: on the cards of papers that matched, with its name, and never in a digest's way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.http import Patience
from adapters.summaries import ChatSummariser
from bot.bootstrap import App, doctor_findings
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from tests.apps import ListedSource, SetClock, an_app, batch, paper, printed
from tests.standins.chat_model import GOOD, KEY, ChatModel

pytestmark = pytest.mark.usefixtures("each_engine")

QUICK = Patience(attempts=1, first_wait=0.01, longest_wait=1.0)
OWLS = paper(1, "Owls that plan", "Animals have long been watched. We show that owls plan their hunts.")
CAME = replace(paper(2, "Owls that sleep", "Owls sleep by day."), summary="It came with the paper.")
LARKS = paper(3, "Larks that sing", "Larks sing by day.")
BARE = paper(4, "Owls without a word")


@pytest.fixture
def clock() -> SetClock:
    return SetClock("2025-10-10T05:00")


@pytest.fixture
async def model() -> AsyncIterator[ChatModel]:
    async with ChatModel() as served:
        yield served


@pytest.fixture
async def app(tmp_path: Path, clock: SetClock, model: ChatModel) -> AsyncIterator[App]:
    async with ChatSummariser(url=model.url, model="small-1", key=KEY, patience=QUICK) as summariser:
        app = replace(an_app(tmp_path, clock), summariser=summariser)
        await said(app, "subscribe owls")
        await announced(app, OWLS, CAME, LARKS, BARE)
        yield app
        app.database.close()


async def said(app: App, text: str) -> str:
    return str(await app.front_door().answer(text, app.terminal.make_caller("local")))


async def announced(app: App, *papers: Paper, day: str = "2025-10-10") -> None:
    source = ListedSource("arxiv", batch("arxiv", day, papers))
    await replace(app, sources=[source]).make_rounds().ingest_all()


def stored(app: App, number: int) -> tuple[str, str]:
    with app.database.begin() as tx:
        hit = tx.papers.get(PaperId("arxiv", f"2510.{number:05}"))
    assert hit is not None
    return hit.paper.summary, hit.paper.summary_by


def failures(app: App) -> int:
    with app.database.begin() as tx:
        return tx.source_polls.failures_of().get("summaries", 0)


async def test_only_papers_that_matched_and_came_without_one_are_asked_about(
    app: App, clock: SetClock, model: ChatModel
) -> None:
    for _ in range(3):
        await app.make_rounds().summarise_papers()

    assert len(model.asked) == 1
    assert "Owls that plan" in model.asked[0]["messages"][1]["content"]
    assert stored(app, 1) == (GOOD, "small-1")
    assert stored(app, 2) == ("It came with the paper.", "")
    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    shown = " ".join(printed(app).replace("│", " ").split())
    assert f"{GOOD} (summary by small-1)" in shown
    assert "It came with the paper." in shown
    assert "It came with the paper. (summary by" not in shown
    assert "(summary by small-1)" in await said(app, "show 2510.00001")


async def test_what_cannot_be_used_is_not_shown_and_asked_for_again_a_day_later(
    app: App, clock: SetClock, model: ChatModel
) -> None:
    model.answers.append("See https://example.org for more of this.")
    await app.make_rounds().summarise_papers()
    assert stored(app, 1) == ("", "")
    assert failures(app) == 1
    clock.now += timedelta(hours=2)
    await app.make_rounds().summarise_papers()
    assert len(model.asked) == 1
    await app.make_rounds().post_digests()
    clock.now += timedelta(hours=22)
    await app.make_rounds().summarise_papers()
    assert stored(app, 1) == (GOOD, "small-1")
    assert failures(app) == 0


async def test_an_endpoint_that_fails_is_left_alone_for_a_while_and_holds_up_nothing(
    app: App, clock: SetClock, model: ChatModel
) -> None:
    model.faults.extend(["500", "500"])
    await app.make_rounds().summarise_papers()
    await app.make_rounds().summarise_papers()
    assert (len(model.asked), failures(app)) == (1, 1)
    clock.set("2025-10-10T09:00")
    await app.make_rounds().post_digests()
    assert "We show that owls plan their hunts." in " ".join(printed(app).replace("│", " ").split())
    await app.make_rounds().summarise_papers()
    assert (len(model.asked), failures(app)) == (2, 2)
    clock.now += timedelta(minutes=10)
    await app.make_rounds().summarise_papers()
    assert stored(app, 1) == (GOOD, "small-1")


async def test_a_summary_goes_with_the_abstract_that_it_is_of(app: App, model: ChatModel) -> None:
    await app.make_rounds().summarise_papers()
    await announced(app, replace(OWLS, version=2), day="2025-10-11")
    assert stored(app, 1) == (GOOD, "small-1")
    await announced(app, replace(OWLS, version=3, abstract="We take it all back."), day="2025-10-12")
    assert stored(app, 1) == ("", "")
    with app.database.begin() as tx:
        assert not tx.papers.store_summary(OWLS, "It is of the first version.", "small-1")
    await announced(app, replace(OWLS, version=3, abstract="We take it all back.", summary="Ours."))
    assert stored(app, 1) == ("Ours.", "")


async def test_more_papers_come_by_turns_the_latest_first(app: App, model: ChatModel) -> None:
    await announced(app, *(paper(10 + n, f"Owls {n}", f"Owls are {n}.") for n in range(7)), day="2025-10-11")
    await app.make_rounds().summarise_papers()
    assert len(model.asked) == 5
    assert "Owls 6" in model.asked[0]["messages"][1]["content"]
    await app.make_rounds().summarise_papers()
    assert len(model.asked) == 8
    await app.make_rounds().summarise_papers()
    assert len(model.asked) == 8


async def test_the_doctor_asks_and_says_how_it_stands(app: App, model: ChatModel) -> None:
    async def found(*, offline: bool) -> tuple[bool, str]:
        own = ChatSummariser(url=model.url, model="small-1", key=KEY, patience=QUICK)
        every = [finding async for finding in doctor_findings(replace(app, summariser=own), offline=offline)]
        finding = next(one for one in every if one.what == "summaries")
        return finding.ok, finding.detail

    assert await found(offline=True) == (True, "small-1; 1 matched paper without a summary")
    assert not model.asked
    assert (await found(offline=False))[0]
    model.faults.append("401")
    assert await found(offline=False) == (False, "127.0.0.1 refuses the key (401). Set PAPERBOY_SUMMARY_KEY.")
    model.answers.append("No.")
    assert "set another PAPERBOY_SUMMARY_MODEL" in (await found(offline=False))[1]
    model.faults.append("500")
    await app.make_rounds().summarise_papers()
    assert await found(offline=True) == (
        False,
        "small-1; 1 matched paper without a summary; failed 1 time in a row",
    )
