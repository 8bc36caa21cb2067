"""The query language's syntax tree, and the canonical spelling of a query.

`parse_query(str(query)) == query` for every query that `bot.topics.parser.parse_query` can return.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.papers.identity import ARXIV, PaperId
from bot.topics.window import Window

_PLAIN_VALUE = re.compile(r"[\w./:*-]+")
"""Values that are read back whole without quotes."""


class Field(StrEnum):
    """Where words are looked for."""

    ANY = ""
    TITLE = "title"
    ABSTRACT = "abstract"


@dataclass(frozen=True, slots=True)
class Word:
    """One folded word, matched by its stem."""

    text: str
    field: Field = Field.ANY

    def __str__(self) -> str:
        return _in_field(self.field, self.text)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words whose stems follow each other, within the title or within the abstract.

    One quoted word is a phrase too: a search ranks by a bare word, and requires a quoted one.
    """

    words: tuple[str, ...]
    field: Field = Field.ANY

    def __str__(self) -> str:
        return _in_field(self.field, f'"{" ".join(self.words)}"')


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a folded word, unstemmed: `emergen*`."""

    text: str
    field: Field = Field.ANY

    def __str__(self) -> str:
        return _in_field(self.field, f"{self.text}*")


@dataclass(frozen=True, slots=True)
class Author:
    """Folded, unstemmed words that follow each other within one author's name."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"author:{_quote_value(' '.join(self.words))}"


@dataclass(frozen=True, slots=True)
class Category:
    """A category in any case: `cs.CL`; `cs.*` is a whole archive (`cs` and all `cs.…`)."""

    pattern: str

    def __str__(self) -> str:
        return f"cat:{_quote_value(self.pattern)}"

    @property
    def archive(self) -> str:
        """The folded archive where the pattern is a whole one (`cs` of `cs.*`), else ""."""
        return self.pattern.lower().removesuffix(".*") if self.pattern.endswith(".*") else ""


@dataclass(frozen=True, slots=True)
class SourceIs:
    """Papers that this source has announced."""

    name: str

    def __str__(self) -> str:
        return f"source:{_quote_value(self.name)}"


@dataclass(frozen=True, slots=True)
class IdIs:
    """One paper, by its id or by another id of the same work."""

    id: PaperId

    def __str__(self) -> str:
        return f"id:{_quote_value(_id_text(self.id))}"


class Signal(StrEnum):
    """A signal that can be compared."""

    UPVOTES = "upvotes"
    STARS = "stars"


class Comparison(StrEnum):
    """How a signal is compared with a number."""

    AT_LEAST = ">="
    MORE = ">"
    AT_MOST = "<="
    LESS = "<"
    EQUAL = "="


@dataclass(frozen=True, slots=True)
class SignalIs:
    """A comparison with a signal; a paper without the signal never fits."""

    signal: Signal
    comparison: Comparison
    number: int

    def __str__(self) -> str:
        return f"{self.signal}:{self.comparison}{self.number}"


@dataclass(frozen=True, slots=True)
class About:
    """By meaning. `text` holds no double quote."""

    text: str

    def __str__(self) -> str:
        return f'about:"{self.text}"'


@dataclass(frozen=True, slots=True)
class Like:
    """By example: papers near this one."""

    id: PaperId

    def __str__(self) -> str:
        return f"like:{_quote_value(_id_text(self.id))}"


@dataclass(frozen=True, slots=True)
class Near:
    """What an About or a Like stands for once it is answered (`bot.services.semantic`): these papers.

    Nobody writes it; it is spelled as what it answers. `what` names that to the reader.
    """

    leaf: About | Like
    what: str
    papers: frozenset[PaperId]

    def __str__(self) -> str:
        return str(self.leaf)


@dataclass(frozen=True, slots=True)
class Trending:
    """The papers of a window that people vote for now, of those that the rest of the topic lets through.

    It stands once in a topic, as a part that is required: see `split_trending`. No paper tells by itself
    whether it fits.
    """

    window: Window

    def __str__(self) -> str:
        return f"trending:{self.window}"


@dataclass(frozen=True, slots=True)
class Not:
    """Papers that `part` does not fit. `part` is never itself a Not."""

    part: Query

    def __str__(self) -> str:
        return f"-{_parenthesise_group(self.part)}"


@dataclass(frozen=True, slots=True)
class And:
    """Papers that all parts fit: two or more, none itself an And, none twice."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """Papers that one of the parts fits: two or more, none itself an Or, none twice."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " OR ".join(str(part) for part in self.parts)


Text: TypeAlias = Word | Phrase | Prefix
Leaf: TypeAlias = Text | Author | Category | SourceIs | IdIs | SignalIs | About | Like | Near | Trending
Query: TypeAlias = Leaf | Not | And | Or


def leaves_of(query: Query, *, positive: bool = False) -> Iterator[Leaf]:
    """The leaves from left to right; with `positive`, those under no Not."""
    if isinstance(query, And | Or):
        for part in query.parts:
            yield from leaves_of(part, positive=positive)
    elif isinstance(query, Not):
        if not positive:
            yield from leaves_of(query.part)
    else:
        yield query


def replace_leaves(query: Query, leaves_by: Mapping[Leaf, Leaf]) -> Query:
    """`query` with leaves exchanged for others; those that are not named stay."""
    if isinstance(query, And | Or):
        return join_parts(type(query), [replace_leaves(part, leaves_by) for part in query.parts])
    if isinstance(query, Not):
        return Not(replace_leaves(query.part, leaves_by))
    return leaves_by.get(query, query)


def needs_meaning(query: Query) -> bool:
    """Whether the query can only be answered with the meaning index."""
    return any(isinstance(leaf, About | Like) for leaf in leaves_of(query))


def split_trending(query: Query) -> tuple[Window, Query | None] | None:
    """The window of a topic on what trends, and the rest of it, None for all papers; None of other topics."""
    parts = query.parts if isinstance(query, And) else (query,)
    window = next((part.window for part in parts if isinstance(part, Trending)), None)
    if window is None:
        return None
    rest: list[Query] = [part for part in parts if not isinstance(part, Trending)]
    return window, join_parts(And, rest) if rest else None


def is_decided_by_paper(query: Query) -> bool:
    """Whether a paper by itself tells if the query fits: nothing in it goes by meaning, or by what trends."""
    return not any(isinstance(leaf, About | Like | Trending) for leaf in leaves_of(query))


def only_excludes(query: Query) -> bool:
    """Whether a paper can fit the query without fitting any of its leaves."""
    if isinstance(query, And):
        return all(only_excludes(part) for part in query.parts)
    if isinstance(query, Or):
        return any(only_excludes(part) for part in query.parts)
    return isinstance(query, Not)


def join_parts(kind: Callable[[tuple[Query, ...]], And | Or], parts: list[Query]) -> Query:
    """`parts` under one And or Or: flat, without repetition, and a single part by itself.

    Raises ValueError where there is no part.
    """
    # A dict keeps the order and drops repetitions: `a a` and `a` have to be one topic, stored and muted as
    # one.
    flat: dict[Query, None] = {}
    for part in parts:
        flat |= dict.fromkeys(part.parts if isinstance(part, And | Or) and type(part) is kind else (part,))
    if not flat:
        raise ValueError("a query has at least one part")
    return kind(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def _in_field(field: Field, text: str) -> str:
    return f"{field}:{text}" if field else text


def _quote_value(text: str) -> str:
    return text if _PLAIN_VALUE.fullmatch(text) else f'"{text}"'


def _parenthesise_group(query: Query) -> str:
    return f"({query})" if isinstance(query, And | Or) else str(query)


def _id_text(paper_id: PaperId) -> str:
    return paper_id.value if paper_id.scheme == ARXIV else str(paper_id)
