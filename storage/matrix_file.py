"""A matrix in a file to which rows are only added, and the papers of its rows.

A folder holds the matrix and, in `mark`, how far it follows the store and whose the rows are. The mark is a
new file each time and is written last: a process that is killed before has the same rows written once more,
and whoever reads keeps what the mark said.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias
from uuid import uuid4
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.vectors import Floats
from storage.float16 import WIDTH

Keys: TypeAlias = npt.NDArray[np.int64]

GONE = -1
"""Instead of a paper: the row is of none any more."""
_BYTES = WIDTH * 4
_NONE: Floats = np.empty((0, WIDTH), np.float32)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a matrix follows the store: to the change of this number, and to a row of `vectors`."""

    data: str
    """The matrix's file."""
    store: str = ""
    number: int = 0
    last: int = 0
    seal: int = 0
    """The checksum of that row, which is another one in a store that was set back unknown to us."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Row by row the papers, and their vectors."""

    mark: Mark
    keys: Keys
    matrix: Floats
    """Those of the file."""
    besides: Floats
    """Those that follow, which the file lacks yet."""

    def cosines(self, vector: Floats) -> Floats:
        """How near each row is."""
        return np.concatenate([self.matrix @ vector, self.besides @ vector])

    def keys_with(self, news: News) -> Keys:
        """The papers when `news` is taken over: what it tells of is no longer where it was."""
        gone = np.isin(self.keys, np.concatenate([news.gone, news.keys]))
        return np.concatenate([np.where(gone, GONE, self.keys), news.keys])

    def with_news(self, news: News) -> Held:
        """Both together, in this process's memory alone."""
        besides = np.concatenate([self.besides, news.vectors])
        return Held(news.mark, self.keys_with(news), self.matrix, besides)


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """What the store has besides, up to `mark`."""

    mark: Mark
    gone: Keys
    """Papers that have no vector of this model any more."""
    keys: Keys
    vectors: Floats


def hold_nothing() -> Held:
    return Held(Mark(f"{uuid4().hex}.f4"), np.empty(0, np.int64), _NONE, _NONE)


def write(folder: Path, held: Held, news: News) -> None:
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


def stamp(folder: Path) -> tuple[int, int] | None:
    """What differs from one mark to the next: each is a new file."""
    try:
        told = (folder / "mark").stat()
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns


def read(folder: Path) -> Held:
    """What the mark says; nothing where it is damaged, or its matrix is."""
    try:
        head, keys = (folder / "mark").read_bytes().split(b"\n", 1)
        data, store, number, last, seal, checked = json.loads(head)
        if crc32(keys) != checked:
            return hold_nothing()
        rows = np.frombuffer(keys, "<i8").astype(np.int64)
        # An empty file cannot be mapped.
        matrix = np.memmap(folder / data, "<f4", "r", shape=(len(rows), WIDTH)) if len(rows) else _NONE
        return Held(Mark(data, store, number, last, seal), rows, np.asarray(matrix, np.float32), _NONE)
    except (OSError, ValueError, TypeError):
        return hold_nothing()
