"""Which papers a sentence or an example means: a measure that carries over from one topic to another.

A cosine by itself says little: how high it is depends on the topic and on the field. So a paper's cosine and
its BM25 are held against those of recent papers of the same sources, the background, and counted in standard
deviations from their mean. The weights and thresholds are measured (docs/decisions/meaning.md).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bot.papers.analyser import stem_text
from bot.papers.paper import Paper
from bot.topics.query import About, Like
from bot.vectors import Floats

Scores: TypeAlias = npt.NDArray[np.float64]

BACKGROUND_PAPERS = 1000
"""Papers that a topic is held against; from about 200 on it makes little difference."""
FEWEST_PAPERS = 20
"""With fewer papers than these their own deviation says nothing."""
_COSINE, _DEVIATION = 0.15, 0.10
"""The mean and the deviation of cosines where there are few papers: about those of two judged collections."""
# Measured together with the thresholds of `Strictness` (`python -m benchmarks.alerts`): change both or none.
_MEANING_WEIGHT, _WORDS_WEIGHT = 0.7, 0.3
_LEAST_DEVIATION = 0.01
"""Of a background in which all papers are alike."""
_MOST_BY_WORDS = 8.0
"""Deviations, so that one rare word does not decide alone."""
# https://www.staff.city.ac.uk/~sbrp622/papers/foundations_bm25_review.pdf, with Lucene's never negative IDF.
_K1, _B = 1.2, 0.75
_TITLE_COUNTS = 2


@dataclass(frozen=True, slots=True, eq=False)
class MeaningQuery:
    """What a leaf asks for: a vector of unit length and some stems. `what` names it to the reader."""

    leaf: About | Like
    label: str
    vector: Floats
    stems: tuple[str, ...]


class StemCounts:
    """The stems of some papers: in which, and how often, each stands. A title counts twice.

    With `wanted`, of these stems alone, which takes half the time.
    """

    def __init__(self, papers: Iterable[Paper], wanted: Collection[str] | None = None) -> None:
        found = [stem_text(paper.title) * _TITLE_COUNTS + stem_text(paper.abstract) for paper in papers]
        self.lengths = np.array([len(text) for text in found], np.float64)
        self._where: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, text in enumerate(found):
            kept = text if wanted is None else [stem for stem in text if stem in wanted]
            for stem, count in Counter(kept).items():
                self._where[stem].append((number, count))

    def count_papers_with(self, stem: str) -> int:
        """In how many papers it stands."""
        return len(self._where.get(stem, ()))

    def score_bm25(self, weights: Mapping[str, float], typical: float) -> Scores:
        """The BM25 of each paper, the weight of a stem being its rarity; `typical` is the usual length."""
        scores = np.zeros(len(self.lengths))
        norms = _K1 * (1 - _B + _B * self.lengths / typical)
        for stem, weight in weights.items():
            if stem in self._where:
                where, counts = np.array(self._where[stem]).T
                scores[where] += weight * counts * (_K1 + 1) / (counts + norms[where])
        return scores


def embedded_text(paper: Paper) -> str:
    """What of a paper is embedded."""
    return f"{paper.title}. {paper.abstract}" if paper.abstract else paper.title


class Background:
    """Recent papers, a row of `vectors` for each."""

    def __init__(self, papers: Sequence[Paper], vectors: Floats) -> None:
        self._size = len(papers)
        self._texts = StemCounts(papers)
        self._vectors = vectors
        self._length = max(float(self._texts.lengths.mean()), 1.0) if papers else 1.0

    def scorer_for(self, asked: MeaningQuery) -> TopicScorer:
        """The measure of one topic."""
        # A new installation: cosines are held against constants, and words, of which nothing is known, say
        # nothing.
        if self._size < FEWEST_PAPERS:
            return TopicScorer(asked, self, _Distribution(_COSINE, _DEVIATION), None)
        cosines = (self._vectors @ asked.vector).astype(np.float64)
        return TopicScorer(
            asked, self, _distribution_of(cosines), _distribution_of(self.score_bm25(asked, self._texts))
        )

    def score_bm25(self, asked: MeaningQuery, texts: StemCounts) -> Scores:
        """BM25 of each paper of `texts`, rarity and length being those of the background."""
        weights = {
            stem: number * self._inverse_frequency(stem) for stem, number in Counter(asked.stems).items()
        }
        return texts.score_bm25(weights, self._length)

    def _inverse_frequency(self, stem: str) -> float:
        holding = self._texts.count_papers_with(stem)
        # `log1p` is what keeps it from being negative: the classic form turns below 0 for a word of most
        # papers.
        return float(np.log1p((self._size - holding + 0.5) / (holding + 0.5)))


@dataclass(frozen=True, slots=True)
class _Distribution:
    mean: float
    deviation: float

    def in_deviations(self, values: Scores) -> Scores:
        """How many standard deviations each value lies above the mean."""
        return (values - self.mean) / max(self.deviation, _LEAST_DEVIATION)


@dataclass(frozen=True, slots=True, eq=False)
class TopicScorer:
    """One topic, held against a background."""

    asked: MeaningQuery
    _background: Background
    _cosines: _Distribution
    _words: _Distribution | None
    """None where the background has too few papers to tell."""

    def score_papers(self, texts: StemCounts, cosines: Floats) -> Scores:
        """How near each paper is; `Strictness.threshold` says what is near enough."""
        near = _MEANING_WEIGHT * self._cosines.in_deviations(cosines.astype(np.float64))
        if self._words is None:
            return near
        by_words = self._words.in_deviations(self._background.score_bm25(self.asked, texts))
        return near + _WORDS_WEIGHT * np.minimum(by_words, _MOST_BY_WORDS)


def _distribution_of(values: Scores) -> _Distribution:
    return _Distribution(float(values.mean()), float(values.std()))
