"""Searching 100,000 papers: Paperboy beside tantivy and SQLite FTS5, and what else a store of them costs.

    python -m benchmarks.search_speed [--papers 100000] [--queries 400] [--json]

The papers are the recorded ones, and as many again as it takes, each of the beginning of one recorded
abstract and the end of another. Queries are 1 to 4 words in a row of recorded titles, stop words left out.
Each engine holds the words that our analyser wrote, answers every query with the ids of its 10 best papers,
and takes turns with the others, query by query, so that a busy machine disturbs all of them alike.
`benchmarks.meaning_speed` adds what search by meaning costs, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import tantivy

from adapters.ranking.index import TantivyRanker
from benchmarks import meaning_speed
from benchmarks.meaning_speed import NEAREST, embedding, on_postgresql, on_sqlite, percentiles, timed
from benchmarks.standing import recorded_papers
from bot.papers.analyser import split_words, stem_word, stem_words
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, Batch, Paper
from bot.papers.stop_words import STOP_WORDS
from bot.search.plan import plan_search
from bot.search.typed import parse_search
from bot.services.search import Searcher
from bot.services.sync_index import keep_up
from storage.database import Database

Engine = Callable[[Sequence[str]], Sequence[int]]
"""Folded words to the numbers of the 10 best papers."""

_SEED = 20251001
_NOW = datetime(2025, 10, 10, 9, tzinfo=UTC)
_SENTENCE = re.compile(r"(?<=\.) ")
_NEW = 1_000
NOISE = 1.05
"""So much apart in one run, two medians are equal."""


def main() -> None:
    """Run and print; the exit code is 1 where something that is aimed at is missed."""
    parser = argparse.ArgumentParser(description="Searching many papers.")
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="paperboy-bench-") as folder:
        found = measure(Path(folder), asked.papers, asked.queries)
    print(json.dumps(found, indent=2) if asked.json else _table(found))
    sys.exit(bool(missed(found)))


def measure(folder: Path, size: int, queries: int) -> dict[str, float]:
    """All figures: milliseconds with p50 and p95, seconds, megabytes and papers per second by their names."""
    recorded = recorded_papers()
    made = list(islice(papers(recorded), size + _NEW))
    asked = list(islice(drawn(recorded), queries))
    database = Database(f"sqlite:///{folder}/papers.db")
    database.upgrade()
    ranker = TantivyRanker(folder / "index")
    figures = _stored(database, ranker, made[:size])
    engines: dict[str, Engine] = {
        "paperboy": lambda told: [key for key, _ in ranker.rank(dict.fromkeys(map(stem_word, told), 1), 10)],
        "tantivy": _tantivy(folder, made[:size]),
        "fts5": _fts5(folder, made[:size]),
    }
    figures |= _compared(engines, asked)
    searcher = Searcher(ranker)
    answers = [partial(_answer, database, searcher, " ".join(told)) for told in asked]
    figures |= timed("whole answer", answers)
    figures |= _new_papers(database, ranker, made[size:])
    database.close()
    # The model first, since it sets how many threads a product takes.
    figures |= embedding(made) | on_sqlite(f"sqlite:///{folder}/papers.db", made) | on_postgresql(len(made))
    figures["peak memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def missed(found: Mapping[str, float]) -> list[str]:
    """What is aimed at and not reached."""
    slower = [
        f"paperboy {part} is slower than {peer}"
        for peer in ("tantivy", "fts5")
        for part in ("p50", "p95")
        if found[f"paperboy {part}"] > NOISE * found[f"{peer} {part}"]
    ]
    return slower + meaning_speed.missed(found)


def papers(recorded: Sequence[Paper]) -> Iterator[Paper]:
    """The recorded papers, then ever more made of them, each under a number of its own."""
    rng = random.Random(_SEED)
    sentences = [_SENTENCE.split(paper.abstract) for paper in recorded]
    number = 0
    while True:
        if number < len(recorded):
            title, abstract = recorded[number].title, recorded[number].abstract
        else:
            first, second = rng.choice(sentences), rng.choice(sentences)
            title = rng.choice(recorded).title
            abstract = " ".join(first[: len(first) // 2 + 1] + second[len(second) // 2 + 1 :])
        number += 1
        yield Paper(PaperId("made", str(number)), title, abstract)


def drawn(recorded: Sequence[Paper]) -> Iterator[list[str]]:
    """1 to 4 words in a row of a title, but for stop words."""
    rng = random.Random(_SEED)
    while True:
        told = [
            word
            for word in split_words(rng.choice(recorded).title)
            if word not in STOP_WORDS and len(word) > 2
        ]
        at = rng.randrange(max(len(told), 1))
        if some := list(dict.fromkeys(told[at : at + rng.randint(1, 4)])):
            yield some


def _stored(database: Database, ranker: TantivyRanker, made: Sequence[Paper]) -> dict[str, float]:
    began = time.perf_counter()
    for start in range(0, len(made), _NEW):
        _store(database, made[start : start + _NEW])
    stored = time.perf_counter()
    keep_up(database, ranker)
    return {"store s": stored - began, "index s": time.perf_counter() - stored}


def _store(database: Database, some: Sequence[Paper]) -> None:
    with database.begin() as tx:
        tx.papers.ingest_batch(Batch("made", date(2025, 10, 10), tuple(map(Announcement, some))), _NOW)


def _tokens(paper: Paper) -> tuple[str, str]:
    title, abstract = stem_words(split_words(paper.title)), stem_words(split_words(paper.abstract))
    return " ".join(title), " ".join(abstract)


def _tantivy(folder: Path, made: Sequence[Paper]) -> Engine:
    """tantivy as one would use it: title and abstract, the title twice its weight, ids out of its store."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=True)
    for name in ("title", "abstract"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    (folder / "tantivy").mkdir()
    index = tantivy.Index(schema, str(folder / "tantivy"))
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("whitespace", spaces)
    with index.writer(heap_size=50_000_000, num_threads=1) as writer:
        for number, paper in enumerate(made):
            title, abstract = _tokens(paper)
            writer.add_document(tantivy.Document(number=number, title=title, abstract=abstract))
        writer.commit()
    index.reload()
    searcher = index.searcher()

    def answer(told: Sequence[str]) -> Sequence[int]:
        clauses = [
            (tantivy.Occur.Should, part)
            for word in map(stem_word, told)
            for part in (
                tantivy.Query.boost_query(tantivy.Query.term_query(schema, "title", word, "freq"), 2.0),
                tantivy.Query.term_query(schema, "abstract", word, "freq"),
            )
        ]
        hits = searcher.search(tantivy.Query.boolean_query(clauses), 10, count=False).hits
        return [searcher.doc(address)["number"][0] for _, address in hits]

    return answer


def _fts5(folder: Path, made: Sequence[Paper]) -> Engine:
    base = sqlite3.connect(folder / "fts5.db")
    base.execute("CREATE VIRTUAL TABLE found USING fts5(title, abstract, content='', tokenize='ascii')")
    with base:
        rows = ((number, *_tokens(paper)) for number, paper in enumerate(made))
        base.executemany("INSERT INTO found(rowid, title, abstract) VALUES (?, ?, ?)", rows)
        base.execute("INSERT INTO found(found) VALUES ('optimize')")
        base.execute("INSERT INTO found(found, rank) VALUES ('rank', 'bm25(2.0, 1.0)')")
    find = "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rank LIMIT 10"

    def answer(told: Sequence[str]) -> Sequence[int]:
        text = " OR ".join(f'"{stem_word(word)}"' for word in told)
        return [number for (number,) in base.execute(find, (text,))]

    return answer


def _compared(engines: Mapping[str, Engine], asked: Sequence[Sequence[str]]) -> dict[str, float]:
    spent: dict[str, list[float]] = {name: [] for name in engines}
    for told in asked[:20]:
        for engine in engines.values():
            engine(told)
    rng = random.Random(_SEED)
    for told in asked:
        for name, engine in rng.sample(sorted(engines.items(), key=lambda item: item[0]), len(engines)):
            began = time.perf_counter()
            found = engine(told)
            spent[name].append(time.perf_counter() - began)
            assert found, (name, told)
    return {
        name: value for engine, times in spent.items() for name, value in percentiles(engine, times).items()
    }


def _answer(database: Database, searcher: Searcher, text: str) -> None:
    plan = plan_search(parse_search(text))
    searcher.prepare_search(database, plan)
    with database.read() as tx:
        assert searcher.search(tx, plan, 10).hits


def _new_papers(database: Database, ranker: TantivyRanker, new: Sequence[Paper]) -> dict[str, float]:
    began = time.perf_counter()
    _store(database, new)
    stored = time.perf_counter()
    keep_up(database, ranker)
    return {"1,000 new: store s": stored - began, "1,000 new: index s": time.perf_counter() - stored}


def _table(found: Mapping[str, float]) -> str:
    lines = [f"{'':<24}{'p50 ms':>10}{'p95 ms':>10}"]
    lines += [
        f"{name:<24}{found[f'{name} p50']:>10.2f}{found[f'{name} p95']:>10.2f}"
        for name in ("paperboy", "tantivy", "fts5", "whole answer", *NEAREST)
    ]
    rest = {name: value for name, value in found.items() if not name.endswith((" p50", " p95"))}
    lines += [f"{name:<24}{value:>10.2f}" for name, value in rest.items()]
    return "\n".join([*lines, *(f"MISSED  {what}" for what in missed(found) or ())])


if __name__ == "__main__":
    main()
