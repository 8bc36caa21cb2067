"""The bundled sample: real papers, right facts, and no sentence of anybody else's."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import bot.demo
from adapters.sources.jsonl import FileSource
from bot.papers.identity import ARXIV, parse_id
from tests.recorded import DATA, needs_recordings

FOLDER = Path(bot.demo.__file__).parent
SOURCES = ("arxiv", "huggingface")
DAY = date(2025, 10, 10)
MOST_AUTHORS = 12
"""Of a longer list the sample holds the first ten and the last."""
RUN = 8
"""Words in a row that would be a copied sentence."""

Row = dict[str, Any]


@cache
def rows(source: str) -> tuple[Row, ...]:
    lines = (FOLDER / f"{source}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


EVERY = [(name, row) for name in SOURCES for row in rows(name)]
ANNOUNCED = [(name, row) for name, row in EVERY if "announced" in row]


def named(value: object) -> str:
    """A case by its paper."""
    return value["id"] if isinstance(value, dict) else str(value)


@cache
def recorded() -> dict[tuple[str, str, str], Row]:
    """By source, day and id: title, authors, summary, categories, and votes as recorded."""
    found: dict[tuple[str, str, str], Row] = {}
    for path in sorted(DATA.glob("arxiv_bulk_daily/*.jsonl")):
        # Not splitlines: the text holds U+2028.
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line:
                paper = json.loads(line)
                found.setdefault(("arxiv", path.stem, paper["id"]), paper)
    for path in sorted(DATA.glob("hf_daily_papers/*.json")):
        for item in json.loads(path.read_text(encoding="utf-8")):
            paper = item["paper"]
            paper["authors"] = [author["name"] for author in paper["authors"]]
            found[("huggingface", path.stem, paper["id"])] = paper
    assert found, f"nothing is recorded in {DATA}"
    return found


def fold(text: str) -> str:
    return " ".join(text.split())


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    every = words(text)
    return {tuple(every[at : at + RUN]) for at in range(len(every) - RUN + 1)}


def shortened(names: list[str]) -> list[str]:
    folded = [fold(name) for name in names]
    return folded if len(folded) <= MOST_AUTHORS else [*folded[:10], folded[-1]]


def test_there_are_papers_enough() -> None:
    every = {row["id"] for source in SOURCES for row in rows(source)}
    today = {row["id"] for source in SOURCES for row in rows(source) if row.get("announced") == str(DAY)}

    assert len(every) >= 90
    assert len(today) >= 30


def test_emergent_misalignment_is_there_and_so_is_what_only_sounds_like_it() -> None:
    titles = {row["id"]: row["title"] for source in SOURCES for row in rows(source)}
    on_it = {paper for paper, title in titles.items() if "emergent misalignment" in title.lower()}
    alike = {paper for paper, title in titles.items() if re.search("(?i)emergent|misalignment", title)}

    assert {"2502.17424", "2506.11613", "2506.11618", "2506.13206", "2506.19823", "2510.08211"} <= on_it
    assert len(alike - on_it) >= 6


@pytest.mark.parametrize("source", SOURCES)
def test_an_id_stands_once_in_a_source(source: str) -> None:
    ids = [row["id"] for row in rows(source)]

    assert len(ids) == len(set(ids))


def test_both_sources_say_the_same_of_a_paper() -> None:
    first = {row["id"]: row["abstract"] for row in rows("arxiv")}

    both = [row for row in rows("huggingface") if row["id"] in first]
    assert len(both) >= 10
    assert [row["id"] for row in both if row["abstract"] != first[row["id"]]] == []


@pytest.mark.parametrize(("source", "row"), EVERY, ids=named)
def test_a_line_is_well_formed(source: str, row: Row) -> None:
    paper, version = parse_id(row["id"])
    days = [date.fromisoformat(row[name]) for name in ("published", "announced") if name in row]

    assert (paper.scheme, paper.value, version) == (ARXIV, row["id"], None)
    assert days
    assert max(days) <= DAY
    assert days == sorted(days)
    assert fold(row["title"]) == row["title"]
    assert 40 <= len(row["abstract"]) <= 240
    assert row["abstract"].endswith((".", '."'))
    assert row["authors"]


@pytest.mark.parametrize("source", SOURCES)
async def test_every_line_is_read_as_a_paper(source: str) -> None:
    batches = [batch async for batch in FileSource(FOLDER / f"{source}.jsonl", source).fetch()]

    assert [bad for batch in batches for bad in batch.bad] == []
    read = {item.paper.id.value: item.paper.title for batch in batches for item in batch.announcements}
    assert read == {row["id"]: row["title"] for row in rows(source)}


@needs_recordings
@pytest.mark.parametrize(("source", "row"), ANNOUNCED, ids=named)
def test_the_facts_are_those_recorded(source: str, row: Row) -> None:
    truth = recorded()[(source, row["announced"], row["id"])]

    assert row["title"] == fold(truth["title"])
    assert row["authors"] == shortened(truth["authors"])
    assert set(row.get("categories", ())) <= set(truth.get("categories", ()))
    assert (row.get("upvotes"), row.get("stars")) == (truth.get("upvotes"), truth.get("githubStars"))
    if source == "huggingface":
        assert row["published"] == truth["publishedAt"][:10]


@needs_recordings
@pytest.mark.parametrize(("source", "row"), EVERY, ids=named)
def test_no_sentence_is_copied(source: str, row: Row) -> None:
    theirs = [paper["summary"] for (_, _, paper_id), paper in recorded().items() if paper_id == row["id"]]

    assert not runs(row["abstract"]) & {run for text in theirs for run in runs(text)}
