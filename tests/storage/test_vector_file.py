"""The file of vectors that processes share: it is lost, damaged, left behind and left half written."""

from __future__ import annotations

import os
import shutil
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from errno import ENOMEM, ENOSPC
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from bot.errors import StorageError
from bot.ports.store import Store
from bot.services.retention import Housekeeping
from storage import matrix_file, vector_file
from storage.database import Database
from tests.databases import sqlite_in
from tests.storage.making import DAY, a_paper, ingest
from tests.storage.test_store_vectors import (
    MODEL,
    a_vector,
    embedded,
    named,
    nearest,
    stored,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_in(tmp_path)


@pytest.fixture
def some(url: str) -> Iterator[Database]:
    """Papers 1 to 4, ever farther from the first axis, and their file."""
    with closing(Database(url)) as database:
        stored(database, range(1, 5))
        embedded(database, {number: a_vector(1, 0.5 * (number - 1)) for number in range(1, 5)})
        assert len(nearest(database, a_vector(1))) == 4
        yield database


def the_files(folder: Path) -> tuple[Path, Path]:
    """The mark and the matrix."""
    [mark] = folder.glob("papers.db.search/vectors/*/mark")
    [matrix] = mark.parent.glob("*.f4")
    return mark, matrix


def found_anew(url: str) -> list[int]:
    """What a process that starts now finds."""
    with closing(Database(url)) as database:
        return [number for number, _ in nearest(database, a_vector(1))]


def test_another_process_maps_what_is_there(some: Store, url: str, tmp_path: Path) -> None:
    mark, matrix = the_files(tmp_path)
    before = mark.stat(), matrix.stat()

    assert found_anew(url) == [1, 2, 3, 4]
    assert (mark.stat().st_ino, matrix.stat()) == (before[0].st_ino, before[1]), "nothing is written"
    assert matrix.stat().st_size == 4 * 384 * 4

    stored(some, [5])
    embedded(some, {5: a_vector(1, 9)})
    assert found_anew(url) == [1, 2, 3, 4, 5]
    assert the_files(tmp_path)[1] == matrix, "it grows where it is"


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 5)


def turned(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-3] ^= 255
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda mark, _: mark.unlink(),
        lambda mark, _: mark.write_bytes(b""),
        lambda mark, _: mark.write_bytes(b"7\nx"),
        lambda mark, _: cut(mark),
        lambda mark, _: turned(mark),
        lambda _, matrix: matrix.unlink(),
        lambda _, matrix: cut(matrix),
        lambda mark, _: shutil.rmtree(mark.parents[2]),
    ],
)
def test_what_is_lost_or_damaged_is_made_anew(
    some: Store, url: str, tmp_path: Path, damage: Callable[[Path, Path], object]
) -> None:
    damage(*the_files(tmp_path))
    assert found_anew(url) == [1, 2, 3, 4]
    the_files(tmp_path)
    assert len(nearest(some, a_vector(1))) == 4, "who has it open too"


def test_a_process_that_is_killed_while_it_writes_costs_nothing(
    some: Store, url: str, tmp_path: Path
) -> None:
    mark, matrix = the_files(tmp_path)
    with matrix.open("ab") as file:
        file.write(b"half a row")
    (mark.parent / "left.new").write_bytes(b"half a mark")
    stored(some, [5])
    embedded(some, {5: a_vector(1, 9)})

    assert found_anew(url) == [1, 2, 3, 4, 5]
    assert nearest(some, a_vector(1, 9), 1) == [(5, 1.0)]
    assert set(mark.parent.iterdir()) == {mark, matrix}


def put_back(folder: Path) -> None:
    """Put the copy in the place of the database, as docs/operating.md says."""
    for end in ("", "-wal", "-shm"):
        (folder / f"papers.db{end}").unlink(missing_ok=True)
    shutil.copy(folder / "copy.db", folder / "papers.db")


def test_a_store_that_is_set_back_to_a_copy(some: Database, url: str, tmp_path: Path) -> None:
    some.backup(tmp_path / "copy.db")
    stored(some, [5, 6])
    embedded(some, {5: a_vector(0, 1), 6: a_vector(0, 0, 1)})
    assert len(nearest(some, a_vector(1))) == 6
    some.close()
    put_back(tmp_path)

    with closing(Database(url)) as back:
        stored(back, [7, 8, 9])
        embedded(back, {number: a_vector(0, 0, 0, number) for number in (7, 8, 9)})
        assert nearest(back, a_vector(0, 0, 0, 1), 3) == [(9, 1.0), (8, 1.0), (7, 1.0)]
        assert nearest(back, a_vector(0, 1), 1)[0][0] == 4


def test_a_store_that_is_set_back_and_comes_to_the_same_row(some: Database, url: str, tmp_path: Path) -> None:
    some.backup(tmp_path / "copy.db")
    stored(some, [5, 6])
    embedded(some, {5: a_vector(0, 1)})
    embedded(some, {6: a_vector(0, 0, 1)})
    assert len(nearest(some, a_vector(1))) == 6
    some.close()
    put_back(tmp_path)

    with closing(Database(url)) as back:
        stored(back, [7, 6])
        embedded(back, {7: a_vector(0, 0, 0, 1)})
        embedded(back, {6: a_vector(0, 0, 1)})
        assert nearest(back, a_vector(0, 0, 0, 1), 1) == [(7, 1.0)]


def test_papers_that_are_removed_are_not_found(some: Store, url: str) -> None:
    stored(some, [5], day=DAY + timedelta(days=5))
    embedded(some, {5: a_vector(1, 9)})
    assert len(nearest(some, a_vector(1))) == 5
    with some.begin() as tx:
        assert tx.retention.drop_papers(DAY + timedelta(days=1), 2) == 2
        assert len(tx.vectors.nearest(MODEL, a_vector(1), 10)) == 3, "in the same transaction"
    assert len(nearest(some, a_vector(1))) == 3
    assert found_anew(url) == [3, 4, 5]


def test_rows_of_no_paper_are_cleared_in_the_end(
    some: Store, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_file, "CHUNK", 3)
    for version in range(2, 20):
        day = DAY + timedelta(days=version)
        number = version % 2 + 1
        ingest(some, a_paper(named(number), f"Title {version}", version=version), day=day)
        embedded(some, {number: a_vector(1, 9, version)})
        assert nearest(some, a_vector(1, 9, version), 1) == [(number, 1.0)]
        assert len(nearest(some, a_vector(1))) == 4
    assert the_files(tmp_path)[1].stat().st_size < 16 * 384 * 4
    assert sorted(found_anew(url)) == [1, 2, 3, 4]


def test_a_folder_that_cannot_be_used(url: str, tmp_path: Path) -> None:
    (tmp_path / "papers.db.search").write_bytes(b"")
    with closing(Database(url)) as database:
        stored(database, [1])
        embedded(database, {1: a_vector(1)})
        problem = r"The file of vectors in .* cannot be used: Not a dir"
        with pytest.raises(StorageError, match=problem), database.begin() as tx:
            tx.vectors.follow(MODEL)
        assert nearest(database, a_vector(1)) == [(1, 1.0)], "they are found without it"
        with database.read() as reading:
            assert len(reading.vectors.nearest(MODEL, a_vector(1), 9)) == 1


def test_a_disk_that_is_full(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Database(url)) as database:
        stored(database, [1, 2])
        embedded(database, {1: a_vector(1)})

        def full(_: object) -> None:
            raise OSError(ENOSPC, "No space left on device")

        with monkeypatch.context() as during:
            during.setattr(matrix_file, "_flush", full)
            for _ in range(2):
                assert nearest(database, a_vector(1)) == [(1, 1.0)]
            assert [path for path in tmp_path.rglob("papers.db.search/**/*") if path.is_file()] == []
        assert nearest(database, a_vector(1)) == [(1, 1.0)]
        mark, matrix = the_files(tmp_path)

        embedded(database, {2: a_vector(0, 1)})
        with monkeypatch.context() as during:
            during.setattr(matrix_file, "_flush", full)
            assert nearest(database, a_vector(1)) == [(1, 1.0), (2, 0.0)]
        assert set(mark.parent.iterdir()) == {mark, matrix}
        assert found_anew(url) == [1, 2]


def test_the_file_of_a_model_that_is_in_use_no_more(some: Database, url: str, tmp_path: Path) -> None:
    [old] = tmp_path.glob("papers.db.search/vectors/*")
    with some.begin() as tx:
        tx.vectors.add(
            "new", tx.vectors.papers_without_vector("new", 2), np.stack([a_vector(1), a_vector(2)])
        )
    with some.begin() as tx:
        tx.vectors.follow("new")
    [new] = set(tmp_path.glob("papers.db.search/vectors/*")) - {old}
    written = datetime.fromtimestamp(old.stat().st_mtime, UTC)

    Housekeeping(some, 0, 0, model="new").remove_old(written + timedelta(days=6))
    Housekeeping(some, 0, 0).remove_old(written + timedelta(days=8))
    assert set(new.parent.iterdir()) == {old, new}, "somebody may run the old one still, or none here"
    Housekeeping(some, 0, 0, model="new").remove_old(written + timedelta(days=8))
    assert set(new.parent.iterdir()) == {new}
    assert len(nearest(some, a_vector(1))) == 2, "who has it open finds what it is still right about"


def test_what_the_file_lacks_is_all_that_a_process_takes_into_its_memory(url: str, tmp_path: Path) -> None:
    with closing(Database(url)) as one, closing(Database(url)) as other:
        stored(one, range(2001))
        drawn = np.random.default_rng(7).normal(size=(2000, 384))
        embedded(one, {number: vector / np.linalg.norm(vector) for number, vector in enumerate(drawn)})
        with one.begin() as tx:
            tx.vectors.follow(MODEL)
        with other.read() as tx:
            assert len(tx.vectors.nearest(MODEL, a_vector(1), 1)) == 1
        embedded(one, {2000: a_vector(1)})
        tracemalloc.start()
        with other.read() as tx:
            assert [cosine for _, cosine in tx.vectors.nearest(MODEL, a_vector(1), 1)] == [1.0]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < the_files(tmp_path)[1].stat().st_size / 2


def test_a_file_that_cannot_be_mapped_is_not_written_for_ever(
    some: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise OSError(ENOMEM, "Cannot allocate memory")

    stored(some, [5])
    embedded(some, {5: a_vector(1, 9)})
    monkeypatch.setattr(np, "memmap", no_room)
    assert [number for number, _ in nearest(some, a_vector(1))] == [1, 2, 3, 4, 5]
    with pytest.raises(StorageError, match="does not read back"), some.begin() as tx:
        tx.vectors.follow(MODEL)


def test_many_threads_follow_one_store(url: str) -> None:
    with closing(Database(url)) as one, closing(Database(url)) as other:
        stored(one, range(1, 25))
        found: list[int] = []

        def search(database: Database) -> None:
            found.extend(len(nearest(database, a_vector(1), 99)) for _ in range(6))

        threads = [Thread(target=search, args=(database,)) for database in (one, other) * 2]
        for thread in threads:
            thread.start()
        for number in range(1, 25, 4):
            embedded(one, {each: a_vector(each) for each in range(number, number + 4)})
        for thread in threads:
            thread.join()
        assert len(found) == 24
        assert set(found) <= set(range(0, 25, 4))
        assert len(nearest(other, a_vector(1), 99)) == 24
