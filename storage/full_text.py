"""The full-text index: SQLite's FTS5 over tokens that `bot.papers.analyser` wrote.

FTS5 never sees raw text. Its `ascii` tokenizer splits at ASCII signs alone, and we write none but the spaces
between tokens, so each token comes out as it went in. `paper_stems` holds the stems of title and abstract,
`paper_forms` their words, and `paper_fields` the names of authors and the categories.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    TableClause,
    column,
    delete,
    insert,
    literal_column,
    select,
    table,
)
from sqlmodel import Session, col

from bot.papers import analyser
from bot.papers.paper import Paper
from bot.topics.query import Author, Category, Phrase, Prefix, Text, Word
from storage.rows import paper_of
from storage.tables import MetaRow, PaperRow

STEMS = table("paper_stems", column("rowid"), column("title"), column("abstract"))
FORMS = table("paper_forms", column("rowid"), column("title"), column("abstract"))
FIELDS = table("paper_fields", column("rowid"), column("authors"), column("categories"))
_TABLES = (STEMS, FORMS, FIELDS)

_BETWEEN_NAMES = " \ue000 "
"""A token between two authors, so that a phrase never runs from one into the next."""
_SIGNS = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}
"""ASCII signs to private-use characters, so that a category with its signs is one token."""
_CHUNK = 1000
_ANALYSER = "analyser"

Indexed: TypeAlias = Text | Author | Category


@dataclass(frozen=True, slots=True)
class Expression:
    """An FTS5 query on one of the tables, to be bound as a parameter."""

    table: TableClause
    text: str

    def rowids(self) -> Select[int]:
        """The ids of the papers that fit."""
        return select(self.table.c.rowid).where(_matches(self.table, self.text))


def expression(leaf: Indexed) -> Expression:
    """The FTS5 query that a leaf means."""
    match leaf:
        case Word(word, field):
            return Expression(STEMS, _within(field, _quoted(analyser.stem(word))))
        case Phrase(words, field):
            return Expression(STEMS, _within(field, _quoted(" ".join(analyser.stemmed(list(words))))))
        case Prefix(beginning, field):
            return Expression(FORMS, _within(field, f"{_quoted(beginning)} *"))
        case Author(words):
            return Expression(FIELDS, _within("authors", _quoted(" ".join(words))))
        case Category(pattern):
            return Expression(FIELDS, _within("categories", _category(leaf.archive, pattern)))


def index(session: Session, papers: Iterable[tuple[int, Paper]]) -> None:
    """Write the tokens of papers, each with its row's id; what was there of them is replaced."""
    rows: dict[TableClause, list[dict[str, object]]] = {target: [] for target in _TABLES}
    for row_id, paper in papers:
        title, abstract = analyser.words(paper.title), analyser.words(paper.abstract)
        names = _BETWEEN_NAMES.join(" ".join(analyser.words(name)) for name in paper.authors)
        categories = " ".join(map(_token, paper.categories))
        texts = (analyser.stemmed(title), analyser.stemmed(abstract)), (title, abstract)
        for target, (first, second) in zip((STEMS, FORMS), texts, strict=True):
            rows[target].append({"rowid": row_id, "title": " ".join(first), "abstract": " ".join(second)})
        rows[FIELDS].append({"rowid": row_id, "authors": names, "categories": categories})
    for target, values in rows.items():
        if values:
            session.execute(insert(target).prefix_with("OR REPLACE"), values)


def forget(session: Session, row_ids: Sequence[int]) -> None:
    """Remove papers from the index."""
    for target in _TABLES:
        session.execute(delete(target).where(target.c.rowid.in_(row_ids)))


def refresh(session: Session) -> None:
    """Write the whole index anew where another version of the analyser wrote it."""
    stamp = session.get(MetaRow, _ANALYSER)
    if stamp is not None and stamp.value == analyser.VERSION:
        return
    for target in _TABLES:
        session.execute(delete(target))
    for papers in _stored(session):
        index(session, papers)
    session.merge(MetaRow(name=_ANALYSER, value=analyser.VERSION))


def _stored(session: Session) -> Iterator[list[tuple[int, Paper]]]:
    """Every stored paper's indexed parts, by row id."""
    last = 0
    while True:
        rows = session.scalars(
            select(PaperRow).where(col(PaperRow.id) > last).order_by(col(PaperRow.id)).limit(_CHUNK)
        ).all()
        if not rows:
            return
        yield [(row.id, paper_of(row)) for row in rows]
        last = rows[-1].id
        session.expunge_all()


def _within(columns: str, text: str) -> str:
    return f"{columns} : ({text})" if columns else text


def _quoted(tokens: str) -> str:
    return '"' + tokens.replace('"', '""') + '"'


def _category(archive: str, pattern: str) -> str:
    if not archive:
        return _quoted(_token(pattern))
    return f"{_quoted(_token(archive))} OR {_quoted(_token(f'{archive}.'))} *"


def _token(category: str) -> str:
    return category.lower().translate(_SIGNS)


def _matches(index: TableClause, text: str) -> ColumnElement[bool]:
    # FTS5 calls the column that stands for the whole row like the table.
    return literal_column(f"{index.name}.{index.name}").op("MATCH", is_comparison=True)(text)
