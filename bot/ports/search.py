"""What search asks of the world: an index of words, a model of meaning, and the vectors that it makes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.search.changes import PaperChange, StorePosition
from bot.vectors import Floats


class Embedder(Protocol):
    """What gives a text its vector: texts that mean alike are near each other."""

    @property
    def version(self) -> str:
        """Stamped on stored vectors, which are made anew when it changes."""
        ...

    def embed(self, texts: Sequence[str]) -> Floats:
        """A row of unit length for each text. Raises StorageError where the model cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Unread:
    """A paper without a vector of its present words, which are those of its change `number`."""

    key: int
    number: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Waiting:
    """A paper of a batch that is to be matched by meaning; `number` is that of its waiting."""

    number: int
    key: int
    source: str
    day: date


class Vectors(Protocol):
    """Stored vectors of papers, each of a version of a model, and the papers that wait for theirs."""

    def papers_without_vector(self, model: str, limit: int) -> Sequence[Unread]:
        """Papers without a vector of this model and of their present words, the latest first."""
        ...

    def count_without_vector(self, model: str) -> int:
        """How many papers are missing."""
        ...

    def add(self, model: str, read: Sequence[Unread], vectors: Floats) -> None:
        """Store a row of `vectors` for each paper, in place of what it had; skip papers that are gone."""
        ...

    def vectors_of(self, model: str, papers: Iterable[PaperId]) -> Mapping[PaperId, Floats]:
        """The vectors of those papers that have one."""
        ...

    def nearest(
        self,
        model: str,
        vector: Floats,
        limit: int,
        among: Collection[int] | None = None,
        also: Collection[int] = (),
    ) -> Sequence[tuple[int, float]]:
        """The papers, by the store's own numbers, whose cosine with `vector` is highest, the nearest first.

        `among` are the papers that count, None for all; those of `also` are told of however far they are.
        """
        ...

    def advice(self) -> str:
        """How the nearest would be had at less cost; nothing where they are had as well as can be."""
        ...

    def follow(self, model: str) -> None:
        """Have ready what `nearest` needs, in a transaction that may write; others would do it each time.

        Raises StorageError where there is no room for it, or it cannot be written: `nearest` does without.
        """
        ...

    def drop_others(self, model: str, before: datetime) -> None:
        """Remove what `follow` had ready for other models and has not been at since then."""
        ...

    def recent_vectors(self, model: str, limit: int) -> Sequence[int]:
        """The papers announced last of those that have a vector, by the store's own numbers."""
        ...

    def wait_for_match(self, papers: Iterable[PaperId], source: str, day: date) -> None:
        """Have papers of a batch matched by meaning as soon as they have their vectors."""
        ...

    def unread_vectors(self, since: datetime) -> Mapping[tuple[str, date], int]:
        """How many papers wait of each batch that changed at or after `since`."""
        ...

    def waiting_papers(self, model: str, limit: int) -> Sequence[Waiting]:
        """Papers that wait and have their vectors now, the longest waiting first."""
        ...

    def end_waiting(self, waiting: Iterable[Waiting]) -> None:
        """These wait no more."""
        ...


class Ranker(Protocol):
    """The lexical index, outside of the store that it follows: it can be lost, and is made anew then.

    It knows stems, as `bot.papers.analyser` makes them, and papers by the store's own numbers. A paper's
    title weighs `TITLE_WEIGHT` times its abstract. Threads and processes share it. Every method raises
    IndexFolderError where its folder cannot be used.
    """

    def mark(self) -> StorePosition:
        """How far it follows the store, and which; what other processes did since counts from now on."""
        ...

    def follow(self, changes: Sequence[PaperChange], since: StorePosition, mark: StorePosition) -> bool:
        """Take over the changes from `since` on, after which it is at `mark`; from NOWHERE on, start anew.

        False, with nothing done, where somebody else is at it or was, so that it is not at `since`.
        """
        ...

    def drop_others(self, before: datetime) -> None:
        """Remove what other versions of the index left, and nobody has written since then."""
        ...

    def rank(
        self,
        stems: Mapping[str, int],
        limit: int,
        among: Collection[int] | None = None,
        *,
        every: bool = False,
    ) -> Sequence[tuple[int, float]]:
        """The papers that hold one of `stems` (with `every`, all of them) and their BM25, the best first.

        `stems` says how often each is asked for; `among` are the papers that count, None for all.
        """
        ...

    def count(self, stems: Collection[str], among: Collection[int] | None = None) -> int:
        """How many papers hold one of `stems`."""
        ...

    def words(self, prefix: str = "") -> Sequence[tuple[str, int]]:
        """The folded words, not stems, that begin so, each with the number of papers that hold it."""
        ...
