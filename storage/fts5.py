"""The full-text index on SQLite: FTS5 over tokens.

FTS5's `ascii` tokenizer splits at ASCII signs alone, and we write none but the spaces between tokens, so each
token comes out as it went in. `paper_stems` holds the stems of title and abstract, `paper_forms` their words,
and `paper_fields` the names of authors and the categories.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, column, delete, insert, literal_column, select, table
from sqlmodel import Session

from bot.papers import analyser
from bot.topics.query import Author, Category, Phrase, Prefix, Word
from storage.tokens import Expression, Index, Indexed, Tokens

_STEMS = table("paper_stems", column("rowid"), column("title"), column("abstract"))
_FORMS = table("paper_forms", column("rowid"), column("title"), column("abstract"))
_FIELDS = table("paper_fields", column("rowid"), column("authors"), column("categories"))
_TABLES = (_STEMS, _FORMS, _FIELDS)
_OF = {Index.STEMS: _STEMS, Index.FORMS: _FORMS, Index.AUTHORS: _FIELDS, Index.CATEGORIES: _FIELDS}

_BETWEEN_NAMES = " \ue000 "
"""A token between two authors, so that a phrase never runs from one into the next."""
_SIGNS = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}
"""ASCII signs to private-use characters, so that a category with its signs is one token."""


class Fts5:
    """`storage.tokens.FullText` of SQLite."""

    def expression(self, leaf: Indexed) -> Expression:
        """The FTS5 query that a leaf means."""
        match leaf:
            case Word(word, field):
                return Expression(Index.STEMS, _within(field, _quote_tokens(analyser.stem_word(word))))
            case Phrase(words, field):
                stems = " ".join(analyser.stem_words(list(words)))
                return Expression(Index.STEMS, _within(field, _quote_tokens(stems)))
            case Prefix(beginning, field):
                return Expression(Index.FORMS, _within(field, f"{_quote_tokens(beginning)} *"))
            case Author(words):
                return Expression(Index.AUTHORS, _within("authors", _quote_tokens(" ".join(words))))
            case Category(pattern):
                return Expression(Index.CATEGORIES, _within("categories", _category(leaf.archive, pattern)))

    def every(self, texts: Iterable[str]) -> str:
        """All of them."""
        return " AND ".join(texts)

    def either(self, texts: Iterable[str]) -> str:
        """One of them."""
        return " OR ".join(texts)

    def papers(self, asked: Expression) -> Select[int]:
        """The row ids of the papers that fit."""
        index = _OF[asked.index]
        return select(index.c.rowid).where(_matches(asked))

    def write(self, session: Session, papers: Iterable[Tokens]) -> None:
        """Index papers; what was there of them is replaced."""
        rows: list[tuple[dict[str, object], ...]] = [_rows(paper) for paper in papers]
        if rows:
            for target, values in zip(_TABLES, zip(*rows, strict=True), strict=True):
                session.execute(insert(target).prefix_with("OR REPLACE"), list(values))

    def forget(self, session: Session, row_ids: Sequence[int] | None = None) -> None:
        """Remove these papers, or all."""
        for target in _TABLES:
            chosen = () if row_ids is None else (target.c.rowid.in_(row_ids),)
            session.execute(delete(target).where(*chosen))


def _rows(paper: Tokens) -> tuple[dict[str, object], ...]:
    """A row for each of the tables."""
    title, abstract = (" ".join(analyser.stem_words(part)) for part in (paper.title, paper.abstract))
    return (
        {"rowid": paper.row_id, "title": title, "abstract": abstract},
        {"rowid": paper.row_id, "title": " ".join(paper.title), "abstract": " ".join(paper.abstract)},
        {
            "rowid": paper.row_id,
            "authors": _BETWEEN_NAMES.join(map(" ".join, paper.names)),
            "categories": " ".join(map(_token, paper.categories)),
        },
    )


def _within(columns: str, text: str) -> str:
    return f"{columns} : ({text})" if columns else text


def _quote_tokens(tokens: str) -> str:
    return '"' + tokens.replace('"', '""') + '"'


def _category(archive: str, pattern: str) -> str:
    if not archive:
        return _quote_tokens(_token(pattern))
    return f"{_quote_tokens(_token(archive))} OR {_quote_tokens(_token(f'{archive}.'))} *"


def _token(category: str) -> str:
    return category.lower().translate(_SIGNS)


def _matches(asked: Expression) -> ColumnElement[bool]:
    # FTS5 calls the column that stands for the whole row like the table.
    name = _OF[asked.index].name
    return literal_column(f"{name}.{name}").op("MATCH", is_comparison=True)(asked.text)
