"""What a full-text index is made of: the tokens that `bot.papers.analyser` wrote, and what is asked of it.

Two databases index them, `storage.fts5` and `storage.tsvector`; neither ever sees raw text, so that a word
means the same on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from sqlalchemy import Select
from sqlmodel import Session

from bot.papers import analyser
from bot.papers.paper import Paper
from bot.topics.query import Author, Category, Text

Indexed: TypeAlias = Text | Author | Category


class Index(StrEnum):
    """What is indexed apart from the rest: an expression asks one of them."""

    STEMS = "stems"
    FORMS = "forms"
    AUTHORS = "authors"
    CATEGORIES = "categories"


@dataclass(frozen=True, slots=True)
class Expression:
    """A query on one index in the database's own language, to be bound as a parameter."""

    index: Index
    text: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a paper's row: its title and abstract, folded, and those of each author's name."""

    row_id: int
    title: list[str]
    abstract: list[str]
    names: list[list[str]]
    categories: tuple[str, ...]

    @classmethod
    def of(cls, row_id: int, paper: Paper) -> Tokens:
        """The tokens of `paper`."""
        names = [analyser.split_words(name) for name in paper.authors]
        return cls(
            row_id,
            analyser.split_words(paper.title),
            analyser.split_words(paper.abstract),
            names,
            paper.categories,
        )


class FullText(Protocol):
    """The index of one kind of database."""

    def expression(self, leaf: Indexed) -> Expression:
        """The query that a leaf means."""
        ...

    def every(self, texts: Iterable[str]) -> str:
        """The query that fits what all of `texts` fit."""
        ...

    def either(self, texts: Iterable[str]) -> str:
        """The query that fits what one of `texts` fits."""
        ...

    def papers(self, asked: Expression) -> Select[int]:
        """The row ids of the papers that fit."""
        ...

    def write(self, session: Session, papers: Iterable[Tokens]) -> None:
        """Index papers; what was there of them is replaced."""
        ...

    def forget(self, session: Session, row_ids: Sequence[int] | None = None) -> None:
        """Remove these papers, or all."""
        ...
