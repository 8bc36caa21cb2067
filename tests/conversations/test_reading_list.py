"""What people keep, and take along into other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.commands.handlers import reading_list as keeping
from bot.messages.blocks import Code, Message
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from tests.apps import ListedSource, SetClock, an_app, batch, paper, titles

ANN = Caller(Address("slack", "T1/C1"), "ann")
ELSEWHERE = Caller(Address("slack", "T1/C2"), "ann")
BEN = Caller(Address("slack", "T1/C1"), "ben")
OUTSIDE = PaperId("arxiv", "1706.03762")
STORED = [
    paper(n, f"Agents that plan, part {n}", authors=("Ann Author",), published=date(2025, 10, 9))
    for n in range(1, 9)
]


class Outside:
    """A look-up that has one paper."""

    async def paper(self, paper_id: PaperId) -> Paper | None:
        return Paper(OUTSIDE, "Attention") if paper_id == OUTSIDE else None


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    source = ListedSource("arxiv", batch("arxiv", "2025-10-10", STORED))
    made = replace(an_app(tmp_path, SetClock("2025-10-10T08:00"), source), lookup=Outside())
    await made.make_rounds().ingest_all()
    yield made
    made.database.close()


async def asked(app: App, text: str, caller: Caller = ANN) -> Message:
    return await app.front_door().answer(text, caller)


def codes(message: Message) -> list[str]:
    return [block.text for block in message.blocks if isinstance(block, Code)]


async def test_a_list_is_its_readers_alone(app: App) -> None:
    assert (await asked(app, "saved")).title == "Your reading list is empty"
    assert (await asked(app, "save https://arxiv.org/abs/2510.00003v2")).title == "Saved"
    assert (await asked(app, "save 2510.00003")).title == "Already saved"
    assert (await asked(app, "save 1706.03762")).title == "Saved", "also what is not stored"

    assert titles(await asked(app, "saved", ELSEWHERE)) == ["Attention", "Agents that plan, part 3"]
    assert (await asked(app, "saved", BEN)).title == "Your reading list is empty"
    assert (await asked(app, "save 9912.99999")).title.endswith("is not known here")


async def test_a_list_has_pages(app: App) -> None:
    for number in range(1, 8):
        await asked(app, f"save 2510.{number:05}")
    first = await asked(app, "saved")
    assert first.title == "Your reading list: 7 papers, page 1 of 2"
    assert titles(first)[0] == "Agents that plan, part 7"
    assert titles(await asked(app, "saved page:2")) == [
        "Agents that plan, part 2",
        "Agents that plan, part 1",
    ]
    assert (await asked(app, "saved page:9")).title.endswith("page 2 of 2")


async def test_papers_come_off_the_list(app: App) -> None:
    await asked(app, "save 2510.00001")
    await asked(app, "save 2510.00002")
    assert (await asked(app, "unsave 2510.00001", BEN)).title == "Nothing to remove"
    assert (await asked(app, "unsave 2510.00001")).title == "Removed from your reading list"
    assert titles(await asked(app, "saved")) == ["Agents that plan, part 2"]
    assert (await asked(app, "unsave all")).title == "Removed from your reading list"
    assert (await asked(app, "unsave all")).title == "Nothing to remove"


async def test_a_list_has_an_end(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_SAVED", 1)
    await asked(app, "save 2510.00001")
    assert (await asked(app, "save 2510.00002")).title == "Your reading list holds 1 papers."


@pytest.mark.parametrize(("kind", "mark"), [("", "@misc{"), ("bibtex", "@misc{"), ("ris", "TY  - UNPB")])
async def test_the_list_is_written_for_reference_managers(app: App, kind: str, mark: str) -> None:
    for number in (1, 2):
        await asked(app, f"save 2510.{number:05}")
    answer = await asked(app, f"export {kind} saved")
    assert "\n".join(codes(answer)).count(mark) == 2
    assert (await asked(app, "export", BEN)).title == "Nothing to export"


async def test_one_paper_is_exported_by_its_id(app: App) -> None:
    [entry] = codes(await asked(app, "export bibtex arxiv:2510.00003"))
    assert "eprint = {2510.00003}" in entry
    [entry] = codes(await asked(app, "export ris 1706.03762"))
    assert "TI  - Attention" in entry
    assert (await asked(app, "export 9912.99999")).title.endswith("is not known here")


async def test_a_topic_is_exported_with_what_is_left_out(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_EXPORTED", 3)
    answer = await asked(app, "export csv agents plan")
    [text] = codes(answer)
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:2] == ["id", "title"]
    assert len(rows) == 1 + 3
    assert "Showing the latest 3 of 8" in str(answer.blocks)


async def test_a_digest_is_exported_whole(app: App) -> None:
    assert "not had a digest yet" in str((await asked(app, "export json digest")).blocks)
    assert "not had a digest yet" in str((await asked(app, "show more")).blocks)
    assert "fits pdf. (The formats, of which one comes first: bibtex," in str(await asked(app, "export pdf"))
    await asked(app, "settings limit:1")
    await asked(app, "subscribe agents")
    source = ListedSource(
        "arxiv", batch("arxiv", "2025-10-11", [paper(20, "Agents"), paper(21, "=agents()")])
    )
    assert isinstance(app.clock, SetClock)
    rounds = replace(app.make_rounds(), sources=[source])
    await rounds.ingest_all()
    app.clock.set("2025-10-11T09:00")
    await rounds.post_digests()

    read = [
        json.loads(line) for line in "\n".join(codes(await asked(app, "export json digest"))).splitlines()
    ]
    assert {one["title"] for one in read} == {"Agents", "=agents()"}
    cells = "\n".join(codes(await asked(app, "export csv digest")))
    assert "'=agents()" in cells, "no formula to a spreadsheet"


async def test_a_long_export_has_pages_that_hold_all_of_it(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "CODE", 500)
    monkeypatch.setattr(keeping, "CODES", 2)
    found: list[str] = []
    page = 1
    while True:
        answer = await asked(app, f"export bibtex agents page:{page}")
        found += codes(answer)
        if "Next page" not in str(answer.blocks):
            break
        page += 1
    assert page > 1
    assert all(len(text) <= 500 for text in found)
    assert all(f"eprint = {{2510.{number:05}}}" in "\n".join(found) for number in range(1, 9))
