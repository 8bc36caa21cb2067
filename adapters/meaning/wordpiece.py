"""Text to the numbers of BERT's uncased vocabulary.

The rules are those of https://github.com/google-research/bert/blob/master/tokenization.py: words are split at
space and at every sign, folded, and read as the longest pieces that the vocabulary has.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

_LONGEST_WORD = 100
"""Characters: a longer word is unknown, as in the original."""
_MOST_KNOWN = 50_000
# The blocks of CJK ideographs, each of which is a word by itself.
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """A vocabulary, one piece a line, whose number is its line's; `##` begins a piece inside a word."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._numbers: Mapping[str, int] = {piece: number for number, piece in enumerate(lines)}
        self._unknown = self._numbers["[UNK]"]
        self._first, self._last = self._numbers["[CLS]"], self._numbers["[SEP]"]
        self._known: dict[str, tuple[int, ...]] = {}

    def token_ids(self, text: str, most: int) -> list[int]:
        """The numbers of the pieces of `text` between those of [CLS] and [SEP], at most `most` in all."""
        found = [self._first]
        for word in _split_words(text):
            found += self._word_pieces(word)
            if len(found) >= most - 1:
                break
        return [*found[: most - 1], self._last]

    def _word_pieces(self, word: str) -> tuple[int, ...]:
        pieces = self._known.get(word)
        if pieces is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            pieces = self._known[word] = self._split_word(word)
        return pieces

    def _split_word(self, word: str) -> tuple[int, ...]:
        if len(word) > _LONGEST_WORD:
            return (self._unknown,)
        found, start = [], 0
        while start < len(word):
            inside = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if inside + word[start:end] in self._numbers), None)
            if end is None:
                return (self._unknown,)
            found.append(self._numbers[inside + word[start:end]])
            start = end
        return tuple(found)


def _split_words(text: str) -> Iterator[str]:
    folded = unicodedata.normalize("NFD", text).lower()
    return iter("".join(map(_space_signs, folded)).split())


def _space_signs(char: str) -> str:
    """A sign between spaces, nothing for an accent or a control character, else the character."""
    if char.isascii():
        if char.isalnum():
            return char
        return " " if char.isspace() else f" {char} " if char.isprintable() else ""
    category = unicodedata.category(char)
    if category == "Mn" or category[0] == "C":
        return ""
    if category[0] == "Z":
        return " "
    return f" {char} " if category[0] == "P" or _is_ideograph(ord(char)) else char


def _is_ideograph(code: int) -> bool:
    return any(first <= code <= last for first, last in _IDEOGRAPHS)
