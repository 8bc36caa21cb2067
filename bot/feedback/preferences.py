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
from bot.papers.analyser import stem, stemmed, words
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.papers.stop_words import STOP_WORDS
from bot.vectors import Floats

RECENT = 200
"""Papers that make the measure; more make no difference."""
FEW = 20
"""With fewer papers than these their own deviation says nothing."""
# Letting it count for a sixth, or for five times as much, ranked worse: docs/decisions/feedback.md.
LIFT = 0.5
"""A deviation moves a paper as much as half of the topic's words in its title."""
MOST = 8.0
"""Deviations, so that the words of the topic never lose their say."""
# As in Rocchio's relevance feedback, where what is disliked weighs a fraction of what is liked:
# https://nlp.stanford.edu/IR-book/html/htmledition/the-rocchio71-algorithm-1.html.
DISLIKES_WEIGH = 0.25
"""Of what is nearer to papers with a 👎 than to what the topic brings: most of that they have in common."""
AT_HOME = 3.0
"""Deviations from which on a rated paper is of the topic."""
_LEAST_WEIGHT = 0.05
_LEAST_DEVIATION = 0.01
_BY_WORDS, _BY_MEANING = (0.05, 0.02), (0.28, 0.13)
"""The mean and the deviation where there are few papers: about those of a judged collection."""
_TITLE_COUNTS = 2
_SILENT = frozenset(map(stem, STOP_WORDS))


@dataclass(frozen=True, slots=True)
class Leaning:
    """How far a channel leans to a paper."""

    lift: float
    """In parts of what ranks a digest: 1 weighs as much as all of the topic's words in the title."""
    like: str = ""
    """The title of the nearest paper with a 👍; "" where none is near."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a model has learned, for people to read: words, and titles of the rated papers that say most."""

    up: tuple[str, ...]
    down: tuple[str, ...]
    liked: tuple[str, ...]
    disliked: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Some papers, a row each: their words, and their vectors, of zeros where there is none."""

    papers: Sequence[Paper]
    words: WordTable
    vectors: Scores
    has_vector: npt.NDArray[np.bool_]


class Recent:
    """Recent papers of the store, against which all others are measured."""

    def __init__(self, papers: Sequence[Paper], vectors: Mapping[PaperId, Floats]) -> None:
        holding = Counter(chain.from_iterable(counted(paper) for paper in papers))
        self._rarity = {word: _rarity(len(papers), number) for word, number in holding.items()}
        # A word that no recent paper has is the rarest of all, and must not be without a weight.
        self._unknown = _rarity(len(papers), 0)
        self.columns = {word: at for at, word in enumerate(holding)}
        self.words = self.table(papers, self.columns)
        known = [vectors[paper.id] for paper in papers if paper.id in vectors]
        self.vectors = np.array(known, np.float64)

    def table(self, papers: Sequence[Paper], columns: Mapping[str, int]) -> WordTable:
        """The TF-IDF of the stems of papers, all of which have a column."""
        rarity, unknown = self._rarity, self._unknown
        told = [
            {word: tf * rarity.get(word, unknown) for word, tf in counted(paper).items()} for paper in papers
        ]
        return WordTable.of(told, columns)


class _Space:
    """Where the papers of one comparison are held against each other."""

    def __init__(self, recent: Recent, vectors: Mapping[PaperId, Floats], papers: Iterable[Paper]) -> None:
        self._recent, self._vectors = recent, vectors
        known = recent.columns
        new = dict.fromkeys(word for paper in papers for word in counted(paper) if word not in known)
        self.columns = known | {word: at for at, word in enumerate(new, len(known))}

    def group(self, papers: Sequence[Paper]) -> _Group:
        """Papers of those for which the space was made."""
        known = [self._vectors.get(paper.id) for paper in papers]
        width = next((len(vector) for vector in known if vector is not None), 0)
        vectors = np.array([np.zeros(width) if one is None else one for one in known], np.float64)
        has_vector = np.array([one is not None for one in known], bool)
        words_ = self._recent.table(papers, self.columns)
        return _Group(papers, words_, vectors.reshape(len(papers), width), has_vector)

    def near(self, some: _Group, others: _Group, weights: Scores | None = None) -> Scores:
        """How near each of `some` is to the average of `others`, in deviations of recent papers."""
        if not some.papers or not others.papers:
            return np.zeros(len(some.papers))
        weights = np.ones(len(others.papers)) if weights is None else weights
        recent = self._recent
        centre = others.words.mean(len(self.columns), weights)
        scores = _deviations(some.words.times(centre), recent.words.times(centre), _BY_WORDS)
        if not (others.has_vector.any() and some.has_vector.any()):
            return scores
        middle = _product("i,ij->j", weights, others.vectors)
        # An average of unit vectors is shorter than 1, the more so the less alike they are: without this,
        # mixed ratings would count for less than their direction says.
        middle /= max(float(np.linalg.norm(middle)), _LEAST_DEVIATION)
        usual = _product("ij,j->i", recent.vectors, middle) if len(recent.vectors) else np.zeros(0)
        by_meaning = _deviations(_product("ij,j->i", some.vectors, middle), usual, _BY_MEANING)
        # A paper without a vector yet is judged by its words, not as if its meaning were average.
        return np.where(some.has_vector, (scores + by_meaning) / 2, scores)

    def typical(self, some: _Group, most: int) -> tuple[str, ...]:
        """The titles of those that are nearest to the average of them, at most so many."""
        order = np.argsort(-self.near(some, some), kind="stable")[:most]
        return tuple(some.papers[at].title for at in order)

    def nearest(self, found: _Group, ups: _Group) -> list[str]:
        """The title of the nearest of `ups`, which is not the paper itself, for each that was found."""
        if not ups.papers:
            return [""] * len(found.papers)
        width = len(self.columns)
        alike = np.stack([found.words.times(ups.words.row(at, width)) for at in range(ups.words.height)], 1)
        if found.vectors.shape[1] and ups.vectors.shape[1]:
            alike += _product("ik,jk->ij", found.vectors, ups.vectors)
        places = {paper.id: at for at, paper in enumerate(ups.papers)}
        for row, paper in enumerate(found.papers):
            # A liked paper that matches again is no reason for itself.
            if paper.id in places:
                alike[row, places[paper.id]] = 0.0
        best = alike.argmax(axis=1).tolist()
        return [ups.papers[at].title if alike[row, at] > 0 else "" for row, at in enumerate(best)]


class Taste:
    """The model of one channel."""

    def __init__(
        self, ratings: Iterable[Rating], recent: Recent, vectors: Mapping[PaperId, Floats] | None = None
    ) -> None:
        """Learn from `ratings`; `vectors` are those that are known of rated papers and candidates."""
        self._recent, self._vectors = recent, vectors or {}
        rated = _labelled(ratings)
        self._ups = [paper for paper, sign in rated.items() if sign > 0]
        self._downs = [paper for paper, sign in rated.items() if sign < 0]

    @property
    def is_blank(self) -> bool:
        """Whether nothing is learned: there are no ratings, or they cancel each other out."""
        return not (self._ups or self._downs)

    def leanings(self, papers: Sequence[Paper]) -> Mapping[PaperId, Leaning]:
        """How far the channel leans to each paper of a topic; none where nothing is learned."""
        if self.is_blank or not papers:
            return {}
        space = _Space(self._recent, self._vectors, [*self._ups, *self._downs, *papers])
        ups, downs, found = map(space.group, (self._ups, self._downs, papers))
        own = space.near(found, found)
        raw = _pull(space, ups, found) - DISLIKES_WEIGH * _pull(space, downs, found, own)
        lifts = (LIFT * np.clip(raw, -MOST, MOST)).tolist()
        told = zip(papers, lifts, space.nearest(found, ups), strict=True)
        return {paper.id: Leaning(lift, like) for paper, lift, like in told}

    def lesson(self, most: int, titles: int) -> Lesson:
        """At most so many words of each kind, and titles, the most telling first."""
        rated = [*self._ups, *self._downs]
        space = _Space(self._recent, self._vectors, rated)
        ups, downs = space.group(self._ups), space.group(self._downs)
        forms = _forms(rated)
        usual = self._recent.words.mean(len(space.columns))
        tells = _tells(ups, usual) - DISLIKES_WEIGH * _tells(downs, usual)
        order = sorted((-tells[space.columns[word]], form) for word, form in forms.items())
        return Lesson(
            tuple(form for told, form in order[:most] if told < 0),
            tuple(form for told, form in order[::-1][:most] if told > 0),
            space.typical(ups, titles),
            space.typical(downs, titles),
        )


def _pull(space: _Space, rated: _Group, found: _Group, own: Scores | float = 0.0) -> Scores:
    """How much nearer each of `found` is to the rated papers than `own` says.

    Rated papers that are near to what was found weigh more, and all weigh less where none of them is.
    """
    if not rated.papers:
        return np.zeros(len(found.papers))
    weights = np.maximum(space.near(rated, found), _LEAST_WEIGHT)
    # Against what the topic brings as a whole: what disliked papers share with all of it is why they matched,
    # and a plain difference pushed the best papers down (nDCG@10 from 0.46 to 0.41).
    told: Scores = space.near(found, rated, weights) - own
    return told * min(1.0, float(weights.max()) / AT_HOME)


def _labelled(ratings: Iterable[Rating]) -> dict[Paper, int]:
    """What people think of each paper in all: above 0 it is liked."""
    sums: dict[PaperId, int] = defaultdict(int)
    papers: dict[PaperId, Paper] = {}
    for rating in ratings:
        sums[rating.paper.id] += rating.thumb
        papers[rating.paper.id] = rating.paper
    # Sorted, so that the sums of floats, and with them the order of a digest, are the same on every run.
    return {papers[name]: sums[name] for name in sorted(papers) if sums[name]}


def _forms(papers: Iterable[Paper]) -> dict[str, str]:
    """Every stem of the papers, and the word of it that they use most."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for paper in papers:
        folded = words(f"{paper.title} {paper.abstract}")
        for one, form in zip(stemmed(folded), folded, strict=True):
            if one not in _SILENT:
                told[one][form] += 1
    return {one: min(forms, key=lambda form: (-forms[form], form)) for one, forms in sorted(told.items())}


@lru_cache(maxsize=2_000)
def counted(paper: Paper) -> Mapping[str, float]:
    """The stems that tell something, and the logarithm of how often each is said; a title counts twice."""
    said = Counter(stemmed(words(paper.title)) * _TITLE_COUNTS + stemmed(words(paper.abstract)))
    # TF-IDF as scikit-learn has it with `sublinear_tf` and `smooth_idf`:
    # https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting.
    return {word: 1 + float(np.log(number)) for word, number in said.items() if word not in _SILENT}


def _rarity(papers: int, holding: int) -> float:
    """IDF, smoothed: a word of every paper counts 1."""
    return float(np.log((1 + papers) / (1 + holding))) + 1


def _product(how: str, one: Scores, other: Scores) -> Scores:
    """A product without BLAS, whose threads wait for each other in a busy loop over tables this small."""
    found: Scores = np.einsum(how, one, other)
    return found


def _deviations(values: Scores, usual: Scores, typical: tuple[float, float]) -> Scores:
    """How many standard deviations of `usual` each value lies above its mean; `typical` where it is short."""
    mean, deviation = (usual.mean(), usual.std()) if len(usual) >= FEW else typical
    return (values - mean) / max(float(deviation), _LEAST_DEVIATION)


def _tells(rated: _Group, usual: Scores) -> Scores:
    """How much more than usual the rated papers say each word."""
    return rated.words.mean(len(usual)) - usual if rated.papers else np.zeros(len(usual))
