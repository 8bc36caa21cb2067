"""How well searches rank, against plain BM25 in the same run: `python -m benchmarks.relevance`.

Each judged collection is stored as `paperboy ingest --file` stores it, and asked as `paperboy search` asks.
The peer is SQLite FTS5 as it comes: its own Porter tokenizer and bm25(), any word of the question.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.ranking.index import TantivyRanker
from benchmarks.judged import Judged, model, ndcg, needed, recall, stored
from bot.search.plan import plan_search
from bot.search.typed import parse_search
from bot.services.search import Searcher
from bot.services.semantic import Meaning
from storage.database import Database

COLLECTIONS = ("cranfield", "ijcai")
AIM = 1.10
"""The gain in nDCG@10 over BM25 on Cranfield that is aimed at."""
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Result:
    """Of all questions: mean nDCG@10, mean recall@100, median milliseconds."""

    ndcg: float
    recall: float
    milliseconds: float


def main() -> None:
    """Measure every collection; the exit code is 1 where the aim is missed."""
    parser = argparse.ArgumentParser(description="How well searches rank.")
    parser.add_argument("--folder", type=Path, help="Keep the databases here, for the next run.")
    asked = parser.parse_args()
    needed()
    meaning = model()
    with TemporaryDirectory() as temporary:
        gains = [_report(Judged(name), asked.folder or Path(temporary), meaning) for name in COLLECTIONS]
    sys.exit(gains[0] < AIM)


def _report(judged: Judged, folder: Path, meaning: Meaning) -> float:
    """Print one collection, and return the gain in nDCG@10."""
    database, speed = stored(judged, folder, meaning)
    ranker = TantivyRanker(folder / f"{judged.name}-index")
    bm25 = measured(judged, _fts5(judged))
    words = measured(judged, _ours(database, Searcher(ranker)))
    ours = measured(judged, _ours(database, Searcher(ranker, meaning)))
    database.close()
    papers, questions = len(judged.papers), len(judged.questions)
    print(f"{judged.name}: {papers:,} papers, {questions} questions; {speed:.0f} papers embedded a second")
    for name, found in (("FTS5's BM25", bm25), ("by words alone", words), ("paperboy", ours)):
        print(
            f"  {name:15} nDCG@10 {found.ndcg:.4f} ({found.ndcg / bm25.ndcg - 1:+.1%})"
            f"   recall@100 {found.recall:.4f} ({found.recall / bm25.recall - 1:+.1%})"
            f"   {found.milliseconds:6.1f} ms"
        )
    return ours.ndcg / bm25.ndcg


def measured(judged: Judged, answer: Callable[[str], Sequence[str]]) -> Result:
    """What `answer`, which gives the ids of papers in order, is worth."""
    gains, found, times = [], [], []
    for name, text in judged.questions.items():
        started = time.perf_counter()
        ids = answer(text)
        times.append(1000 * (time.perf_counter() - started))
        gains.append(ndcg(ids, judged.grades[name]))
        found.append(recall(ids, judged.grades[name]))
    return Result(statistics.mean(gains), statistics.mean(found), statistics.median(times))


def _ours(database: Database, searcher: Searcher) -> Callable[[str], Sequence[str]]:
    def answer(text: str) -> Sequence[str]:
        plan = plan_search(parse_search(text))
        searcher.prepare_search(database, plan)
        with database.begin() as tx:
            return [hit.paper.id.value for hit in searcher.search(tx, plan, _DEPTH).hits]

    return answer


def _fts5(judged: Judged) -> Callable[[str], Sequence[str]]:
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE VIRTUAL TABLE papers USING fts5(id UNINDEXED, title, text, tokenize='porter unicode61')"
    )
    rows = ((paper["id"], paper["title"], paper["text"]) for paper in judged.papers)
    base.executemany("INSERT INTO papers VALUES (?, ?, ?)", rows)
    find = f"SELECT id FROM papers WHERE papers MATCH ? ORDER BY rank LIMIT {_DEPTH}"  # noqa: S608 - a number

    def answer(text: str) -> Sequence[str]:
        words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", text))
        return [name for (name,) in base.execute(find, (words,))]

    return answer


if __name__ == "__main__":
    main()
