"""`about:` and `like:` answered: each becomes the papers that it means, of the store or of a batch."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import compress

import numpy as np

from bot.errors import UsageError
from bot.papers.analyser import stem_text
from bot.papers.paper import Paper
from bot.ports.search import Embedder
from bot.ports.store import Transaction
from bot.search.changes import StorePosition
from bot.search.plan import SearchPlan
from bot.topics.evaluate import undecidable_error
from bot.topics.query import About, Leaf, Like, Near, Query, leaves_of, needs_meaning, replace_leaves
from bot.topics.semantic_score import (
    BACKGROUND_PAPERS,
    Background,
    MeaningQuery,
    Scores,
    StemCounts,
    embedded_text,
)
from bot.topics.strictness import Strictness
from bot.vectors import Floats

LOOKED_AT = 1000
"""So many of the nearest papers are measured when the store is asked."""
_STALE = 0.1
"""A background of which this share is new is measured anew."""
_LONGEST_NAME = 80


class Scored:
    """The papers that were held against the leaves of a topic, and how near each is to each leaf."""

    def __init__(self) -> None:
        self._found: dict[About | Like, tuple[str, Sequence[Paper], Scores]] = {}

    def add_scores(self, asked: MeaningQuery, papers: Sequence[Paper], scores: Scores) -> None:
        """Take what was measured of one leaf."""
        self._found[asked.leaf] = (asked.label, papers, scores)

    def answer_atom(self, query: Query, strictness: Strictness) -> Query:
        """`query` with every leaf by meaning as the papers that are near enough; none for one left out."""
        answers: dict[Leaf, Leaf] = {}
        for leaf in by_meaning(query):
            what, papers, scores = self._found.get(leaf, ("", (), np.empty(0)))
            near = (scores >= strictness.threshold).tolist()
            answers[leaf] = Near(leaf, what, frozenset(paper.id for paper in compress(papers, near)))
        return replace_leaves(query, answers)


class Meaning:
    """Answers by meaning, with a model. Threads may share it."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.whole_at: StorePosition | None = None
        """The store's last change when every paper had its vector."""
        self._lock = threading.Lock()
        self._held: tuple[frozenset[int], Background] | None = None
        self._vector = lru_cache(maxsize=10_000)(self._embed_text)

    @property
    def model(self) -> str:
        """The version of the model, which is stamped on stored vectors."""
        return self.embedder.version

    def vector_of(self, text: str) -> Floats:
        """The vector of what somebody asks. Raises StorageError where the model cannot be read."""
        return self._vector(text)

    def prepare_query(self, query: Query) -> None:
        """Have the vectors of a query's sentences ready before a transaction begins."""
        for leaf in by_meaning(query):
            if isinstance(leaf, About):
                self.vector_of(leaf.text)

    def over_store(self, tx: Transaction, query: Query, since: date | None = None) -> Scored:
        """The nearest `LOOKED_AT` stored papers of each leaf, of those first announced from `since` on.

        Raises UsageError for the example of a paper that is not stored.
        """
        scored = Scored()
        among = tx.papers.matching_keys(SearchPlan(None, (), (), since=since)) if since else None
        for leaf in by_meaning(query):
            asked = self._asked_vectors(tx, leaf)
            found = tx.vectors.nearest(self.model, asked.vector, LOOKED_AT, among)
            cosines = dict(found)
            hits = tx.papers.hits_of([key for key, _ in found])
            papers = [hit.paper for hit in hits]
            nearness = np.array([cosines[hit.key] for hit in hits], np.float32)
            self._score_papers(tx, scored, asked, papers, nearness)
        return scored

    def over_batch(self, tx: Transaction, topics: Iterable[Query], papers: Sequence[Paper]) -> Scored:
        """How near the papers of a batch are; one without a vector is near to nothing."""
        vectors = tx.vectors.vectors_of(self.model, [paper.id for paper in papers])
        known = [paper for paper in papers if paper.id in vectors]
        scored = Scored()
        if not known:
            return scored
        matrix, texts = np.stack([vectors[paper.id] for paper in known]), StemCounts(known)
        background = self._background_vectors(tx)
        for leaf in dict.fromkeys(leaf for topic in topics for leaf in by_meaning(topic)):
            try:
                asked = self._asked_vectors(tx, leaf)
            except UsageError:
                # The example is gone since somebody subscribed.
                continue
            scores = background.scorer_for(asked).score_papers(texts, matrix @ asked.vector)
            scored.add_scores(asked, known, _lacking_vectors(leaf, known, scores))
        return scored

    def _score_papers(
        self, tx: Transaction, scored: Scored, asked: MeaningQuery, papers: Sequence[Paper], cosines: Floats
    ) -> None:
        if papers:
            texts = StemCounts(papers, frozenset(asked.stems))
            scores = self._background_vectors(tx).scorer_for(asked).score_papers(texts, cosines)
            scored.add_scores(asked, papers, _lacking_vectors(asked.leaf, papers, scores))

    def _asked_vectors(self, tx: Transaction, leaf: About | Like) -> MeaningQuery:
        if isinstance(leaf, About):
            return MeaningQuery(
                leaf, _named_papers(leaf.text), self.vector_of(leaf.text), tuple(stem_text(leaf.text))
            )
        hit = tx.papers.get(leaf.id)
        if hit is None:
            raise UsageError(
                f"`{leaf}`: this paper is not stored here, so nothing can be compared with it.",
                'Describe it instead: about:"…".',
            )
        paper = hit.paper
        stored = tx.vectors.vectors_of(self.model, [paper.id])
        vector = stored[paper.id] if paper.id in stored else self.vector_of(embedded_text(paper))
        return MeaningQuery(leaf, _named_papers(paper.title), vector, tuple(stem_text(paper.title)))

    def _background_vectors(self, tx: Transaction) -> Background:
        with self._lock:
            keys = tx.vectors.recent_vectors(self.model, BACKGROUND_PAPERS)
            if self._held is None or len(self._held[0].symmetric_difference(keys)) > _STALE * len(keys):
                papers = [hit.paper for hit in tx.papers.hits_of(keys)]
                vectors = tx.vectors.vectors_of(self.model, [paper.id for paper in papers])
                rows = [vectors[paper.id] for paper in papers]
                background = Background(papers, np.stack(rows) if rows else np.empty((0, 0), np.float32))
                self._held = frozenset(keys), background
            return self._held[1]

    def _embed_text(self, text: str) -> Floats:
        vector: Floats = self.embedder.embed([text])[0]
        return vector


def answer_query(
    meaning: Meaning | None,
    tx: Transaction,
    query: Query,
    strictness: Strictness = Strictness.NORMAL,
    since: date | None = None,
) -> Query:
    """`query` with its leaves by meaning answered out of the store; one that has none is as it was.

    Raises UsageError without a model, and for the example of a paper that is not stored.
    """
    if not needs_meaning(query):
        return query
    return available_meaning(meaning, query).over_store(tx, query, since).answer_atom(query, strictness)


def available_meaning(meaning: Meaning | None, query: Query) -> Meaning:
    """`meaning`. Raises UsageError where the query needs it and it is None."""
    if meaning is None:
        raise undecidable_error(by_meaning(query)[0])
    return meaning


def by_meaning(query: Query) -> list[About | Like]:
    """The leaves that only the meaning index can answer, each once."""
    return list(dict.fromkeys(leaf for leaf in leaves_of(query) if isinstance(leaf, About | Like)))


def _lacking_vectors(leaf: About | Like, papers: Sequence[Paper], scores: Scores) -> Scores:
    """Nothing is near itself."""
    if isinstance(leaf, Like):
        itself = [leaf.id in {paper.id, *paper.aliases} for paper in papers]
        return np.where(itself, -np.inf, scores)
    return scores


def _named_papers(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1].rstrip() + "…"
