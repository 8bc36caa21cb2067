"""What a reader typed into a search: the query language, or words in a row.

A search is a ranking, and a question is answered by one whatever its punctuation. So typed text is read as
the query language only where it looks like it; otherwise each of its words ranks, and signs mean nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from bot.errors import QueryError
from bot.papers.analyser import split_words
from bot.papers.stop_words import STOP_WORDS
from bot.topics.fields import FIELDS, SIGNS
from bot.topics.parser import MAX_LENGTH, parse_query
from bot.topics.query import About, And, Query, Word, join_parts

SENTENCE_STOP_WORDS = 3
"""So many stop words outside of quotes make a sentence."""
LONGEST_SEARCH = 10_000
"""Characters that are read of a pasted text: more than any abstract has."""
_NAME_LIMIT = 120
_SENTENCE_LIMIT = 900
"""Characters of a sentence that fit into a topic."""
_SHORTEST_SENTENCES = {"?": 2, ".": 4}
"""Words that make a sentence of a text with this sign at its end."""
_QUOTED = re.compile(r'"[^"]*"')
_FIELD = re.compile(r'(?<![\w/.])([A-Za-z]+):(?=[^\s/"?!.,;:)]|")')
_OPERATOR = re.compile(r"(?<!\S)(?:AND|OR|NOT)(?!\S)")
_EXCLUDES_AT_END = re.compile(r'\s-(?:[^\W\d][\w-]*|"[^"]*")\s*$')


@dataclass(frozen=True, slots=True)
class TypedSearch:
    """A search as it was typed, and the query that it means; `loose` where each of its words ranks."""

    text: str
    query: Query
    loose: bool = False

    def __str__(self) -> str:
        return self.text

    @property
    def name(self) -> str:
        """As a title names it."""
        return self.text if len(self.text) <= _NAME_LIMIT else f"{self.text[: _NAME_LIMIT - 1].rstrip()}…"

    @property
    def topic(self) -> str:
        """The topic that a subscription to this would have: a question is one by its meaning."""
        if not self.loose:
            return str(self.query)
        return str(About(self.text.replace('"', " ")[:_SENTENCE_LIMIT].strip()))


def parse_search(text: str) -> TypedSearch:
    """What `text` asks for.

    Raises QueryError where it is meant as the query language and does not parse, or holds no word at all.
    """
    plain = " ".join(text.translate(SIGNS).split())
    sentence = is_sentence(plain)
    # No query is that long; what looks like a field in a passage is its own.
    language = _uses_fields(plain, guess=not sentence) and not (sentence and len(plain) > MAX_LENGTH)
    if sentence and not language:
        return _rank_every_word(plain)
    try:
        return TypedSearch(plain, parse_query(plain))
    except QueryError:
        if language or _OPERATOR.search(plain) or not split_words(plain):
            raise
        return _rank_every_word(plain)


def is_sentence(text: str) -> bool:
    """Whether `text` reads as a question, a claim or a passage rather than as key words."""
    # The one sign that people add to a sentence on purpose.
    if _EXCLUDES_AT_END.search(text):
        return False
    found = split_words(_QUOTED.sub(" ", text))
    if len(found) >= _SHORTEST_SENTENCES.get(text[-1:], len(found) + 1):
        return True
    return sum(word in STOP_WORDS for word in found) >= SENTENCE_STOP_WORDS


def _uses_fields(text: str, *, guess: bool) -> bool:
    """Whether a field is named; with `guess`, also by a name that is mistyped."""
    names = (match[1].lower() for match in _FIELD.finditer(_QUOTED.sub('""', text)))
    return any(name in FIELDS or (guess and get_close_matches(name, FIELDS, 1, 0.8)) for name in names)


def _rank_every_word(text: str) -> TypedSearch:
    # A word that is cut in two would be another one.
    read = (
        text
        if len(text) <= LONGEST_SEARCH
        else text[:LONGEST_SEARCH].rpartition(" ")[0] or text[:LONGEST_SEARCH]
    )
    return TypedSearch(read, join_parts(And, [Word(word) for word in split_words(read)]), loose=True)
