"""Vectors as they are stored, found, made anew and lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sqlalchemy import Engine, event

from bot.papers.identity import PaperId
from bot.papers.paper import Signals
from bot.ports.store import Store
from bot.vectors import Floats
from storage.database import Database
from storage.float16 import pack_vector, unpack_vector
from tests.databases import ENGINES, execute
from tests.storage.making import DAY, a_paper, ingest

MODEL = "one"
WITHOUT = "postgresql without pgvector"


class RollBackError(Exception):
    """Ends a transaction."""


def a_vector(*numbers: float) -> Floats:
    """The numbers, and zeros, as a vector of unit length."""
    vector = np.zeros(384, np.float32)
    vector[: len(numbers)] = numbers
    return vector / np.linalg.norm(vector)


def named(number: int) -> str:
    return f"2502.{number:05}"


def stored(store: Store, numbers: Iterable[int], **rest: Any) -> None:
    ingest(store, *(a_paper(named(number), f"Paper {number}") for number in numbers), **rest)


def embedded(store: Store, vectors: dict[int, Floats], model: str = MODEL) -> None:
    """Give the missing papers of these numbers their vectors."""
    with store.begin() as tx:
        read = [
            one for one in tx.vectors.papers_without_vector(model, 1000) if number_of(one.paper.id) in vectors
        ]
        tx.vectors.add(model, read, np.stack([vectors[number_of(one.paper.id)] for one in read]))


def number_of(paper: PaperId) -> int:
    return int(paper.value.split(".")[1])


def missing(store: Store, model: str = MODEL) -> list[int]:
    with store.begin() as tx:
        found = tx.vectors.papers_without_vector(model, 1000)
        assert len(found) == tx.vectors.count_without_vector(model)
    return [number_of(one.paper.id) for one in found]


def nearest(
    store: Store,
    vector: Floats,
    limit: int = 10,
    among: Sequence[int] | None = None,
    also: Sequence[int] = (),
    model: str = MODEL,
) -> list[tuple[int, float]]:
    """The numbers of the nearest papers, and their cosines in hundredths."""
    with store.begin() as tx:
        keys = tx.papers.keys_of(PaperId.from_text(named(number)) for number in range(100))
        by_key = {key: number_of(paper) for paper, key in keys.items()}
        by_number = {number: key for key, number in by_key.items()}
        chosen = None if among is None else [by_number[number] for number in among]
        found = tx.vectors.nearest(model, vector, limit, chosen, [by_number[number] for number in also])
    return [(by_key[key], round(cosine, 2)) for key, cosine in found]


@pytest.fixture(params=[*ENGINES, WITHOUT])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Also a server that has no pgvector."""
    return str(request.param)


@pytest.fixture
def store(
    database_url: str, engine_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    # There such a server's vectors are kept.
    monkeypatch.setenv("HOME", str(tmp_path))
    if engine_name == WITHOUT:
        execute(database_url, "DROP TABLE paper_vectors")
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def some(store: Database) -> Database:
    """Papers 1 to 4, ever farther from the first axis."""
    stored(store, range(1, 5))
    embedded(store, {number: a_vector(1, 0.5 * (number - 1)) for number in range(1, 5)})
    return store


def test_the_nearest_come_first(some: Store) -> None:
    assert nearest(some, a_vector(1)) == [(1, 1.0), (2, 0.89), (3, 0.71), (4, 0.55)]
    assert nearest(some, a_vector(1), 2) == [(1, 1.0), (2, 0.89)]
    assert nearest(some, a_vector(-1), 1) == [(4, -0.55)]
    assert nearest(some, a_vector(0, 1), 1) == [(4, 0.83)]


def test_of_some_papers_and_others_besides(some: Store) -> None:
    assert nearest(some, a_vector(1), 1, among=[4, 3]) == [(3, 0.71)]
    assert nearest(some, a_vector(1), 1, also=[4]) == [(1, 1.0), (4, 0.55)]
    assert nearest(some, a_vector(1), 1, among=[2], also=[2, 3]) == [(2, 0.89), (3, 0.71)]
    assert nearest(some, a_vector(1), among=[]) == []


def test_papers_miss_their_vectors_until_they_have_them(store: Store) -> None:
    assert missing(store) == []
    stored(store, [1, 2, 3])
    assert missing(store) == [3, 2, 1], "the latest first"

    embedded(store, {2: a_vector(1)})
    assert missing(store) == [3, 1]
    assert nearest(store, a_vector(1)) == [(2, 1.0)]


def test_other_words_want_another_vector(some: Store) -> None:
    ingest(some, a_paper(named(2), "Another title", version=2), day=DAY + timedelta(days=1))
    assert missing(some) == [2]
    assert len(nearest(some, a_vector(1))) == 4, "the old one serves until then"

    embedded(some, {2: a_vector(0, 1)})
    assert missing(some) == []
    assert nearest(some, a_vector(0, 1), 1) == [(2, 1.0)]
    assert len(nearest(some, a_vector(1))) == 4


def test_other_votes_want_no_other_vector(some: Store) -> None:
    ingest(some, a_paper(named(2), "Paper 2", signals=Signals(9)), source="huggingface")
    assert missing(some) == []


def test_another_model_begins_anew(some: Store) -> None:
    assert missing(some, "two") == [4, 3, 2, 1]
    assert nearest(some, a_vector(1), model="two") == []

    embedded(some, {3: a_vector(1)}, "two")
    assert nearest(some, a_vector(1), model="two") == [(3, 1.0)]
    assert [number for number, _ in nearest(some, a_vector(1))] == [1, 2, 4], "a paper has one vector"
    assert missing(some, "two") == [4, 2, 1]


def test_every_process_sees_what_another_stored(some: Database, database_url: str) -> None:
    other = Database(database_url)
    assert len(nearest(other, a_vector(1))) == 4

    stored(some, [5])
    embedded(some, {5: a_vector(0, 0, 1)})
    assert nearest(other, a_vector(0, 0, 1), 1) == [(5, 1.0)]
    other.close()


def test_what_is_rolled_back_was_never_there(some: Store) -> None:
    stored(some, [5])
    with suppress(RollBackError), some.begin() as tx:
        read = tx.vectors.papers_without_vector(MODEL, 10)
        tx.vectors.add(MODEL, read, a_vector(0, 0, 1)[None])
        assert len(tx.vectors.nearest(MODEL, a_vector(1), 10)) == 5
        raise RollBackError

    assert missing(some) == [5]
    assert len(nearest(some, a_vector(1))) == 4
    embedded(some, {5: a_vector(0, 0, 0, 1)})
    assert nearest(some, a_vector(0, 0, 0, 1), 1) == [(5, 1.0)]


def test_a_work_that_was_two_papers_has_one_vector(store: Store) -> None:
    ingest(store, a_paper(named(1), "Owls"))
    ingest(store, a_paper("10.1101/x", "Owls too"), source="biorxiv")
    with store.begin() as tx:
        tx.vectors.add(
            MODEL, tx.vectors.papers_without_vector(MODEL, 10), np.stack([a_vector(1), a_vector(0, 1)])
        )
    ingest(
        store,
        a_paper(named(1), "Owls", aliases=(PaperId.from_text("10.1101/x"),)),
        day=DAY + timedelta(days=1),
    )

    assert missing(store) == []
    with store.begin() as tx:
        assert len(tx.vectors.nearest(MODEL, a_vector(1), 10)) == 1


def test_vectors_by_paper(some: Store) -> None:
    stored(some, [5])
    wanted = [PaperId.from_text(named(number)) for number in (5, 3, 1, 77)]
    with some.begin() as tx:
        found = tx.vectors.vectors_of(MODEL, wanted)

    assert list(found) == [wanted[1], wanted[2]]
    assert found[wanted[2]] == pytest.approx(a_vector(1))


def test_recent_papers_are_those_announced_last(some: Store) -> None:
    stored(some, [7], day=DAY - timedelta(days=9))
    stored(some, [8], day=DAY + timedelta(days=1))
    embedded(some, {7: a_vector(1), 8: a_vector(1)})
    stored(some, [9], day=DAY + timedelta(days=2))
    with some.begin() as tx:
        keys = tx.vectors.recent_vectors(MODEL, 10)
        papers = [number_of(hit.paper.id) for hit in tx.papers.hits_of(keys)]
        assert list(tx.vectors.recent_vectors(MODEL, 2)) == list(keys[:2])

    assert papers == [8, 4, 3, 2, 1, 7]


def test_a_paper_waits_for_its_vector(store: Store) -> None:
    stored(store, [1, 2])
    day = DAY + timedelta(days=1)
    with store.begin() as tx:
        tx.vectors.wait_for_match([PaperId.from_text(named(1)), PaperId.from_text(named(2))], "arxiv", DAY)
        tx.vectors.wait_for_match([PaperId.from_text(named(1))], "arxiv", DAY)
        tx.vectors.wait_for_match([PaperId.from_text(named(1))], "huggingface", day)
        assert tx.vectors.waiting_papers(MODEL, 10) == []
    embedded(store, {1: a_vector(1)})

    with store.begin() as tx:
        key = tx.papers.keys_of([PaperId.from_text(named(1))])[PaperId.from_text(named(1))]
        waiting = tx.vectors.waiting_papers(MODEL, 10)
        assert [(one.key, one.source, one.day) for one in waiting] == [
            (key, "arxiv", DAY),
            (key, "huggingface", day),
        ]
        assert tx.vectors.waiting_papers("two", 10) == []
        assert list(tx.vectors.waiting_papers(MODEL, 1)) == list(waiting[:1])
        tx.vectors.end_waiting(waiting)
    with store.begin() as tx:
        assert tx.vectors.waiting_papers(MODEL, 10) == []
    embedded(store, {2: a_vector(1)})
    with store.begin() as tx:
        assert len(tx.vectors.waiting_papers(MODEL, 10)) == 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_the_nearest_are_those_of_a_plain_sort(store: Database, data: st.DataObject) -> None:
    drawn = np.random.default_rng(data.draw(st.integers(0, 1000)))
    with store.begin() as tx:
        count = tx.papers.count_papers()
    numbers = range(count, min(count + 7, 100))
    if numbers:
        stored(store, numbers)
        embedded(store, {number: a_vector(*drawn.normal(size=5)) for number in numbers})
    with store.begin() as tx:
        every = [PaperId.from_text(named(number)) for number in range(100)]
        vectors = tx.vectors.vectors_of(MODEL, every)
    vector, limit = a_vector(*drawn.normal(size=5)), data.draw(st.integers(1, 9))
    plain = sorted(
        ((float(vector @ known), number_of(paper)) for paper, known in vectors.items()), reverse=True
    )

    found = nearest(store, vector, limit)
    expected = [cosine for cosine, _ in plain[:limit]]
    assert [cosine for _, cosine in found] == pytest.approx(expected, abs=0.006)


@given(arrays(np.float32, 384, elements=st.floats(-1, 1, width=32)))
def test_a_stored_vector_is_the_same_but_for_a_thousandth(vector: Floats) -> None:
    assert unpack_vector(pack_vector(vector)) == pytest.approx(vector, abs=5e-4)
    assert len(pack_vector(vector)) == 768


def test_a_paper_that_goes_while_its_vector_is_made_anew(store: Database) -> None:
    """Who removes it holds its row and goes on to its vector: who has that must not wait for the paper."""
    stored(store, [1])
    embedded(store, {1: a_vector(1)})
    with store.read() as tx:
        again = tx.vectors.papers_without_vector("two", 1)
    removed: list[int] = []

    def remove() -> None:
        with store.begin() as tx:
            removed.append(tx.retention.drop_papers(DAY + timedelta(days=1), 1))

    remover = Thread(target=remove)

    def meanwhile(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FOR KEY SHARE" in statement and not remover.ident:
            remover.start()
            remover.join(1)

    event.listen(Engine, "before_cursor_execute", meanwhile)
    try:
        with store.begin() as tx:
            tx.vectors.add("two", again, np.stack([a_vector(2)]))
    finally:
        event.remove(Engine, "before_cursor_execute", meanwhile)
    if not remover.ident:
        remover.start()
    remover.join()
    assert removed == [1]
    assert nearest(store, a_vector(1)) == []
