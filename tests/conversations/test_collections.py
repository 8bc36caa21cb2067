"""A file of papers beside the sources: it passes for none, and one that fails is no failing source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.bootstrap import App, file_source, sample_source
from bot.errors import SourceError, UsageError
from bot.papers.identity import PaperId
from bot.papers.paper import BadRecord
from bot.ports.sources import Source
from bot.services.ingest import ingest_sources
from tests.apps import SetClock, an_app

LINE = '{"id": "k1", "title": "On kites", "announced": "2026-11-06"}\n'


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = an_app(tmp_path, SetClock("2026-11-09T15:00"))
    yield app
    app.database.close()


async def store(app: App, source: Source) -> None:
    async for _ in ingest_sources(source, app.database, app.clock):
        pass


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("arxiv.jsonl", ""),
        ("huggingface.jsonl.gz", ""),
        ("papers.jsonl", "arXiv"),
        ("papers.jsonl", " ARXIV "),
    ],
)
def test_a_file_cannot_pass_for_a_source(path: str, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        file_source(Path(path), name)

    called = "huggingface" if "huggingface" in path else "arxiv"
    assert (
        str(caught.value)
        == f"A file cannot be named {called}: that is a source. Give it another name: --source my-papers."
    )


def test_a_sample_stands_for_its_source() -> None:
    assert sample_source(Path("arxiv.jsonl"), "arxiv").name == "arxiv"


async def test_two_files_that_are_called_alike_lose_no_paper_silently(app: App, tmp_path: Path) -> None:
    for folder, title in (("one", "On kites and wind"), ("two", "Owls at night")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "corpus.jsonl").write_text(
            LINE.replace("On kites", title) + LINE.replace("k1", folder), encoding="utf-8"
        )
    first, second, again = [
        [
            done
            async for done in ingest_sources(
                file_source(tmp_path / folder / "corpus.jsonl"), app.database, app.clock
            )
        ]
        for folder in ("one", "two", "two")
    ]
    taken = BadRecord(
        "id k1", "Another paper has it: ingest this file under a name of its own, --source NAME."
    )

    assert [(done.announced, done.new, done.bad) for done in (*first, *second, *again)] == [
        (2, 2, ()),
        (1, 1, (taken,)),
        (1, 0, (taken,)),
    ]
    await store(app, file_source(tmp_path / "two" / "corpus.jsonl", "night"))
    with app.database.begin() as tx:
        found = [tx.papers.get(PaperId(name, "k1")) for name in ("corpus", "night")]
    assert [hit.paper.title for hit in found if hit] == ["On kites and wind", "Owls at night"]


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "k1", "title": "On kites in the wind", "announced": "2026-11-06"}\n',
        '{"id": "k1", "title": "Now called otherwise", "text": "Kites fly.", "announced": "2026-11-06"}\n',
    ],
)
async def test_a_corrected_title_is_none_of_another_paper(app: App, tmp_path: Path, line: str) -> None:
    first = LINE.replace('"announced"', '"text": "Kites fly.", "announced"').replace(
        "On kites", "Kites in wind"
    )
    for text in (first, line):
        (tmp_path / "kites.jsonl").write_text(text, encoding="utf-8")
        found = [
            done
            async for done in ingest_sources(file_source(tmp_path / "kites.jsonl"), app.database, app.clock)
        ]
        assert [(done.announced, done.bad) for done in found] == [(1, ())]


async def test_a_collection_is_stored_under_its_name(app: App, tmp_path: Path) -> None:
    (tmp_path / "arxiv.jsonl").write_text(LINE, encoding="utf-8")
    await store(app, file_source(tmp_path / "arxiv.jsonl", "club"))

    with app.database.begin() as tx:
        assert tx.papers.complete_days("club") == {date(2026, 11, 6)}
        assert not tx.papers.complete_days("arxiv")


async def test_a_file_that_cannot_be_read_stands_in_no_receipt(app: App, tmp_path: Path) -> None:
    before = app.clock()
    with pytest.raises(SourceError, match="cannot be read"):
        await store(app, file_source(tmp_path / "mistyped.jsonl"))

    with app.database.begin() as tx:
        assert tx.papers.stored_batches(before) == []
