"""What a search asks of the store: bare words rank, everything else stays a hard filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.papers.analyser import split_words, stem_word
from bot.papers.paper import Paper
from bot.papers.stop_words import STOP_WORDS
from bot.search.snippet import Snippet
from bot.search.typed import TypedSearch
from bot.topics.query import And, Field, Phrase, Prefix, Query, Text, Word, join_parts, leaves_of


class Order(StrEnum):
    """How hits are ordered."""

    RELEVANCE = "relevance"
    DATE = "date"
    VOTES = "votes"


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """A search, ready to be answered.

    A paper is a hit where `required` fits (None: all do) and at least one of `ranked` does (empty: all do);
    by relevance, also where it is among the nearest by meaning. `bot.services.search` says how hits are
    ranked then; a store knows the other orders alone.
    """

    required: Query | None
    ranked: tuple[Word, ...]
    scored: tuple[Text, ...]
    """What BM25 is over: the ranked words, as often as each was said, or else what filters look for."""
    order: Order = Order.RELEVANCE
    since: date | None = None
    """Only papers first announced on this day or later."""
    text: str = ""
    """What the meaning is taken from; "" for nothing."""


# Repeated in one field rather than weighted in two, which takes tantivy a tenth longer.
TITLE_WEIGHT = 2
"""A word in the title counts as often as so many in the abstract."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored paper, the first day on which a source listed it, and all sources that did."""

    paper: Paper
    announced: date
    key: int
    """The store's own number of the paper."""
    sources: tuple[str, ...] = ()
    score: float | None = None
    """From 0 to 1, of a hit that a ranking placed."""
    snippet: Snippet | None = None
    """Where its abstract says what was searched for."""


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of hits in order, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int
    corrected: tuple[tuple[str, str], ...] = ()
    """Words that no paper has, each with the one that was looked for instead."""
    plan: SearchPlan | None = None
    """What was answered, where it is not what was asked for: other words, leaves by meaning as papers."""


def plan_search(search: TypedSearch, order: Order = Order.RELEVANCE, since: date | None = None) -> SearchPlan:
    """The plan of a ranking: bare words rank, while quotes, fields, minus and the rest filter.

    A term of several words, such as in-context, ranks by each of them, unless there are quotes, which show
    that phrases are meant as such. Stop words count only where there is nothing else.
    """
    parts: tuple[Query, ...] = search.query.parts if isinstance(search.query, And) else (search.query,)
    # Who uses quotes knows that they make phrases, and means the other words as they stand.
    loose = search.loose or '"' not in search.text
    bare = [word for part in parts for word in _bare_words(part, loose=loose)]
    hard = [part for part in parts if not _bare_words(part, loose=loose)]
    required = join_parts(And, hard) if hard else None
    ranked = tuple(dict.fromkeys(_without_stop_words(bare)))
    said = tuple(_without_stop_words(_all_words(search) if search.loose else bare))
    scored = said or (_scored_leaves(required) if required else ())
    return SearchPlan(required, ranked, scored, order, since, _meaning_text(search, bare))


def plan_filter(query: Query, since: date | None = None) -> SearchPlan:
    """The plan of a subscription: all of the query is required, the newest first."""
    return SearchPlan(query, (), (), Order.DATE, since)


def stems_of(leaf: Text) -> list[str]:
    """The stems that a word or phrase is scored by; those of a prefix are for the index to know."""
    match leaf:
        case Word(word):
            return [stem_word(word)]
        case Phrase(words):
            return [stem_word(word) for word in words if word not in STOP_WORDS] or list(
                map(stem_word, words)
            )
        case Prefix():
            return []


def _bare_words(part: Query, *, loose: bool) -> list[Word]:
    """The words of a part that ranks; none of one that filters."""
    if isinstance(part, Word) and part.field is Field.ANY:
        return [part]
    if loose and isinstance(part, Phrase) and part.field is Field.ANY:
        return [Word(word) for word in part.words]
    return []


def _all_words(search: TypedSearch) -> list[Word]:
    return [Word(word) for word in split_words(search.text)]


def _without_stop_words(found: list[Word]) -> list[Word]:
    return [word for word in found if word.text not in STOP_WORDS] or found


def _scored_leaves(query: Query) -> tuple[Text, ...]:
    found = (leaf for leaf in leaves_of(query, positive=True) if isinstance(leaf, Word | Phrase | Prefix))
    return tuple(dict.fromkeys(found))


def _meaning_text(search: TypedSearch, bare: list[Word]) -> str:
    if search.loose:
        return search.text
    phrases = [leaf for leaf in leaves_of(search.query, positive=True) if isinstance(leaf, Phrase)]
    said = [*bare, *(Word(word) for phrase in phrases for word in phrase.words)]
    return " ".join(dict.fromkeys(word.text for word in said)) if said else ""
