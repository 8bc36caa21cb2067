"""The one truth about words: fold, split, stem, the same for papers and for queries.

A database never tokenises for us: it indexes what this module wrote, so that a word means the same in a
subscription, in a search, on SQLite and on PostgreSQL (docs/decisions/words.md).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

VERSION = "english-3.1-1"
"""Stamped on stored tokens, which are made anew when it changes. It names the stemmer's version."""

_POSSESSIVE = re.compile(r"['\u2019]s\b")
_WORD = re.compile(r"[^\W_]+")
_local = threading.local()


def words(text: str) -> list[str]:
    """The folded words of `text` in their order: `["models", "learn", "in", "context"]`.

    Folding is NFKC, case and accents; a possessive 's is dropped; every other sign separates.
    """
    return _WORD.findall(_POSSESSIVE.sub("", fold(text)))


def fold(text: str) -> str:
    """`text` in NFKC, without case and accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", kept)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Snowball English stem of a folded word."""
    # A Stemmer is not safe to share between threads.
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("english", 0)
    return str(stemmer.stemWord(word))


def stems(text: str) -> list[str]:
    """The stems of the words of `text`, in their order."""
    return [stem(word) for word in words(text)]
