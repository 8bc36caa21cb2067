"""Why a topic fits a paper: the parts of it that do, in words for the reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.topics.evaluate import PaperView, author_fits, category_fits, fits_paper, text_fits
from bot.topics.query import (
    And,
    Author,
    Category,
    Comparison,
    Field,
    IdIs,
    Leaf,
    Near,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    SignalIs,
    SourceIs,
    Word,
)

_SIGNS = {Comparison.AT_LEAST: "≥", Comparison.AT_MOST: "≤", Comparison.EQUAL: ""}


def explain_match(query: Query, seen: PaperView) -> tuple[str, ...]:
    """Clauses such as `“emergent” and “misalignment” in the title` or `author Evan Hubinger`.

    Words come first, those of the title before those of the abstract alone, then the rest in the order of the
    query. A topic that only excludes is its own reason. Raises UsageError where the query needs the meaning
    index.
    """
    if not fits_paper(query, seen):
        return ()
    found = tuple(dict.fromkeys(_fitting_leaves(query, seen)))
    clauses = (
        *_text_clauses(found, seen),
        *(clause for leaf in found if (clause := _leaf_clause(leaf, seen))),
    )
    return tuple(dict.fromkeys(clauses)) or (f"fits “{query}”",)


def _fitting_leaves(query: Query, seen: PaperView) -> Iterator[Leaf]:
    """The leaves that made a query fit, from left to right; what is excluded is no reason."""
    if isinstance(query, And | Or):
        for part in query.parts:
            if fits_paper(part, seen):
                yield from _fitting_leaves(part, seen)
    elif not isinstance(query, Not):
        yield query


def _text_clauses(found: Iterable[Leaf], seen: PaperView) -> Iterator[str]:
    """One clause for all that stands in the title, and one for what only the abstract holds."""
    texts = [leaf for leaf in found if isinstance(leaf, Word | Phrase | Prefix)]
    in_title = [leaf for leaf in texts if leaf.field is not Field.ABSTRACT and text_fits(leaf, seen.title)]
    # A word of the title mostly stands in the abstract too, and saying so twice tells nobody more.
    in_abstract = [leaf for leaf in texts if leaf not in in_title]
    for place, leaves in (("title", in_title), ("abstract", in_abstract)):
        if leaves:
            yield f"{_join_words([f'“{_leaf_text(leaf)}”' for leaf in leaves])} in the {place}"


def _leaf_text(leaf: Word | Phrase | Prefix) -> str:
    match leaf:
        case Word(text):
            return text
        case Phrase(words):
            return " ".join(words)
        case Prefix(text):
            return f"{text}*"


def _leaf_clause(leaf: Leaf, seen: PaperView) -> str:
    """What a leaf that is no text says of a paper that it fits; "" for text."""
    match leaf:
        case Author():
            names = zip(seen.paper.authors, seen.authors, strict=True)
            return f"author {next(name for name, words in names if author_fits(leaf, words))}"
        case Category():
            spelled = zip(seen.paper.categories, seen.categories, strict=True)
            return f"category {next(name for name, folded in spelled if category_fits(leaf, folded))}"
        case SourceIs(name):
            return f"announced by {name}"
        case IdIs(paper_id):
            return f"the paper {paper_id.value}"
        case SignalIs(signal, comparison, number):
            counted = getattr(seen.paper.signals, signal)
            unit = signal if counted != 1 else signal.removesuffix("s")
            return f"{counted} {unit} (asked for {_SIGNS.get(comparison, comparison)}{number})"
        case Near():
            return f"near “{leaf.what}” (by meaning)"
    return ""


def _join_words(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))
