"""What a query means, evaluated plainly on one paper. `bot.topics.matching` is held to it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import assert_never

from bot.errors import UsageError
from bot.papers.analyser import split_words, stem_word, stem_words
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.topics.query import (
    About,
    And,
    Author,
    Category,
    Comparison,
    Field,
    IdIs,
    Leaf,
    Like,
    Near,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    SignalIs,
    SourceIs,
    Text,
    Trending,
    Word,
)

_CACHED_PHRASES = 10_000
"""Phrases whose stems are kept: a topic meets paper after paper."""
COMPARISONS: dict[Comparison, Callable[[int, int], bool]] = {
    Comparison.AT_LEAST: operator.ge,
    Comparison.MORE: operator.gt,
    Comparison.AT_MOST: operator.le,
    Comparison.LESS: operator.lt,
    Comparison.EQUAL: operator.eq,
}


@dataclass(frozen=True, slots=True)
class AnalysedText:
    """The folded words of a text and their stems, in their order."""

    forms: list[str]
    stems: list[str]


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper as queries see it."""

    paper: Paper
    title: AnalysedText
    abstract: AnalysedText
    authors: tuple[list[str], ...]
    """The folded words of each name."""
    categories: tuple[str, ...]
    """In lower case."""
    ids: frozenset[PaperId]
    sources: frozenset[str]


def view_paper(paper: Paper, sources: Collection[str] = ()) -> PaperView:
    """Analyse `paper`, which `sources` have announced."""
    return PaperView(
        paper,
        _analyse_text(paper.title),
        _analyse_text(paper.abstract),
        tuple(map(split_words, paper.authors)),
        tuple(category.lower() for category in paper.categories),
        frozenset((paper.id, *paper.aliases)),
        frozenset(sources),
    )


def fits_paper(query: Query, seen: PaperView) -> bool:
    """Whether the query fits the paper.

    Raises UsageError where the answer needs the meaning index, or what trends.
    """
    match query:
        case And(parts):
            return all(fits_paper(part, seen) for part in parts)
        case Or(parts):
            return any(fits_paper(part, seen) for part in parts)
        case Not(part):
            return not fits_paper(part, seen)
        case _:
            return _leaf_fits(query, seen)


def text_fits(leaf: Text, text: AnalysedText) -> bool:
    """Whether a word, phrase or prefix occurs in `text`, whatever its field."""
    match leaf:
        case Word(word):
            return stem_word(word) in text.stems
        case Phrase(phrase):
            return _contains_run(_stems_of(phrase), text.stems)
        case Prefix(beginning):
            return any(form.startswith(beginning) for form in text.forms)
    assert_never(leaf)


def author_fits(leaf: Author, name: list[str]) -> bool:
    """Whether the folded words of one author's name hold those of `leaf` in a row."""
    return _contains_run(list(leaf.words), name)


def category_fits(leaf: Category, category: str) -> bool:
    """Whether a category in lower case is the one of `leaf`, or in its archive."""
    if leaf.archive:
        return category == leaf.archive or category.startswith(f"{leaf.archive}.")
    return category == leaf.pattern.lower()


def signal_fits(leaf: SignalIs, paper: Paper) -> bool:
    """Whether the paper has the signal, and it compares as asked."""
    # The members of `Signal` are named after the fields of `Signals`.
    number: int | None = getattr(paper.signals, leaf.signal)
    return number is not None and COMPARISONS[leaf.comparison](number, leaf.number)


def near_fits(leaf: Near, seen: PaperView) -> bool:
    """Whether the paper is one of those that the answer names."""
    return not leaf.papers.isdisjoint(seen.ids)


def undecidable_error(leaf: About | Like | Trending) -> UsageError:
    """The error for a leaf that no paper tells by itself, where there is nothing else that does."""
    if isinstance(leaf, Trending):
        return UsageError(
            f"`{leaf}` works only in subscriptions.",
            f"`/papers trending {leaf.window}` lists trending papers; a topic can follow it.",
        )
    return UsageError(
        f"`{leaf}` needs the semantic index, which is not installed here.",
        "Use words, phrases or fields instead; `paperboy doctor` says how to get it.",
    )


def _leaf_fits(leaf: Leaf, seen: PaperView) -> bool:
    match leaf:
        case Word() | Phrase() | Prefix():
            in_title = leaf.field is not Field.ABSTRACT and text_fits(leaf, seen.title)
            return in_title or (leaf.field is not Field.TITLE and text_fits(leaf, seen.abstract))
        case Author():
            return any(author_fits(leaf, name) for name in seen.authors)
        case Category():
            return any(category_fits(leaf, category) for category in seen.categories)
        case SourceIs(name):
            return name in seen.sources
        case IdIs(paper_id):
            return paper_id in seen.ids
        case SignalIs():
            return signal_fits(leaf, seen.paper)
        case Near():
            return near_fits(leaf, seen)
        case About() | Like() | Trending():
            raise undecidable_error(leaf)
    assert_never(leaf)


@lru_cache(_CACHED_PHRASES)
def _stems_of(phrase: tuple[str, ...]) -> list[str]:
    return stem_words(list(phrase))


def _contains_run(part: list[str], whole: list[str]) -> bool:
    # Most do not hold the first word, which is told much sooner than the rest.
    length, at = len(part), -1
    for _ in range(whole.count(part[0])):
        at = whole.index(part[0], at + 1)
        if whole[at : at + length] == part:
            return True
    return False


def _analyse_text(text: str) -> AnalysedText:
    # Views of many papers live side by side, and have most of their words in common.
    forms = list(map(intern, split_words(text)))
    return AnalysedText(forms, stem_words(forms))
