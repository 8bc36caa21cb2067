"""What a channel's 👍 and 👎 make of new papers: a linear model over words and meaning, read off its ratings.

The rated papers of each sign are averaged, in TF-IDF and in vectors, and a paper counts by how near it is to
that, in standard deviations of recent papers. Rated papers that are nearer to what a topic brings weigh more,
since a channel's topics need have nothing in common. How this and its weights were chosen, and what it is
worth, stands in docs/decisions/feedback.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
import numpy.typing as npt

from bot.feedback.rating import Rating
from bot.feedback.sparse import Scores, WordTable
from bot.papers.analyser import split_words, stem_word, stem_words
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.papers.stop_words import STOP_WORDS
from bot.vectors import Floats

RECENT_NUMBER = 200
"""Papers that make the measure; more make no difference."""
FEWEST_PAPERS = 20
"""With fewer papers than these their own deviation says nothing."""
# Letting it count for a sixth, or for five times as much, ranked worse: docs/decisions/feedback.md.
LIFT_PER_DEVIATION = 0.5
"""A deviation moves a paper as much as half of the topic's words in its title."""
MOST_DEVIATIONS = 8.0
"""Deviations, so that the words of the topic never lose their say."""
# As in Rocchio's relevance feedback, where what is disliked weighs a fraction of what is liked:
# https://nlp.stanford.edu/IR-book/html/htmledition/the-rocchio71-algorithm-1.html.
DISLIKE_WEIGHT = 0.25
"""Of what is nearer to papers with a 👎 than to what the topic brings: most of that they have in common."""
ON_TOPIC_DEVIATIONS = 3.0
"""Deviations from which on a rated paper is of the topic."""
_LEAST_WEIGHT = 0.05
_LEAST_DEVIATION = 0.01
_BY_WORDS, _BY_MEANING = (0.05, 0.02), (0.28, 0.13)
"""The mean and the deviation where there are few papers: about those of a judged collection."""
_TITLE_COUNTS = 2
_STOP_STEMS = frozenset(map(stem_word, STOP_WORDS))


@dataclass(frozen=True, slots=True)
class Boost:
    """How far a channel leans to a paper."""

    amount: float
    """In parts of what ranks a digest: 1 weighs as much as all of the topic's words in the title."""
    similar_title: str = ""
    """The title of the nearest paper with a 👍; "" where none is near."""


@dataclass(frozen=True, slots=True)
class LearnedPreferences:
    """What a model has learned, for people to read: words, and titles of the rated papers that say most."""

    liked_words: tuple[str, ...]
    disliked_words: tuple[str, ...]
    liked_titles: tuple[str, ...]
    disliked_titles: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _PaperGroup:
    """Some papers, a row each: their words, and their vectors, of zeros where there is none."""

    papers: Sequence[Paper]
    words: WordTable
    vectors: Scores
    has_vector: npt.NDArray[np.bool_]


class RecentPapers:
    """Recent papers of the store, against which all others are measured."""

    def __init__(self, papers: Sequence[Paper], vectors: Mapping[PaperId, Floats]) -> None:
        holding = Counter(chain.from_iterable(stem_frequencies(paper) for paper in papers))
        self._rarity = {word: _inverse_frequency(len(papers), number) for word, number in holding.items()}
        # A word that no recent paper has is the rarest of all, and must not be without a weight.
        self._unknown = _inverse_frequency(len(papers), 0)
        self.columns = {word: at for at, word in enumerate(holding)}
        self.words = self.tf_idf_table(papers, self.columns)
        known = [vectors[paper.id] for paper in papers if paper.id in vectors]
        self.vectors = np.array(known, np.float64)

    def tf_idf_table(self, papers: Sequence[Paper], columns: Mapping[str, int]) -> WordTable:
        """The TF-IDF of the stems of papers, all of which have a column."""
        rarity, unknown = self._rarity, self._unknown
        told = [
            {word: tf * rarity.get(word, unknown) for word, tf in stem_frequencies(paper).items()}
            for paper in papers
        ]
        return WordTable.from_weights(told, columns)


class _Comparison:
    """Where the papers of one comparison are held against each other."""

    def __init__(
        self, recent: RecentPapers, vectors: Mapping[PaperId, Floats], papers: Iterable[Paper]
    ) -> None:
        self._recent, self._vectors = recent, vectors
        known = recent.columns
        new = dict.fromkeys(word for paper in papers for word in stem_frequencies(paper) if word not in known)
        self.columns = known | {word: at for at, word in enumerate(new, len(known))}

    def make_group(self, papers: Sequence[Paper]) -> _PaperGroup:
        """Papers of those for which the space was made."""
        known = [self._vectors.get(paper.id) for paper in papers]
        width = next((len(vector) for vector in known if vector is not None), 0)
        vectors = np.array([np.zeros(width) if one is None else one for one in known], np.float64)
        has_vector = np.array([one is not None for one in known], bool)
        words_ = self._recent.tf_idf_table(papers, self.columns)
        return _PaperGroup(papers, words_, vectors.reshape(len(papers), width), has_vector)

    def nearness_to(self, some: _PaperGroup, others: _PaperGroup, weights: Scores | None = None) -> Scores:
        """How near each of `some` is to the average of `others`, in deviations of recent papers."""
        if not some.papers or not others.papers:
            return np.zeros(len(some.papers))
        weights = np.ones(len(others.papers)) if weights is None else weights
        recent = self._recent
        centre = others.words.mean_row(len(self.columns), weights)
        scores = _in_deviations(some.words.multiply_by(centre), recent.words.multiply_by(centre), _BY_WORDS)
        if not (others.has_vector.any() and some.has_vector.any()):
            return scores
        middle = _einsum_product("i,ij->j", weights, others.vectors)
        # An average of unit vectors is shorter than 1, the more so the less alike they are: without this,
        # mixed ratings would count for less than their direction says.
        middle /= max(float(np.linalg.norm(middle)), _LEAST_DEVIATION)
        usual = _einsum_product("ij,j->i", recent.vectors, middle) if len(recent.vectors) else np.zeros(0)
        by_meaning = _in_deviations(_einsum_product("ij,j->i", some.vectors, middle), usual, _BY_MEANING)
        # A paper without a vector yet is judged by its words, not as if its meaning were average.
        return np.where(some.has_vector, (scores + by_meaning) / 2, scores)

    def typical_titles(self, some: _PaperGroup, most: int) -> tuple[str, ...]:
        """The titles of those that are nearest to the average of them, at most so many."""
        order = np.argsort(-self.nearness_to(some, some), kind="stable")[:most]
        return tuple(some.papers[at].title for at in order)

    def nearest_titles(self, found: _PaperGroup, ups: _PaperGroup) -> list[str]:
        """The title of the nearest of `ups`, which is not the paper itself, for each that was found."""
        if not ups.papers:
            return [""] * len(found.papers)
        width = len(self.columns)
        alike = np.stack(
            [found.words.multiply_by(ups.words.dense_row(at, width)) for at in range(ups.words.height)], 1
        )
        if found.vectors.shape[1] and ups.vectors.shape[1]:
            alike += _einsum_product("ik,jk->ij", found.vectors, ups.vectors)
        places = {paper.id: at for at, paper in enumerate(ups.papers)}
        for row, paper in enumerate(found.papers):
            # A liked paper that matches again is no reason for itself.
            if paper.id in places:
                alike[row, places[paper.id]] = 0.0
        best = alike.argmax(axis=1).tolist()
        return [ups.papers[at].title if alike[row, at] > 0 else "" for row, at in enumerate(best)]


class Preferences:
    """The model of one channel."""

    def __init__(
        self, ratings: Iterable[Rating], recent: RecentPapers, vectors: Mapping[PaperId, Floats] | None = None
    ) -> None:
        """Learn from `ratings`; `vectors` are those that are known of rated papers and candidates."""
        self._recent, self._vectors = recent, vectors or {}
        rated = _sum_ratings(ratings)
        self._ups = [paper for paper, sign in rated.items() if sign > 0]
        self._downs = [paper for paper, sign in rated.items() if sign < 0]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is learned: there are no ratings, or they cancel each other out."""
        return not (self._ups or self._downs)

    def boosts_for(self, papers: Sequence[Paper]) -> Mapping[PaperId, Boost]:
        """How far the channel leans to each paper of a topic; none where nothing is learned."""
        if self.is_empty or not papers:
            return {}
        space = _Comparison(self._recent, self._vectors, [*self._ups, *self._downs, *papers])
        ups, downs, found = map(space.make_group, (self._ups, self._downs, papers))
        own = space.nearness_to(found, found)
        raw = _nearness_gain(space, ups, found) - DISLIKE_WEIGHT * _nearness_gain(space, downs, found, own)
        lifts = (LIFT_PER_DEVIATION * np.clip(raw, -MOST_DEVIATIONS, MOST_DEVIATIONS)).tolist()
        told = zip(papers, lifts, space.nearest_titles(found, ups), strict=True)
        return {paper.id: Boost(lift, like) for paper, lift, like in told}

    def describe_learned(self, most: int, titles: int) -> LearnedPreferences:
        """At most so many words of each kind, and titles, the most telling first."""
        rated = [*self._ups, *self._downs]
        space = _Comparison(self._recent, self._vectors, rated)
        ups, downs = space.make_group(self._ups), space.make_group(self._downs)
        forms = _commonest_forms(rated)
        usual = self._recent.words.mean_row(len(space.columns))
        tells = _word_weights(ups, usual) - DISLIKE_WEIGHT * _word_weights(downs, usual)
        order = sorted((-tells[space.columns[word]], form) for word, form in forms.items())
        return LearnedPreferences(
            tuple(form for told, form in order[:most] if told < 0),
            tuple(form for told, form in order[::-1][:most] if told > 0),
            space.typical_titles(ups, titles),
            space.typical_titles(downs, titles),
        )


def _nearness_gain(
    space: _Comparison, rated: _PaperGroup, found: _PaperGroup, own: Scores | float = 0.0
) -> Scores:
    """How much nearer each of `found` is to the rated papers than `own` says.

    Rated papers that are near to what was found weigh more, and all weigh less where none of them is.
    """
    if not rated.papers:
        return np.zeros(len(found.papers))
    weights = np.maximum(space.nearness_to(rated, found), _LEAST_WEIGHT)
    # Against what the topic brings as a whole: what disliked papers share with all of it is why they matched,
    # and a plain difference pushed the best papers down (nDCG@10 from 0.46 to 0.41).
    told: Scores = space.nearness_to(found, rated, weights) - own
    return told * min(1.0, float(weights.max()) / ON_TOPIC_DEVIATIONS)


def _sum_ratings(ratings: Iterable[Rating]) -> dict[Paper, int]:
    """What people think of each paper in all: above 0 it is liked."""
    sums: dict[PaperId, int] = defaultdict(int)
    papers: dict[PaperId, Paper] = {}
    for rating in ratings:
        sums[rating.paper.id] += rating.thumb
        papers[rating.paper.id] = rating.paper
    # Sorted, so that the sums of floats, and with them the order of a digest, are the same on every run.
    return {papers[name]: sums[name] for name in sorted(papers) if sums[name]}


def _commonest_forms(papers: Iterable[Paper]) -> dict[str, str]:
    """Every stem of the papers, and the word of it that they use most."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for paper in papers:
        folded = split_words(f"{paper.title} {paper.abstract}")
        for one, form in zip(stem_words(folded), folded, strict=True):
            if one not in _STOP_STEMS:
                told[one][form] += 1
    return {one: min(forms, key=lambda form: (-forms[form], form)) for one, forms in sorted(told.items())}


@lru_cache(maxsize=2_000)
def stem_frequencies(paper: Paper) -> Mapping[str, float]:
    """The stems that tell something, and the logarithm of how often each is said; a title counts twice."""
    said = Counter(
        stem_words(split_words(paper.title)) * _TITLE_COUNTS + stem_words(split_words(paper.abstract))
    )
    # TF-IDF as scikit-learn has it with `sublinear_tf` and `smooth_idf`:
    # https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting.
    return {word: 1 + float(np.log(number)) for word, number in said.items() if word not in _STOP_STEMS}


def _inverse_frequency(papers: int, holding: int) -> float:
    """IDF, smoothed: a word of every paper counts 1."""
    return float(np.log((1 + papers) / (1 + holding))) + 1


def _einsum_product(how: str, one: Scores, other: Scores) -> Scores:
    """A product without BLAS, whose threads wait for each other in a busy loop over tables this small."""
    found: Scores = np.einsum(how, one, other)
    return found


def _in_deviations(values: Scores, usual: Scores, typical: tuple[float, float]) -> Scores:
    """How many standard deviations of `usual` each value lies above its mean; `typical` where it is short."""
    mean, deviation = (usual.mean(), usual.std()) if len(usual) >= FEWEST_PAPERS else typical
    return (values - mean) / max(float(deviation), _LEAST_DEVIATION)


def _word_weights(rated: _PaperGroup, usual: Scores) -> Scores:
    """How much more than usual the rated papers say each word."""
    return rated.words.mean_row(len(usual)) - usual if rated.papers else np.zeros(len(usual))
