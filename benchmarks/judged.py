"""Judged collections, stored as `paperboy ingest --file` stores them, and the measures of a ranking."""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from adapters.meaning.model import installed_model
from adapters.sources.jsonl import FileSource
from bot.services.embed import embed_missing
from bot.services.ingest import ingest_sources
from bot.services.semantic import Meaning
from storage.database import Database
from tests.recorded import SHARED

JUDGED = SHARED / "relevance"


@dataclass(frozen=True)
class Judged:
    """A collection of papers, questions and judgements, in its folder."""

    name: str

    @property
    def corpus(self) -> Path:
        """Its papers, a line each."""
        return JUDGED / self.name / "corpus.jsonl"

    @cached_property
    def papers(self) -> Sequence[Mapping[str, Any]]:
        """As they stand in the file."""
        return _lines(self.corpus)

    @cached_property
    def questions(self) -> Mapping[str, str]:
        """The text of each question that has a judgement, by its id."""
        asked = {row["id"]: row["text"] for row in _lines(JUDGED / self.name / "queries.jsonl")}
        return {name: text for name, text in asked.items() if self.grades.get(name)}

    @cached_property
    def grades(self) -> Mapping[str, Mapping[str, float]]:
        """How well papers answer a question; those that are not named do not."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for line in (JUDGED / self.name / "qrels.tsv").read_text("utf-8").splitlines():
            question, paper, grade = line.split("\t")
            if float(grade) > 0:
                found[question][paper] = float(grade)
        return found


def needed() -> None:
    """End the program where the collections are not on this machine."""
    if not JUDGED.is_dir():
        sys.exit("The judged collections, ../shared/relevance beside the project, are not on this machine.")


def model() -> Meaning:
    """The model that is installed, or the end of the program."""
    found = installed_model()
    if found is None:
        sys.exit("The model is not installed: this needs the extra `meaning`.")
    return Meaning(found)


def stored(judged: Judged, folder: Path, meaning: Meaning) -> tuple[Database, float]:
    """The collection in a database in `folder`, with vectors; and how many papers a second were embedded."""
    database = Database(f"sqlite:///{folder}/{judged.name}.db")
    database.upgrade()
    asyncio.run(_ingested(judged, database))
    started = time.perf_counter()
    papers = sum(embed_missing(database, meaning))
    return database, papers / (time.perf_counter() - started)


async def _ingested(judged: Judged, database: Database) -> None:
    async for _ in ingest_sources(
        FileSource(judged.corpus, judged.name), database, lambda: datetime.now(UTC)
    ):
        pass


def ndcg(found: Sequence[str], grades: Mapping[str, float], depth: int = 10) -> float:
    """Normalised discounted cumulative gain, the gain being the grade (https://doi.org/10.1145/582415.582418)."""
    ideal = _gain(sorted(grades.values(), reverse=True)[:depth])
    return _gain([grades.get(name, 0.0) for name in found[:depth]]) / ideal


def recall(found: Sequence[str], relevant: Collection[str], depth: int = 100) -> float:
    """The share of the relevant papers that stand among the first."""
    return len({*found[:depth]} & {*relevant}) / len(relevant)


def _gain(grades: Sequence[float]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
