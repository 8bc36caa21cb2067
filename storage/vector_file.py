"""The stored vectors as one matrix in a file, which the processes of a machine map into their memory.

A folder holds one sub-folder for each model, as `storage.matrix_file` says. Who writes holds the database's
lock, so that there is one at a time; who only reads takes what is newer into memory alone. All of it can be
lost, and is made anew.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from errno import EIO
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias
from zlib import crc32

import numpy as np
from sqlmodel import Session, col, select

from bot.errors import StorageError
from bot.vectors import Floats
from storage import changes, matrix_file
from storage.float16 import WIDTH, unpack_vector
from storage.locks import lock_vectors, only_reads
from storage.matrix_file import GONE, Held, Keys, News, hold_nothing
from storage.tables import PaperChangeRow, PaperRow, VectorRow

_File: TypeAlias = tuple[Path, tuple[int, int] | None]
"""A model's folder, and what tells one mark in it from the next."""

# 15 MB as float32: bounds what a start on a large store holds beside the mapped file.
CHUNK = 10_000
"""Vectors taken over at once."""
# Part of the folder's name, so that two versions of the program run side by side during an upgrade.
_FORMAT = 2
"""Counts up with every change of what the files hold."""


class VectorFile:
    """The vectors of one store in `folder`. Nothing is opened before it is used; threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._home = folder
        # Held while following, never while multiplying: `Held` is immutable, so that searches run side by
        # side.
        self._lock = threading.Lock()
        self._opened: _File | None = None
        """What `matrix_file.stamp` was when `_held` was opened."""
        self._held = hold_nothing()
        self._ahead: tuple[_File | None, Held] = (None, self._held)
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
                held = self._follow_store(session, model)
            except OSError:
                # Nobody has to go without an answer for that; `follow` tells of it.
                held = self._remember_vectors(session, model)
        # All rows, exactly: 16 ms for 100,000. An approximate index misses up to 12% of the 1,000 nearest,
        # which is what the thresholds of topics look at (docs/decisions/meaning.md).
        keys, cosines = held.keys, held.cosines(vector)
        here = np.flatnonzero(keys != GONE if among is None else np.isin(keys, _numbers(among)))
        if len(here) > limit:
            # A partition first, since sorting all rows takes longer than the products do.
            here = here[np.argpartition(-cosines[here], limit)[:limit]]
        if also:
            here = np.union1d(here, np.flatnonzero(np.isin(keys, _numbers(also))))
        # Equals by number, the latest first, as pgvector is asked for them: both stores give the same order.
        here = here[np.lexsort((-keys[here], -cosines[here]))]
        return list(zip(keys[here].tolist(), cosines[here].tolist(), strict=True))

    def follow(self, session: Session, model: str) -> None:
        """Write what the store has besides. Raises StorageError where the folder cannot be used."""
        try:
            with self._lock:
                self._follow_store(session, model)
        except OSError as error:
            problem = f"The file of vectors in {self._home} cannot be used: {error.strerror or error}."
            hint = "Free some space or make the folder writable. It is safe to delete; Paperboy rebuilds it."
            raise StorageError(problem, hint) from error

    def drop_others(self, model: str, before: datetime) -> None:
        """Remove the folders of other models that nobody has written since then.

        A process that has one open keeps what it has, and makes it anew when it needs more.
        """
        ours = self._folder(model)
        # By age, since another process may still run the version before, with a model of its own.
        for folder in self._home.glob("*/"):
            with suppress(OSError):
                if folder != ours and folder.stat().st_mtime < before.timestamp():
                    shutil.rmtree(folder)

    def _follow_store(self, session: Session, model: str) -> Held:
        folder = self._folder(model)
        held = _usable(session, self._opened_at(folder))
        if changes.unseen(session):
            # Should this transaction be rolled back, nobody else may have seen what it did.
            return _taken_over(session, model, held)
        if only_reads(session):
            # Who only reads holds no lock, and may look at an older moment than the file.
            return self._remember_vectors(session, model)
        # Looked at once without the lock: nearly always there is nothing, and a search must not wait for a
        # writer.
        if _news(session, model, held):
            lock_vectors(session)
            # Once more under the lock: whoever held it may have written just this.
            held = _usable(session, self._opened_at(folder))
            while news := _news(session, model, held):
                matrix_file.write(folder, held, news)
                held = self._opened_at(folder)
                # A disk that takes writes and loses them would keep this loop going for ever.
                if held.mark != news.mark:
                    raise OSError(EIO, "what was written does not read back")
        return held

    def _remember_vectors(self, session: Session, model: str) -> Held:
        """What the store has; what the file lacks of it is kept in memory until there is another file.

        On a machine where nobody writes the file, that is all of it.
        """
        folder = self._folder(model)
        file, held = (folder, matrix_file.stamp(folder)), _usable(session, self._opened_at(folder))
        # Kept from one search to the next, or each would read all that the file lacks once more.
        of, ahead = self._ahead
        if of == file and _usable(session, ahead) is ahead:
            held = ahead
        found = _taken_over(session, model, held)
        self._ahead = (file, found)
        return found

    def _folder(self, model: str) -> Path:
        # Hashed, since the version of a model is any text; the first 64 bits are enough for a handful of
        # models.
        return self._home / f"{sha256(model.encode()).hexdigest()[:16]}-{_FORMAT}"

    def _opened_at(self, folder: Path) -> Held:
        stamp = matrix_file.stamp(folder)
        if stamp is None:
            return hold_nothing()
        # A look at two numbers of the file system for each search, in place of a map of the file for each.
        if self._opened != (folder, stamp):
            self._held, self._opened = matrix_file.read(folder), (folder, stamp)
        return self._held


def _taken_over(session: Session, model: str, held: Held) -> Held:
    while news := _news(session, model, held):
        held = held.with_news(news)
    return held


def _usable(session: Session, held: Held) -> Held:
    """`held`, or nothing where it follows another store, or is of rows that are gone for the most part."""
    mark, there = held.mark, changes.mark(session)
    gone = np.count_nonzero(held.keys == GONE)
    # A database that was put back from a copy has changes of other content under the same numbers: the name
    # of the store, the number and the seal each catch one way in which that shows. Where most rows are gone,
    # writing the file anew is what gives their room back.
    if (
        mark.store not in {"", there.store}
        or mark.number > there.number
        or gone > len(held.keys) // 2 + CHUNK
    ):
        return hold_nothing()
    last = select(VectorRow.paper_id, VectorRow.vector).where(col(VectorRow.id) == mark.last)
    row = session.exec(last).first()
    if mark.last and (row is None or _seal(*row) != mark.seal):
        return hold_nothing()
    return held


def _seal(key: int, vector: bytes) -> int:
    # Of one row alone: a checksum of all would read the whole file at every start, which mapping it avoids.
    return crc32(vector, key)


def _news(session: Session, model: str, held: Held) -> News | None:
    """What comes next, at most `CHUNK` vectors; None where there is nothing."""
    # Read first: a paper that goes after it is told of the next time.
    there = changes.mark(session)
    row = VectorRow
    # By the row's id and without the model, which is a walk along the primary key; a row that is replaced
    # gets a new id, so that nothing is overlooked.
    following = select(row.id, row.paper_id, row.model, row.vector).where(col(row.id) > held.mark.last)
    rows = session.exec(following.order_by(col(row.id)).limit(CHUNK)).all()
    ours = [(key, vector) for _, key, of, vector in rows if of == model]
    # A paper that was embedded anew by another model has lost its vector of this one.
    others = [key for _, key, of, _ in rows if of != model]
    gone = _numbers([*_removed_keys(session, held.mark.number, there.number), *others])
    if len(gone):
        # A paper can go that never was here, for which the file need not be written once more.
        gone = np.intersect1d(gone, held.keys)
    if not rows and not len(gone):
        return None
    mark = replace(held.mark, store=there.store, number=there.number)
    if rows:
        last, key, _, vector = rows[-1]
        mark = replace(mark, last=last, seal=_seal(key, vector))
    vectors = unpack_vector(b"".join(vector for _, vector in ours)).reshape(-1, WIDTH)
    return News(mark, gone, _numbers(key for key, _ in ours), vectors)


def _removed_keys(session: Session, since: int, to: int) -> Sequence[int]:
    """The papers that went with the changes after `since` up to `to`."""
    changed = col(PaperChangeRow.number)
    found = (
        select(PaperChangeRow.paper_id)
        .outerjoin(PaperRow, col(PaperRow.id) == col(PaperChangeRow.paper_id))
        .where(changed > since, changed <= to, col(PaperRow.id).is_(None))
    )
    return session.exec(found).all()


def _numbers(keys: Iterable[int]) -> Keys:
    return np.fromiter(keys, np.int64)
