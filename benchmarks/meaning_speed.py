"""What search by meaning costs on both kinds of database: part of `benchmarks.search_speed`.

Vectors are random ones: to look at all of them takes as long as with real ones.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from adapters.meaning.model import installed_model
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.ports.search import Unread
from bot.topics.semantic_score import embedded_text
from bot.vectors import Floats
from storage.database import Database
from tests.databases import execute, serving

MILLISECONDS = 50.0
"""What is aimed at, p95."""
NEAREST = {"meaning": 200, "postgresql": 200, "postgresql alerts": 1000}
"""How many are asked for: a search wants 200, a topic 1,000."""
_MODEL = "random"
_SEED = 20251001
_EMBEDDED = 100
_NEW = 1_000
_TIMES = 100
_PAPERS = """
    INSERT INTO papers (key, announced, title, authors, categories, summary, code_url, abstract)
    SELECT 'made:' || n, '2025-10-10', 'Paper', '[]', '[]', '', '', '' FROM generate_series(1, {}) AS n"""


def on_sqlite(url: str, made: Sequence[Paper]) -> dict[str, float]:
    """The figures of a SQLite file whose last `_NEW` papers are new: they come when all others are there."""
    rng = np.random.default_rng(_SEED)
    with closing(Database(url)) as database:
        with database.begin() as tx:
            unread = tx.vectors.papers_without_vector(_MODEL, len(made))
        _add(database, unread[_NEW:], rng)
        figures = {"vectors to file s": _spent(_asking(database, rng))}
        before = _memory()
        with closing(Database(url)) as another:
            figures["next process ms"] = _spent(_asking(another, rng)) * 1000
            figures |= {f"next process {name}": size - before[name] for name, size in _memory().items()}
        figures["1,000 new: vectors s"] = _spent(lambda: _add(database, unread[:_NEW], rng))
        figures["1,000 new: to file s"] = _spent(_asking(database, rng))
        return figures | timed("meaning", [_asking(database, rng)] * _TIMES)


def on_postgresql(size: int) -> dict[str, float]:
    """The figures of PostgreSQL with pgvector."""
    rng = np.random.default_rng(_SEED)
    with serving() as server, server.database() as url, closing(Database(url)) as database:
        execute(url, _PAPERS.format(size))
        paper = Paper(PaperId("made", "1"), "Paper")
        unread = [Unread(key, key, paper) for key in range(1, size + 1)]
        _add(database, unread[_NEW:], rng)
        execute(url, "ANALYZE")
        figures = {"postgresql 1,000 new s": _spent(lambda: _add(database, unread[:_NEW], rng))}
        for name in ("postgresql", "postgresql alerts"):
            figures |= timed(name, [_asking(database, rng, NEAREST[name])] * _TIMES)
        return figures


def embedding(made: Sequence[Paper]) -> dict[str, float]:
    """How many papers the model reads in a second."""
    model = installed_model()
    if not model:
        return {}
    model.embed(["warm"])
    texts = [embedded_text(paper) for paper in made[:_EMBEDDED]]
    return {"embedded per second": len(texts) / _spent(lambda: model.embed(texts))}


def missed(found: Mapping[str, float]) -> list[str]:
    """What is aimed at and not reached."""
    return [f"{name} p95" for name in NEAREST if found[f"{name} p95"] > MILLISECONDS]


def timed(name: str, runs: Sequence[Callable[[], object]]) -> dict[str, float]:
    """Run them; p50 and p95 in milliseconds."""
    return percentiles(name, [_spent(run) for run in runs])


def percentiles(name: str, seconds: Sequence[float]) -> dict[str, float]:
    """Their p50 and p95, in milliseconds."""
    parts = statistics.quantiles(seconds, n=20)
    return {f"{name} p50": statistics.median(seconds) * 1000, f"{name} p95": parts[-1] * 1000}


def _add(database: Database, unread: Sequence[Unread], rng: np.random.Generator) -> None:
    for start in range(0, len(unread), _NEW):
        some = unread[start : start + _NEW]
        with database.begin() as tx:
            tx.vectors.add(_MODEL, some, _unit(rng, len(some)))


def _asking(database: Database, rng: np.random.Generator, limit: int = 200) -> Callable[[], object]:
    def ask() -> None:
        vector = _unit(rng, 1)[0]
        with database.begin() as tx:
            assert tx.vectors.nearest(_MODEL, vector, limit)

    return ask


def _memory() -> dict[str, float]:
    """Megabytes of this process: its own, and of files that others share. Nothing but on Linux."""
    status = Path("/proc/self/status")
    told = status.read_text() if status.exists() else ""
    sizes = dict(re.findall(r"Rss(Anon|File):\s+(\d+) kB", told))
    names = {"Anon": "own MB", "File": "shared MB"}
    return {names[kind]: int(size) / 1024 for kind, size in sizes.items()}


def _spent(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _unit(rng: np.random.Generator, size: int) -> Floats:
    rows: Floats = rng.standard_normal((size, 384), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows
