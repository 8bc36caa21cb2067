from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.fusion import fuse_scores

_scores = st.dictionaries(st.integers(1, 30), st.floats(0, 40))
_cosines = st.dictionaries(st.integers(1, 30), st.floats(-1, 1))


@pytest.mark.parametrize(
    ("bm25", "cosines", "first", "expected"),
    [
        ({}, {}, (), []),
        ({1: 8.0, 2: 4.0}, {}, (), [(1, 0.5), (2, 0.25)]),
        ({}, {1: 0.2, 2: 0.4}, (), [(2, 0.5), (1, 0.25)]),
        ({1: 8.0, 2: 6.0}, {1: 0.1, 2: 0.4, 3: 0.4}, (), [(2, 0.875), (1, 0.625), (3, 0.5)]),
        # Papers with all words come first, in the order of their own scores.
        ({1: 8.0, 2: 6.0, 3: 4.0}, {}, (3, 2), [(2, 0.375), (3, 0.25), (1, 0.5)]),
        # Opposite meaning is no worse than none; equal papers come the latest first.
        ({1: 4.0, 2: 4.0}, {1: -0.5, 3: -1.0}, (), [(2, 0.5), (1, 0.5), (3, 0.0)]),
    ],
)
def test_the_order_and_the_scores(
    bm25: dict[int, float],
    cosines: dict[int, float],
    first: tuple[int, ...],
    expected: list[tuple[int, float]],
) -> None:
    ranked = fuse_scores(bm25, cosines, first)

    assert [key for key, _ in ranked] == [key for key, _ in expected]
    assert [score for _, score in ranked] == pytest.approx([score for _, score in expected])


@given(_scores, _cosines, st.sets(st.integers(1, 30)))
def test_every_paper_of_both_is_there_once(
    bm25: dict[int, float], cosines: dict[int, float], first: set[int]
) -> None:
    ranked = fuse_scores(bm25, cosines, first)

    assert sorted(key for key, _ in ranked) == sorted({*bm25, *cosines})
    assert all(0 <= score <= 1.0001 for _, score in ranked)
    ahead = [key in first for key, _ in ranked]
    assert ahead == sorted(ahead, reverse=True)
    for part in (True, False):
        scores = [score for key, score in ranked if (key in first) is part]
        assert scores == sorted(scores, reverse=True)


@given(_scores, _cosines)
def test_no_unit_counts(bm25: dict[int, float], cosines: dict[int, float]) -> None:
    """Twice every BM25 is the same ranking."""
    twice = {key: 2 * value for key, value in bm25.items()}

    assert [key for key, _ in fuse_scores(twice, cosines)] == [key for key, _ in fuse_scores(bm25, cosines)]
