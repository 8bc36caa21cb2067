"""The words of some papers as numbers: a row for each paper, of which only the words that it has are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Scores: TypeAlias = npt.NDArray[np.float64]
"""A number for each paper or word, or a row of numbers."""
_Places: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class WordTable:
    """What stands at which row and column, all else being 0; as large as the papers are long."""

    height: int
    rows: _Places
    columns: _Places
    values: Scores

    @classmethod
    def from_weights(cls, papers: Sequence[Mapping[str, float]], columns: Mapping[str, int]) -> WordTable:
        """A row of unit length for each paper; every word of them has a column."""
        sizes = [len(words) for words in papers]
        rows = np.repeat(np.arange(len(papers)), sizes)
        places = np.fromiter((columns[word] for words in papers for word in words), np.intp, sum(sizes))
        values = np.fromiter((value for words in papers for value in words.values()), np.float64, sum(sizes))
        lengths = np.sqrt(_sum_by_place(rows, values**2, len(papers)))
        return cls(len(papers), rows, places, values / lengths[rows])

    def multiply_by(self, vector: Scores) -> Scores:
        """The product of each row with `vector`, which has a number for each column."""
        return _sum_by_place(self.rows, self.values * vector[self.columns], self.height)

    def mean_row(self, width: int, weights: Scores | None = None) -> Scores:
        """The mean of the rows, over `width` columns; zeros where there is no row."""
        if not self.height:
            return np.zeros(width)
        weights = np.ones(self.height) if weights is None else weights
        mean: Scores = _sum_by_place(self.columns, self.values * weights[self.rows], width) / weights.sum()
        return mean

    def dense_row(self, at: int, width: int) -> Scores:
        """One row, over `width` columns."""
        start, end = np.searchsorted(self.rows, (at, at + 1))
        return _sum_by_place(self.columns[start:end], self.values[start:end], width)


def _sum_by_place(places: _Places, values: Scores, size: int) -> Scores:
    """The sum of the values of each place."""
    # `bincount` adds in the order of the values, so that a sum is the same on every run.
    return np.asarray(np.bincount(places, values, size), np.float64)
