"""Whatever happens to papers, the file of vectors finds what a plain sort finds."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.papers.identity import PaperId
from bot.ports.store import Transaction
from bot.vectors import Floats
from storage.database import Database
from tests.databases import sqlite_in
from tests.storage.making import DAY, a_paper, ingest
from tests.storage.test_store_vectors import (
    MODEL,
    RollBackError,
    a_vector,
    embedded,
    missing,
    named,
    stored,
)


class Papers(RuleBasedStateMachine):
    """Whatever is stored, changed, removed and rolled back, the nearest are those of a plain sort."""

    folder: Path

    @initialize()
    def begin(self) -> None:
        for old in self.folder.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        url = sqlite_in(self.folder)
        self.stores = Database(url), Database(url)
        self.day, self.last = DAY, 0
        self.drawn = np.random.default_rng(7)
        self.store(0, 6)
        self.embed(0, 6)

    def a_vector(self) -> Floats:
        return a_vector(*self.drawn.normal(size=4))

    @rule(of=st.integers(0, 1), count=st.integers(1, 4))
    def store(self, of: int, count: int) -> None:
        numbers = range(self.last, self.last + count)
        self.last += count
        stored(self.stores[of], numbers, day=self.day)

    @rule(of=st.integers(0, 1), count=st.integers(1, 9))
    def embed(self, of: int, count: int) -> None:
        if numbers := missing(self.stores[of])[-count:]:
            embedded(self.stores[of], {number: self.a_vector() for number in numbers})

    @rule(of=st.integers(0, 1), data=st.data())
    def change(self, of: int, data: st.DataObject) -> None:
        self.day += timedelta(days=1)
        number = data.draw(st.integers(0, self.last - 1))
        paper = a_paper(named(number), f"On day {self.day}", version=(self.day - DAY).days)
        ingest(self.stores[of], paper, day=self.day)

    @rule(of=st.integers(0, 1), data=st.data())
    def join(self, of: int, data: st.DataObject) -> None:
        self.day += timedelta(days=1)
        kept, gone = data.draw(st.permutations(range(self.last)))[:2]
        paper = a_paper(named(kept), aliases=(PaperId.from_text(named(gone)),))
        ingest(self.stores[of], paper, day=self.day)

    @rule(of=st.integers(0, 1))
    def remove(self, of: int) -> None:
        with self.stores[of].begin() as tx:
            tx.retention.drop_papers(self.day + timedelta(days=1), 1)

    @rule(of=st.integers(0, 1), count=st.integers(0, 9))
    def roll_back(self, of: int, count: int) -> None:
        with suppress(RollBackError), self.stores[of].begin() as tx:
            read = tx.vectors.papers_without_vector(MODEL, count)
            tx.vectors.add(MODEL, read, np.stack([self.a_vector() for _ in [*read, 1]]))
            tx.retention.drop_papers(self.day + timedelta(days=1), 1)
            self.compare(tx)
            raise RollBackError
        # The next change has the number of the one that was taken back.
        self.store(of, 1)

    @rule(of=st.integers(0, 1))
    def another_model(self, of: int) -> None:
        with self.stores[of].begin() as tx:
            read = tx.vectors.papers_without_vector("two", 1)
            tx.vectors.add("two", read, np.stack([self.a_vector() for _ in [*read, 1]]))

    @invariant()
    def agree(self) -> None:
        for store in getattr(self, "stores", ()):
            with store.begin() as tx:
                self.compare(tx)

    def compare(self, tx: Transaction) -> None:
        every = [PaperId.from_text(named(number)) for number in range(self.last)]
        keys, vectors, vector = tx.papers.keys_of(every), tx.vectors.vectors_of(MODEL, every), self.a_vector()
        expected = {keys[paper]: float(known @ vector) for paper, known in vectors.items()}
        found = tx.vectors.nearest(MODEL, vector, 999)
        assert dict(found) == pytest.approx(expected, abs=1e-5)
        assert len(found) == len(expected)

    def teardown(self) -> None:
        for store in getattr(self, "stores", ()):
            store.close()


def test_whatever_happens_to_papers(tmp_path: Path) -> None:
    class InThisFolder(Papers):
        folder = tmp_path

    limits = settings(max_examples=20, stateful_step_count=15, deadline=None)
    run_state_machine_as_test(InThisFolder, settings=limits)
