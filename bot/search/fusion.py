"""One ranking out of two: what has the words, and what means alike (docs/decisions/meaning.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

FUSION_DEPTH = 200
"""So many of the best by words and of the nearest by meaning are looked at."""
SHORT_QUERY_WORDS = 3
"""Words, but for stop words, of a query that is short: papers with all of them come first then."""
_WORDS_WEIGHT = 0.5


def fuse_scores(
    bm25: Mapping[int, float], cosines: Mapping[int, float], first: Collection[int] = ()
) -> list[tuple[int, float]]:
    """The papers of both, by the store's numbers, with their scores from 0 to 1, the best first.

    A score is half BM25 and half cosine, each in parts of its highest. What has no score in one of them, or
    a negative cosine, counts 0 there. The papers of `first` come before all others; equals by number, the
    highest first, which is the latest stored.
    """
    most, nearest = max(bm25.values(), default=0.0), max(cosines.values(), default=0.0)
    # In parts of the highest, so that the two measures compare. Words alone rank worse on both judged
    # collections (docs/decisions/meaning.md).
    scores = {
        key: _WORDS_WEIGHT * _part_of_highest(bm25.get(key, 0.0), most)
        + (1 - _WORDS_WEIGHT) * _part_of_highest(cosines.get(key, 0.0), nearest)
        for key in {**bm25, **cosines}
    }
    ahead = frozenset(first)
    return sorted(scores.items(), key=lambda item: (item[0] in ahead, item[1], item[0]), reverse=True)


def _part_of_highest(value: float, most: float) -> float:
    return max(value, 0.0) / most if most > 0 else 0.0
