"""How good topics by meaning are as alerts, against all words required: `python -m benchmarks.alerts`.

A channel subscribes to every topic of a judged collection when the papers of 2020 to 2022 are stored; then
those of 2023 and 2024 come in, and what is matched is held against the judgements. These are incomplete: a
paper that is not marked may still fit, so that the figures compare, and say little by themselves.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.sources.jsonl import FileSource
from benchmarks.judged import Judged, model, needed
from bot.channels.channel import Address, Channel
from bot.channels.schedule import DAILY
from bot.papers.analyser import split_words
from bot.services.embed import embed_missing, match_waiting
from bot.services.ingest import ingest_sources
from bot.services.semantic import Meaning
from bot.topics.query import About, And, Query, Word, join_parts
from bot.topics.strictness import Strictness
from storage.database import Database

COLLECTION = "ijcai"
SPLIT = 2023
"""Papers of this year and later are new."""
AIM = 1.6
"""The F1 of topics by meaning at the default strictness, as a multiple of that of all words required."""
NOW = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """Means over the topics."""

    precision: float
    recall: float
    f1: float
    matched: float


def main() -> None:
    """Measure, print, and end with exit code 1 where the aim is missed."""
    needed()
    judged, meaning = Judged(COLLECTION), model()
    with TemporaryDirectory() as folder:
        alerts = matched(judged, meaning, Path(folder))
    results = {name: _result(judged, found) for name, found in alerts.items()}
    base = results["all words required"].f1
    for name, found in results.items():
        print(
            f"{name:20} precision {found.precision:.3f}  recall {found.recall:.3f}  F1 {found.f1:.3f}"
            f"  ({found.f1 / base:.2f} times)  {found.matched:.1f} papers a topic"
        )
    sys.exit(results[f"by meaning, {Strictness.NORMAL}"].f1 < AIM * base)


def matched(judged: Judged, meaning: Meaning, folder: Path) -> Mapping[str, Mapping[str, Collection[str]]]:
    """For each way to subscribe, the ids of the new papers that each topic matched."""
    database = Database(f"sqlite:///{folder}/papers.db")
    database.upgrade()
    _store(judged, database, meaning, folder / "old.jsonl", [p for p in judged.papers if p["year"] < SPLIT])
    ways = {f"by meaning, {one}": _subscribed(judged, database, one) for one in Strictness}
    ways["all words required"] = _subscribed(judged, database, None)
    _store(judged, database, meaning, folder / "new.jsonl", [p for p in judged.papers if p["year"] >= SPLIT])
    found = {name: _matched(database, channel, topics) for name, (channel, topics) in ways.items()}
    database.close()
    return found


def _store(
    judged: Judged, database: Database, meaning: Meaning, path: Path, papers: Iterable[Mapping[str, object]]
) -> None:
    path.write_text("".join(json.dumps(paper) + "\n" for paper in papers), encoding="utf-8")

    async def work() -> None:
        async for _ in ingest_sources(FileSource(path, judged.name), database, lambda: NOW):
            pass

    asyncio.run(work())
    for _ in embed_missing(database, meaning):
        pass
    match_waiting(database, meaning)


def _subscribed(
    judged: Judged, database: Database, strictness: Strictness | None
) -> tuple[int, Mapping[int, str]]:
    """A channel and the topics of its subscriptions; without a strictness, by all of the topic's words."""
    address = Address("terminal", strictness or "words")
    with database.begin() as tx:
        channel = tx.channels.ensure(address, Channel(0, address, time(9), "UTC", 20, NOW))
        topics = {}
        for name, text in judged.questions.items():
            made = tx.channels.subscribe(channel.id, _topic(text, strictness), DAILY, "", NOW)
            topics[made.id] = name
            if strictness:
                tx.channels.save_subscription(replace(made, strictness=strictness))
    return channel.id, topics


def _topic(text: str, strictness: Strictness | None) -> Query:
    return About(text) if strictness else join_parts(And, [Word(word) for word in split_words(text)])


def _matched(database: Database, channel: int, topics: Mapping[int, str]) -> Mapping[str, Collection[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with database.begin() as tx:
        for candidate in tx.digests.find_candidates(topics).get(channel, ()):
            for match in candidate.matches:
                found[topics[match.subscription_id]].add(candidate.paper.id.value)
    return found


def _result(judged: Judged, found: Mapping[str, Collection[str]]) -> Result:
    new = {paper["id"] for paper in judged.papers if paper["year"] >= SPLIT}
    rows = [
        _measures({*found.get(name, ())}, relevant)
        for name in judged.questions
        if (relevant := new & judged.grades[name].keys())
    ]
    return Result(*(statistics.mean(column) for column in zip(*rows, strict=True)))


def _measures(found: Collection[str], relevant: Collection[str]) -> Sequence[float]:
    hits = len({*found} & {*relevant})
    precision, recall = hits / len(found) if found else 0.0, hits / len(relevant)
    return precision, recall, 2 * hits / (len(found) + len(relevant)), float(len(found))


if __name__ == "__main__":
    main()
