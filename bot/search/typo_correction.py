"""Typing errors: the word that was meant where no paper has the one that was typed."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

SHORTEST_WORD = 4
"""A shorter word is one error away from too many others."""
LONG_WORD = 8
"""From so many letters on, two errors are forgiven."""


def correct_word(word: str, known: Iterable[tuple[str, int]]) -> str:
    """The known word that `word` most likely is with a typing error in it, or "".

    `known` are folded words, each with the number of papers that hold it. Errors are counted as optimal
    string alignment does: a letter added, left out, another one, or two that changed places. Fewer errors
    win, then more papers. A word with a digit is a name, and left as it is.
    """
    if len(word) < SHORTEST_WORD or not word.isalpha():
        return ""
    most = 2 if len(word) >= LONG_WORD else 1
    found = [
        (distance, -papers, other)
        for other, papers in known
        if abs(len(other) - len(word)) <= most
        and (distance := OSA.distance(word, other, score_cutoff=most)) <= most
        and other.isalpha()
    ]
    return min(found)[2] if found else ""
