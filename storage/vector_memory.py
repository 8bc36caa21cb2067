"""The stored vectors as one matrix in memory, where a product with all of them takes milliseconds.

Each process has its own and takes over what other processes stored. 100,000 vectors are 154 MB.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.search.ports import Floats
from storage.tables import VectorRow

_Keys: TypeAlias = npt.NDArray[np.int64]
_Item = TypeVar("_Item", np.int64, np.float32)

WIDTH = 384
_CHUNK = 10_000


class VectorMemory:
    """The vectors of one model. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model, self._last, self._size = "", 0, 0
        self._keys: _Keys = np.empty(0, np.int64)
        self._matrix: Floats = np.empty((0, WIDTH), np.float32)

    def nearest(
        self,
        session: Session,
        model: str,
        vector: Floats,
        limit: int,
        among: Collection[int] | None,
        also: Collection[int],
    ) -> Sequence[tuple[int, float]]:
        """The papers of the highest cosines with `vector`, and those of `also`: as `search.ports.Vectors`."""
        with self._lock:
            self._follow(session, model)
            keys, cosines = self._keys[: self._size], self._matrix[: self._size] @ vector
        here = np.arange(len(keys)) if among is None else np.flatnonzero(np.isin(keys, _numbers(among)))
        if len(here) > limit:
            here = here[np.argpartition(-cosines[here], limit)[:limit]]
        if also:
            here = np.union1d(here, np.flatnonzero(np.isin(keys, _numbers(also))))
        here = here[np.lexsort((-keys[here], -cosines[here]))]
        return list(zip(keys[here].tolist(), cosines[here].tolist(), strict=True))

    def _follow(self, session: Session, model: str) -> None:
        """Take over what was stored since the last time, or all of it where something is gone or another.

        Who reads an older moment than somebody before leaves what is later: it is of papers that they do not
        see, and to read all anew for each of them would take a second.
        """
        if model != self._model:
            self._empty(model)
        self._read(session)
        stored, last = session.exec(
            select(func.count(), func.max(VectorRow.id)).where(col(VectorRow.model) == model)
        ).one()
        if self._size != stored and (last is None or last >= self._last):
            self._empty(model)
            self._read(session)

    def _read(self, session: Session) -> None:
        found = select(VectorRow.id, VectorRow.paper_id, VectorRow.vector).where(
            col(VectorRow.model) == self._model, col(VectorRow.id) > self._last
        )
        ordered = found.order_by(col(VectorRow.id)).execution_options(yield_per=_CHUNK)
        for chunk in session.connection().execute(ordered).partitions():
            numbers, keys, vectors = zip(*chunk, strict=True)
            self._last = numbers[-1]
            self._append(keys, b"".join(vectors))

    def _append(self, keys: Sequence[int], vectors: bytes) -> None:
        start, end = self._size, self._size + len(keys)
        if end > len(self._keys):
            room = max(end, len(self._keys) * 5 // 4)
            self._keys = _grown(self._keys, room, start)
            self._matrix = _grown(self._matrix, room, start)
        self._keys[start:end] = keys
        self._matrix[start:end] = unpacked(vectors).reshape(-1, WIDTH)
        self._size = end

    def _empty(self, model: str) -> None:
        """Forget everything, to take over the vectors of `model`."""
        self._model, self._last, self._size = model, 0, 0
        # Whoever still reads the old numbers keeps them.
        self._keys, self._matrix = np.empty_like(self._keys), np.empty_like(self._matrix)


def packed(vector: Floats) -> bytes:
    """A vector as it is stored: half the bytes, and cosines change by less than a thousandth."""
    return vector.astype("<f2").tobytes()


def unpacked(data: bytes) -> Floats:
    """What `packed` wrote."""
    return np.frombuffer(data, "<f2").astype(np.float32)


def _numbers(keys: Iterable[int]) -> _Keys:
    return np.fromiter(keys, np.int64)


def _grown(array: npt.NDArray[_Item], room: int, used: int) -> npt.NDArray[_Item]:
    larger = np.empty((room, *array.shape[1:]), array.dtype)
    larger[:used] = array[:used]
    return larger
