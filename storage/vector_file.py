"""The stored vectors as one matrix in a file, which the processes of a machine map into their memory.

A folder holds one sub-folder for each model, with the matrix, to which rows are only added, and in `mark` how
far it follows the store and whose the rows are. The mark is a new file each time and is written last: a
process that is killed before has the same rows written once more, and whoever reads keeps what the mark said.
Who writes holds the database's lock, so that there is one at a time; who only reads takes what is newer into
memory alone. All of it can be lost, and is made anew.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, TypeAlias
from uuid import uuid4
from zlib import crc32

import numpy as np
import numpy.typing as npt
from sqlmodel import Session, col, select

from bot.errors import StorageError
from bot.search.ports import Floats
from storage import changes
from storage.halves import WIDTH, unpacked
from storage.locks import lock_vectors, only_reads
from storage.tables import PaperChangeRow, PaperRow, VectorRow

_Keys: TypeAlias = npt.NDArray[np.int64]
_File: TypeAlias = tuple[Path, tuple[int, int] | None]
"""A model's folder, and what tells one mark in it from the next."""

CHUNK = 10_000
"""Vectors taken over at once."""
_FORMAT = 2
"""Counts up with every change of what the files hold."""
_GONE = -1
"""Instead of a paper: the row is of none any more."""
_BYTES = WIDTH * 4


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far a matrix follows the store: to the change of this number, and to a row of `vectors`."""

    data: str
    """The matrix's file."""
    store: str = ""
    number: int = 0
    last: int = 0
    seal: int = 0
    """The checksum of that row, which is another one in a store that was set back unknown to us."""


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """Row by row the papers, and their vectors."""

    mark: _Mark
    keys: _Keys
    matrix: Floats

    def keys_with(self, news: _News) -> _Keys:
        """The papers when `news` is taken over: what it tells of is no longer where it was."""
        gone = np.isin(self.keys, np.concatenate([news.gone, news.keys]))
        return np.concatenate([np.where(gone, _GONE, self.keys), news.keys])

    def with_news(self, news: _News) -> _Held:
        """Both together, in this process's memory alone."""
        return _Held(news.mark, self.keys_with(news), np.concatenate([self.matrix, news.vectors]))


@dataclass(frozen=True, slots=True, eq=False)
class _News:
    """What the store has besides, up to `mark`."""

    mark: _Mark
    gone: _Keys
    """Papers that have no vector of this model any more."""
    keys: _Keys
    vectors: Floats


class VectorFile:
    """The vectors of one store in `folder`. Nothing is opened before it is used; threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._home = folder
        self._lock = threading.Lock()
        self._opened: _File | None = None
        """What `_stamp` was when `_held` was opened."""
        self._held = _nothing()
        self._ahead: tuple[_File | None, _Held] = (None, self._held)
        """What was read beyond a file, which others had not written yet."""

    def nearest(
        self,
        session: Session,
        model: str,
        vector: Floats,
        limit: int,
        among: Collection[int] | None,
        also: Collection[int],
    ) -> Sequence[tuple[int, float]]:
        """The papers of the highest cosines with `vector`, and those of `also`: as `search.ports.Vectors`.

        Where the folder cannot be used, they are found in this process's memory.
        """
        with self._lock:
            try:
                held = self._followed(session, model)
            except OSError:
                # Nobody has to go without an answer for that; `follow` tells of it.
                held = self._remembered(session, model)
        keys, cosines = held.keys, held.matrix @ vector
        here = np.flatnonzero(keys != _GONE if among is None else np.isin(keys, _numbers(among)))
        if len(here) > limit:
            here = here[np.argpartition(-cosines[here], limit)[:limit]]
        if also:
            here = np.union1d(here, np.flatnonzero(np.isin(keys, _numbers(also))))
        here = here[np.lexsort((-keys[here], -cosines[here]))]
        return list(zip(keys[here].tolist(), cosines[here].tolist(), strict=True))

    def follow(self, session: Session, model: str) -> None:
        """Write what the store has besides. Raises StorageError where the folder cannot be used."""
        try:
            with self._lock:
                self._followed(session, model)
        except OSError as error:
            problem = f"The file of vectors in {self._home} cannot be used: {error.strerror or error}."
            mend = "Make room for it, or make the folder writable; it may be removed, and is made anew."
            raise StorageError(problem, mend) from error

    def drop_others(self, model: str, before: datetime) -> None:
        """Remove the folders of other models that nobody has written since then.

        A process that has one open keeps what it has, and makes it anew when it needs more.
        """
        ours = self._folder(model)
        for folder in self._home.glob("*/"):
            with suppress(OSError):
                if folder != ours and folder.stat().st_mtime < before.timestamp():
                    shutil.rmtree(folder)

    def _followed(self, session: Session, model: str) -> _Held:
        folder = self._folder(model)
        held = _usable(session, self._opened_at(folder))
        if changes.unseen(session):
            # Should this transaction be rolled back, nobody else may have seen what it did.
            return _taken_over(session, model, held)
        if only_reads(session):
            # Who only reads holds no lock, and may look at an older moment than the file.
            return self._remembered(session, model)
        if _news(session, model, held):
            lock_vectors(session)
            held = _usable(session, self._opened_at(folder))
            while news := _news(session, model, held):
                _write(folder, held, news)
                held = self._opened_at(folder)
        return held

    def _remembered(self, session: Session, model: str) -> _Held:
        """What the store has; what the file lacks of it is kept in memory until there is another file.

        On a machine where nobody writes the file, that is all of it.
        """
        folder = self._folder(model)
        file, held = (folder, _stamp(folder)), _usable(session, self._opened_at(folder))
        of, ahead = self._ahead
        if of == file and _usable(session, ahead) is ahead:
            held = ahead
        found = _taken_over(session, model, held)
        self._ahead = (file, found)
        return found

    def _folder(self, model: str) -> Path:
        return self._home / f"{sha256(model.encode()).hexdigest()[:16]}-{_FORMAT}"

    def _opened_at(self, folder: Path) -> _Held:
        stamp = _stamp(folder)
        if stamp is None:
            return _nothing()
        if self._opened != (folder, stamp):
            self._held, self._opened = _read(folder), (folder, stamp)
        return self._held


def _nothing() -> _Held:
    return _Held(_Mark(f"{uuid4().hex}.f4"), np.empty(0, np.int64), np.empty((0, WIDTH), np.float32))


def _taken_over(session: Session, model: str, held: _Held) -> _Held:
    while news := _news(session, model, held):
        held = held.with_news(news)
    return held


def _usable(session: Session, held: _Held) -> _Held:
    """`held`, or nothing where it follows another store, or is of rows that are gone for the most part."""
    mark, there = held.mark, changes.mark(session)
    gone = np.count_nonzero(held.keys == _GONE)
    if (
        mark.store not in {"", there.store}
        or mark.number > there.number
        or gone > len(held.keys) // 2 + CHUNK
    ):
        return _nothing()
    last = select(VectorRow.paper_id, VectorRow.vector).where(col(VectorRow.id) == mark.last)
    row = session.exec(last).first()
    if mark.last and (row is None or _seal(*row) != mark.seal):
        return _nothing()
    return held


def _seal(key: int, vector: bytes) -> int:
    return crc32(vector, key)


def _news(session: Session, model: str, held: _Held) -> _News | None:
    """What comes next, at most `CHUNK` vectors; None where there is nothing."""
    # Read first: a paper that goes after it is told of the next time.
    there = changes.mark(session)
    row = VectorRow
    following = select(row.id, row.paper_id, row.model, row.vector).where(col(row.id) > held.mark.last)
    rows = session.exec(following.order_by(col(row.id)).limit(CHUNK)).all()
    ours = [(key, vector) for _, key, of, vector in rows if of == model]
    others = [key for _, key, of, _ in rows if of != model]
    gone = _numbers([*_gone(session, held.mark.number, there.number), *others])
    if len(gone):
        gone = np.intersect1d(gone, held.keys)
    if not rows and not len(gone):
        return None
    mark = replace(held.mark, store=there.store, number=there.number)
    if rows:
        last, key, _, vector = rows[-1]
        mark = replace(mark, last=last, seal=_seal(key, vector))
    vectors = unpacked(b"".join(vector for _, vector in ours)).reshape(-1, WIDTH)
    return _News(mark, gone, _numbers(key for key, _ in ours), vectors)


def _gone(session: Session, since: int, to: int) -> Sequence[int]:
    """The papers that went with the changes after `since` up to `to`."""
    changed = col(PaperChangeRow.number)
    found = (
        select(PaperChangeRow.paper_id)
        .outerjoin(PaperRow, col(PaperRow.id) == col(PaperChangeRow.paper_id))
        .where(changed > since, changed <= to, col(PaperRow.id).is_(None))
    )
    return session.exec(found).all()


def _write(folder: Path, held: _Held, news: _News) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data, keys, mark = folder / news.mark.data, held.keys_with(news), news.mark
    head = [mark.data, mark.store, mark.number, mark.last, mark.seal, crc32(keys.tobytes())]
    new = folder / f"{uuid4().hex}.new"
    try:
        with data.open("r+b" if len(held.keys) else "wb") as file:
            file.seek(len(held.keys) * _BYTES)
            file.write(news.vectors.astype("<f4", copy=False).tobytes())
            _flush(file)
        with new.open("wb") as file:
            file.write(json.dumps(head).encode() + b"\n" + keys.astype("<i8", copy=False).tobytes())
            _flush(file)
        new.replace(folder / "mark")
    except OSError:
        # Each try has names of its own, and would leave more on a disk that is full.
        for half in (new, *(() if len(held.keys) else (data,))):
            half.unlink(missing_ok=True)
        raise
    for old in folder.iterdir():
        if old.name not in {"mark", mark.data}:
            old.unlink(missing_ok=True)


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _stamp(folder: Path) -> tuple[int, int] | None:
    """What differs from one mark to the next: each is a new file."""
    try:
        told = (folder / "mark").stat()
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns


def _read(folder: Path) -> _Held:
    """What the mark says; nothing where it is damaged, or its matrix is."""
    try:
        head, keys = (folder / "mark").read_bytes().split(b"\n", 1)
        data, store, number, last, seal, checked = json.loads(head)
        if crc32(keys) != checked:
            return _nothing()
        rows = np.frombuffer(keys, "<i8").astype(np.int64)
        shape = (len(rows), WIDTH)
        # An empty file cannot be mapped.
        matrix = np.memmap(folder / data, "<f4", "r", shape=shape) if len(rows) else np.empty(shape)
        return _Held(_Mark(data, store, number, last, seal), rows, np.asarray(matrix, np.float32))
    except (OSError, ValueError, TypeError):
        return _nothing()


def _numbers(keys: Iterable[int]) -> _Keys:
    return np.fromiter(keys, np.int64)
