"""Transactions that only read: they wait for no writer, see one moment, and write nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.channels.channel import Address
from bot.commands.context import Caller
from bot.errors import StorageError
from bot.vectors import Floats
from storage import vector_file
from storage.database import Database
from storage.float16 import unpack_vector
from tests.apps import SetClock, an_app
from tests.databases import put_in
from tests.storage.making import NOW, a_batch, a_paper, ingest

READS = (
    *("owls", "owls sort:date", "list", "preview owls", "trending", "show 2502.00001", "saved", "help"),
    *("export owls", "bibtex arxiv:2502.00001", "export saved", "export digest", "preview"),
    *("show", "show 2502.09999", "trending month owls", "owls trending:week", "owls page:2"),
    *("feedback", "mute", "settings"),
)


@pytest.mark.parametrize("text", READS)
async def test_who_only_reads_is_answered_while_another_writes(
    store: Database, database_url: str, tmp_path: Path, text: str
) -> None:
    ingest(store, a_paper("2502.00001", "Owls sleep"))
    put_in(tmp_path, database_url)
    app = an_app(tmp_path, SetClock("2026-11-23T10:00"))
    caller = Caller(Address("terminal", "here"), "ada")
    await app.front_door().answer("subscribe owls", caller)
    await app.front_door().answer("like 2502.00001", caller)
    before = await app.front_door().answer(text, caller)

    with store.begin() as other:
        channel = other.channels.get(caller.address)
        assert channel
        other.channels.save(replace(channel, limit=1))
        other.papers.ingest_batch(a_batch(a_paper("2502.00002", "Owls wake")), NOW)
        assert await app.front_door().answer(text, caller) == before
    app.database.close()


def test_a_write_fails_and_changes_nothing(store: Database) -> None:
    ingest(store, a_paper("2502.00001"))
    for _ in range(2):
        with pytest.raises(StorageError, match="cannot be written"), store.read() as tx:
            tx.papers.ingest_batch(a_batch(a_paper("2502.00002")), NOW)
        ingest(store, a_paper("2502.00003"))
    with store.read() as tx:
        assert tx.papers.count_papers() == 2


def test_all_is_of_one_moment(store: Database) -> None:
    ingest(store, a_paper("2502.00001"))
    with store.read() as tx:
        assert tx.papers.count_papers() == 1
        ingest(store, a_paper("2502.00002"))
        assert tx.papers.count_papers() == 1
    with store.read() as tx:
        assert tx.papers.count_papers() == 2


def test_vectors_of_an_older_moment(store: Database) -> None:
    rows = np.eye(4, 384, dtype=np.float32)
    ingest(store, a_paper("2502.00001"))
    with store.begin() as tx:
        tx.vectors.add("model", tx.vectors.papers_without_vector("model", 9), rows[:1])
    with store.read() as earlier:
        assert earlier.papers.count_papers() == 1
        ingest(store, a_paper("2502.00002"))
        with store.begin() as tx:
            tx.vectors.add("model", tx.vectors.papers_without_vector("model", 9), rows[1:2])
        with store.read() as later:
            assert len(later.vectors.nearest("model", rows[0], 9)) == 2
        found = [key for key, _ in earlier.vectors.nearest("model", rows[0], 9)]
        assert [str(hit.paper.id) for hit in earlier.papers.hits_of(found)] == ["arxiv:2502.00001"]
    with store.read() as later:
        assert len(later.vectors.nearest("model", rows[0], 9)) == 2


def test_vectors_that_nobody_wrote_into_the_file_are_read_once(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.eye(4, 384, dtype=np.float32)
    ingest(store, a_paper("2502.00001"), a_paper("2502.00002"))
    with store.begin() as tx:
        tx.vectors.add("model", tx.vectors.papers_without_vector("model", 9), rows[:2])
    read: list[int] = []

    def counted(data: bytes) -> Floats:
        read.append(len(data))
        return unpack_vector(data)

    monkeypatch.setattr(vector_file, "unpack_vector", counted)
    for _ in range(3):
        with store.read() as tx:
            assert len(tx.vectors.nearest("model", rows[0], 9)) == 2
    assert sum(read) in {0, 2 * 384 * 2}, "nothing with pgvector, and else each vector once"
    with store.read() as tx:
        assert tx.vectors.nearest("another model", rows[0], 9) == []
