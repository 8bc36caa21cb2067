"""The one truth about words: fold, split, stem, the same for papers and for queries.

A database never tokenises for us: it indexes what this module wrote, so that a word means the same in a
subscription, in a search, on SQLite and on PostgreSQL (docs/decisions/words.md).
"""

from __future__ import annotations

import re
import threading
import unicodedata

import Stemmer

ANALYSER_VERSION = "english-3.1-2"
"""Stamped on stored tokens, which are made anew when it changes. It names the stemmer's version."""

# Unicode's blocks of combining marks for Latin, Greek and Cyrillic letters and for symbols, and the selectors
# of a glyph's variant: https://www.unicode.org/charts/. Other scripts spell words with their marks.
_ACCENT = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
_POSSESSIVE = re.compile(r"['\u2019]s\b", re.IGNORECASE)
# Six times the distinct words of the 6,935 recorded papers (docs/decisions/words.md). Cleared as a whole,
# since an order of eviction would cost at every look-up.
_MAX_STEMS = 200_000
_local = threading.local()


class _FoldTable(dict[int, str]):
    """For `str.translate`: a character to its folded form, and a sign that is no part of a word to a space.

    It fills itself as characters are met; `str.translate` over it is faster than a regular expression.
    """

    def __missing__(self, code: int) -> str:
        spaced = "".join(char if is_word_char(char) else " " for char in fold_text(chr(code)))
        return self.setdefault(code, spaced)


class _StemCache(dict[str, str]):
    """Folded words to their stems, filled as they are met."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _MAX_STEMS:
            self.clear()
        # A Stemmer is not safe to share between threads.
        stemmer = getattr(_local, "stemmer", None)
        if stemmer is None:
            stemmer = _local.stemmer = Stemmer.Stemmer("english", 0)
        return self.setdefault(word, str(stemmer.stemWord(word)))


_fold_table = _FoldTable()
_stem_cache = _StemCache()


def split_words(text: str) -> list[str]:
    """The folded words of `text` in their order: `["models", "learn", "in", "context"]`.

    Folding is NFKC, case and accents; a possessive 's is dropped; every other sign separates. Marks of a
    script that spells with them, such as the vowel signs of Hindi, are part of the word.
    """
    # A test for the sign is much quicker than the expression, and most texts have none.
    if "'" in text or "\u2019" in text:
        text = _POSSESSIVE.sub("", text)
    spaced = text.translate(_fold_table)
    return (spaced if spaced.isascii() else unicodedata.normalize("NFC", spaced)).split()


def fold_text(text: str) -> str:
    """`text` in NFKC, without case and the accents of Latin, Greek and Cyrillic letters."""
    if text.isascii():
        return text.lower()
    # Case is folded between the two forms: folding can take a letter apart (`İ`), and NFKC can make a
    # capital.
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _ACCENT.sub("", plain))


def is_word_char(char: str) -> bool:
    """Whether a character is part of a word: a letter, a digit, or a mark that goes with one."""
    return char.isalnum() or unicodedata.category(char) in {"Mn", "Mc"}


def stem_word(word: str) -> str:
    """The Snowball English stem of a folded word."""
    return _stem_cache[word]


def stem_text(text: str) -> list[str]:
    """The stems of the words of `text`, in their order."""
    return stem_words(split_words(text))


def stem_words(folded: list[str]) -> list[str]:
    """The stems of folded words, in their order."""
    return list(map(_stem_cache.__getitem__, folded))
