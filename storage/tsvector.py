"""The full-text index on PostgreSQL: one row of `tsvector`s a paper, cast from tokens.

`to_tsvector` is never called, since its words are not ours (docs/decisions/words.md). `stems` and `forms`
hold the title under weight A and the abstract under weight D with a gap between them, so that a phrase never
runs from one into the other. `authors` holds, for each word of a name, the rest of the name from there on: a
beginning of one of these is a run of words within one name.

PostgreSQL keeps the first 256 places of a word and 16,383 places in all, which only phrases ask for:
https://www.postgresql.org/docs/current/textsearch-limitations.html.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, column, delete, select, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR, insert
from sqlmodel import Session

from bot.papers import analyser
from bot.topics.query import Author, Category, Field, Phrase, Prefix, Word
from storage.tokens import Expression, Index, Indexed, Tokens

_WORDS = table("paper_words", column("paper_id"), *(column(name, TSVECTOR) for name in Index))
_WEIGHTS = {Field.ANY: "", Field.TITLE: "A", Field.ABSTRACT: "D"}

_LONGEST_TOKEN = 460
"""In characters; a lexeme has at most 2,046 bytes, and this leaves room for the mark of a cut."""
_LONGEST_VECTOR = 900_000
"""In bytes; PostgreSQL refuses a megabyte. What comes behind is not found."""


class TsVector:
    """`storage.tokens.FullText` of PostgreSQL."""

    def expression(self, leaf: Indexed) -> Expression:
        """The `tsquery` that a leaf means."""
        match leaf:
            case Word(word, field):
                return Expression(Index.STEMS, _lexeme(analyser.stem_word(word), _WEIGHTS[field]))
            case Phrase(words, field):
                stems = (_lexeme(stem, _WEIGHTS[field]) for stem in analyser.stem_words(list(words)))
                return Expression(Index.STEMS, f"({' <-> '.join(stems)})")
            case Prefix(beginning, field):
                return Expression(Index.FORMS, _prefix(beginning, _WEIGHTS[field]))
            case Author(words):
                return Expression(Index.AUTHORS, _prefix(f"{' '.join(words)} "))
            case Category(pattern):
                return Expression(Index.CATEGORIES, _category(leaf.archive, pattern))

    def every(self, texts: Iterable[str]) -> str:
        """All of them."""
        return f"({' & '.join(texts)})"

    def either(self, texts: Iterable[str]) -> str:
        """One of them."""
        return f"({' | '.join(texts)})"

    def papers(self, asked: Expression) -> Select[int]:
        """The row ids of the papers that fit."""
        return select(_WORDS.c.paper_id).where(_matches(asked))

    def write(self, session: Session, papers: Iterable[Tokens]) -> None:
        """Index papers; what was there of them is replaced."""
        rows = [_row(paper) for paper in papers]
        if rows:
            new = insert(_WORDS)
            replaced = {name: new.excluded[name] for name in Index}
            session.execute(
                new.on_conflict_do_update(index_elements=[_WORDS.c.paper_id], set_=replaced), rows
            )

    def forget(self, session: Session, row_ids: Sequence[int] | None = None) -> None:
        """Remove these papers, or all."""
        chosen = () if row_ids is None else (_WORDS.c.paper_id.in_(row_ids),)
        session.execute(delete(_WORDS).where(*chosen))


def _row(paper: Tokens) -> dict[str, Any]:
    title, abstract = analyser.stem_words(paper.title), analyser.stem_words(paper.abstract)
    rests = (f"{' '.join(name[start:])} " for name in paper.names for start in range(len(name)))
    return {
        "paper_id": paper.row_id,
        Index.STEMS: _vector(title, abstract),
        Index.FORMS: _vector(paper.title, paper.abstract),
        Index.AUTHORS: _set(rests),
        Index.CATEGORIES: _set(category.lower() for category in paper.categories),
    }


def _vector(title: Sequence[str], abstract: Sequence[str]) -> str:
    """Title and abstract with the places of their words."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, token in enumerate(title, 1):
        places[token].append(f"{place}A")
    for place, token in enumerate(abstract, len(title) + 2):
        places[token].append(str(place))
    return _cut(f"{_lexeme(token)}:{','.join(at)}" for token, at in places.items())


def _set(tokens: Iterable[str]) -> str:
    return _cut(_lexeme(token) for token in dict.fromkeys(tokens))


def _cut(parts: Iterable[str]) -> str:
    kept: list[str] = []
    size = 0
    for part in parts:
        # A place is written in up to seven bytes and kept in two, with a few for each lexeme.
        size += len(part.encode()) + 4
        if size > _LONGEST_VECTOR:
            break
        kept.append(part)
    return " ".join(kept)


def _lexeme(token: str, flags: str = "") -> str:
    """A token as `tsvector` and `tsquery` read it; the end of one that is too long is a hash."""
    if len(token) > _LONGEST_TOKEN:
        token = token[:_LONGEST_TOKEN] + hashlib.sha256(token.encode()).hexdigest()
    return f"{_quote_token(token)}:{flags}" if flags else _quote_token(token)


def _prefix(beginning: str, weight: str = "") -> str:
    return f"{_quote_token(beginning[:_LONGEST_TOKEN])}:*{weight}"


def _quote_token(token: str) -> str:
    escaped = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _category(archive: str, pattern: str) -> str:
    if not archive:
        return _lexeme(pattern.lower())
    return f"({_lexeme(archive)} | {_prefix(f'{archive}.')})"


def _matches(asked: Expression) -> ColumnElement[bool]:
    return _WORDS.c[asked.index].op("@@", is_comparison=True)(cast(asked.text, TSQUERY))
