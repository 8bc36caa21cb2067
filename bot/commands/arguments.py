"""The arguments of commands: how each is written, and how its text is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from bot.errors import UsageError
from bot.papers.identity import PaperId, find_id, parse_id
from bot.topics.fields import FIELDS
from bot.topics.query import Query
from bot.topics.topic_text import _ALL, ExportScope, read_topic

Word = TypeVar("Word", bound=StrEnum)


class Shape(StrEnum):
    """How an argument is written in text."""

    REST = "rest"
    """All words that are left."""
    CHOICE = "choice"
    """The first word, where it is one of the choices."""
    OPTION = "option"
    """`name:value`, anywhere outside quotes."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command: what it is for, and how its text is read.

    `parse` raises UsageError. `choices` are the words it can be, where they are few.
    """

    help: str
    parse: Callable[[str], Any]
    shape: Shape = Shape.REST
    placeholder: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Which:
    """Which subscriptions are meant: one by number or by topic, or all of the channel."""

    number: int | None = None
    topic: Query | None = None

    @property
    def is_everything(self) -> bool:
        """Whether no single one is meant."""
        return self.number is None and self.topic is None


class Anew(StrEnum):
    """What can be done with all that a channel has learned."""

    RESET = "reset"
    """Forget it."""


ALL = Which()
MORE = "more"
_MOST_DIGITS = 9
"""Of a number: more than any that we give, few enough for every database."""


def parse_which(text: str) -> Which:
    """`12`, `#12`, `all`, or a topic."""
    plain = text.strip().removeprefix("#")
    if _is_all(plain):
        return ALL
    return Which(number=int(plain)) if _is_number(plain) else Which(topic=read_topic(text))


def number_or_all(text: str) -> Which:
    """`12`, `#12` or `all`."""
    found = parse_which(text)
    if found.topic is not None:
        raise UsageError(
            f"“{text}” is not the number of a subscription.", "`/papers list` shows the numbers."
        )
    return found


def paper_or_more(text: str) -> PaperId | None:
    """A paper, or None for the word `more`."""
    return None if text.strip().lower() == MORE else parse_paper(text)


def parse_paper(text: str) -> PaperId:
    """A paper."""
    return parse_id(text)[0]


def saved_or_all(text: str) -> PaperId | None:
    """A paper of the caller's reading list, or None for the word `all`."""
    return None if _is_all(text) else parse_paper(text)


def rated_or_all(text: str) -> PaperId | None:
    """A paper that the caller has rated, or None for the word `all`."""
    return None if _is_all(text) else parse_paper(text)


def parse_clause(text: str) -> Query:
    """A clause of a topic, which can be all of it."""
    return read_topic(text)


def clause_or_all(text: str) -> Query | None:
    """A clause of a topic, or None for the word `all`."""
    return None if _is_all(text) else parse_clause(text)


def parse_exported(text: str) -> ExportScope | PaperId | Query:
    """`saved`, `digest`, a paper, or else a topic."""
    plain = text.strip().lower()
    if plain in set(ExportScope):
        return ExportScope(plain)
    is_field = plain.partition(":")[0] in FIELDS
    found = None if is_field or len(text.split()) > 1 else find_id(text)
    return found[0] if found else read_topic(text)


def _is_all(text: str) -> bool:
    return text.strip().lower() == _ALL


@dataclass(frozen=True, slots=True)
class Whole:
    """A reader of whole numbers from `low` to `high`."""

    low: int
    high: int

    def __call__(self, text: str) -> int:
        """The number. Raises UsageError."""
        if not _is_number(text) or not self.low <= int(text) <= self.high:
            raise UsageError(f"“{text}” is not a whole number from {self.low} to {self.high}.")
        return int(text)


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _MOST_DIGITS


def choice_of(kind: type[Word]) -> Callable[[str], Word]:
    """A reader of one of the words of `kind`, in any case."""

    def parse(text: str) -> Word:
        try:
            return kind(text.lower())
        except ValueError:
            raise UsageError(f"“{text}” is not one of {', '.join(kind)}.") from None

    return parse
