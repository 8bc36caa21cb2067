"""What a reader typed into a search: the query language, or words in a row.

A search is a ranking, and a question is answered by one whatever its punctuation. So typed text is read as
the query language only where it looks like it; otherwise each of its words ranks, and signs mean nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from bot.errors import QueryError
from bot.papers.analyser import words
from bot.papers.stop_words import STOP_WORDS
from bot.topics.fields import FIELDS, SIGNS
from bot.topics.parser import MAX_LENGTH, parse
from bot.topics.query import About, And, Query, Word, joined

SENTENCE = 3
"""So many stop words outside of quotes make a sentence."""
LONGEST = 10_000
"""Characters that are read of a pasted text: more than any abstract has."""
_NAME = 120
_SENTENCE = 900
"""Characters of a sentence that fit into a topic."""
_SHORTEST = {"?": 2, ".": 4}
"""Words that make a sentence of a text with this sign at its end."""
_QUOTED = re.compile(r'"[^"]*"')
_FIELD = re.compile(r'(?<![\w/.])([A-Za-z]+):(?=[^\s/"?!.,;:)]|")')
_OPERATOR = re.compile(r"(?<!\S)(?:AND|OR|NOT)(?!\S)")
_EXCLUDES_AT_END = re.compile(r'\s-(?:[^\W\d][\w-]*|"[^"]*")\s*$')


@dataclass(frozen=True, slots=True)
class Typed:
    """A search as it was typed, and the query that it means; `loose` where each of its words ranks."""

    text: str
    query: Query
    loose: bool = False

    def __str__(self) -> str:
        return self.text

    @property
    def name(self) -> str:
        """As a title names it."""
        return self.text if len(self.text) <= _NAME else f"{self.text[: _NAME - 1].rstrip()}…"

    @property
    def topic(self) -> str:
        """The topic that a subscription to this would have: a question is one by its meaning."""
        if not self.loose:
            return str(self.query)
        return str(About(self.text.replace('"', " ")[:_SENTENCE].strip()))


def typed(text: str) -> Typed:
    """What `text` asks for.

    Raises QueryError where it is meant as the query language and does not parse, or holds no word at all.
    """
    plain = " ".join(text.translate(SIGNS).split())
    sentence = is_sentence(plain)
    # No query is that long; what looks like a field in a passage is its own.
    language = _uses_fields(plain, guess=not sentence) and not (sentence and len(plain) > MAX_LENGTH)
    if sentence and not language:
        return _loose(plain)
    try:
        return Typed(plain, parse(plain))
    except QueryError:
        if language or _OPERATOR.search(plain) or not words(plain):
            raise
        return _loose(plain)


def is_sentence(text: str) -> bool:
    """Whether `text` reads as a question, a claim or a passage rather than as key words."""
    # The one sign that people add to a sentence on purpose.
    if _EXCLUDES_AT_END.search(text):
        return False
    found = words(_QUOTED.sub(" ", text))
    if len(found) >= _SHORTEST.get(text[-1:], len(found) + 1):
        return True
    return sum(word in STOP_WORDS for word in found) >= SENTENCE


def _uses_fields(text: str, *, guess: bool) -> bool:
    """Whether a field is named; with `guess`, also by a name that is mistyped."""
    names = (match[1].lower() for match in _FIELD.finditer(_QUOTED.sub('""', text)))
    return any(name in FIELDS or (guess and get_close_matches(name, FIELDS, 1, 0.8)) for name in names)


def _loose(text: str) -> Typed:
    # A word that is cut in two would be another one.
    read = text if len(text) <= LONGEST else text[:LONGEST].rpartition(" ")[0] or text[:LONGEST]
    return Typed(read, joined(And, [Word(word) for word in words(read)]), loose=True)
