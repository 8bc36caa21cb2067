"""Text to query: a recursive descent over the query language.

    either  = all { "OR" all }
    all     = operand { [ "AND" ] operand }
    operand = { "NOT" | "-" } ( "(" either ")" | name ":" ( value | "(" either ")" ) | value )
    value   = "quoted" | bare

`parse(str(query)) == query` for every query that `parse` returns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Never

from bot.errors import QueryError, UsageError
from bot.topics.fields import FIELDS, SIGNS, Read, is_id, read_text, unknown
from bot.topics.query import And, Not, Or, Query, Trending, joined, leaves, trends

MAX_LENGTH = 1000
# The descent recurses for each parenthesis, and has to end before Python's own limit does.
MAX_NESTING = 50

# Signs that stand alone are punctuation, as in a pasted title or question. Dashes before a word are a minus,
# since chat programs make one dash of two hyphens.
_SPACE = re.compile(r"(?:\s|[-–—―.,;:?!&+/$%#=~'…·]+(?=[\s)]|$))*")  # noqa: RUF001 - these dashes are meant
_MINUS = re.compile(r"[-–—―]+")  # noqa: RUF001
_OPERATOR = re.compile(r'(?:AND|OR|NOT)(?=[\s()"]|$)')
_NAME = re.compile(r"([A-Za-z]+):")
_BARE = re.compile(r'[^\s()"]+')
# A DOI can hold parentheses.
_BARE_ID = re.compile(r'[^\s()"]+(?:\([^\s()"]*\)[^\s()"]*)*')


def parse(text: str) -> Query:
    """The query that `text` means.

    Raises QueryError, with the position in `text` and what to write instead.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(
            text, MAX_LENGTH, f"A query has at most {MAX_LENGTH:,} characters.", "Split it into several."
        )
    query = _Parser(text).query()
    # `title:(a b c)` is stored as `title:a title:b title:c`, so that a short text can be too long when it is
    # read back from the database.
    if (length := len(str(query))) > MAX_LENGTH:
        raise QueryError(
            text,
            len(text),
            f"Written out in full this query has {length:,} characters, more than {MAX_LENGTH:,}.",
            "Split it into several.",
        )
    return query


@dataclass(frozen=True, slots=True)
class _Scope:
    """The field whose parentheses are open: its name, "" for none, and the reader of values there."""

    name: str
    read: Read


_ANYWHERE = _Scope("", read_text)
_ID = _Scope("id", FIELDS["id"])
_Sign = tuple[str, int]
"""An operator and its position."""


class _Parser:
    def __init__(self, text: str) -> None:
        self._typed = text
        # One sign for one, so that a position here is the position in what was typed.
        self._text = text.translate(SIGNS)
        self._at = 0
        self._open: list[int] = []
        self._trending = 0
        """Where the last `trending:` stands."""

    def query(self) -> Query:
        query = self._either(_ANYWHERE)
        self._stray()
        self._check_trending(query)
        return query

    def _check_trending(self, query: Query) -> None:
        """It ranks what the rest lets through, so that it cannot be an alternative, nor excluded."""
        number = sum(isinstance(leaf, Trending) for leaf in leaves(query))
        if number > 1:
            self._fail(self._trending, "`trending:` stands once in a topic.", "Leave one of them out.")
        if number and not trends(query):
            self._fail(
                self._trending,
                "`trending:` cannot be excluded, nor stand in an OR.",
                "Write the alternatives in parentheses: `trending:week (agents OR planning)`.",
            )

    def _stray(self) -> None:
        if self._at < len(self._text):
            self._fail(self._at, "This `)` closes nothing.", "Leave it out, or open it with `(`.")

    def _either(self, scope: _Scope) -> Query:
        parts = [self._all(scope, None)]
        while sign := self._take("OR"):
            parts.append(self._all(scope, sign))
        return joined(Or, parts)

    def _all(self, scope: _Scope, before: _Sign | None) -> Query:
        parts = [self._operand(scope, before)]
        while True:
            sign = self._take("AND")
            if sign is None and (self._closes() or self._operator() == "OR"):
                return joined(And, parts)
            parts.append(self._operand(scope, sign))

    def _operand(self, scope: _Scope, before: _Sign | None) -> Query:
        negative = False
        while sign := self._take("NOT") or self._minus():
            negative, before = not negative, sign
        part = self._primary(scope, before)
        if negative:
            # A Not in a Not would have a second spelling, and equal topics have to be spelled alike.
            return part.part if isinstance(part, Not) else Not(part)
        return part

    def _primary(self, scope: _Scope, before: _Sign | None) -> Query:
        if self._closes() or self._operator():
            self._missing(before)
        name = _NAME.match(self._text, self._at)
        if name and (query := self._named(name, scope)):
            return query
        if self._text[self._at] == "(":
            return self._group(scope)
        # A pasted id or link is meant as the paper, not as the words in it.
        return self._value(_ID if not scope.name and self._is_id() else scope)

    def _named(self, match: re.Match[str], scope: _Scope) -> Query | None:
        """The field that begins here; None where the colon is one of the text's own."""
        name = match[1].lower()
        follows = self._text[match.end() : match.end() + 1]
        if name not in FIELDS:
            # `GPT: a survey` and `https://…` have colons of their own, and are no fields that somebody
            # mistyped.
            if scope.name or not follows.strip() or self._is_id():
                return None
            raise self._placed(unknown(name), self._at)
        if scope.name:
            self._fail(
                self._at,
                f"`{name}:` cannot stand inside `{scope.name}:(…)`.",
                "Write it before or after these parentheses.",
            )
        if not follows.strip() or follows == ")":
            self._fail(
                match.end(),
                f"`{name}:` needs its value right after it.",
                f"Write `{name}:` and its value without a space.",
            )
        if name == "trending":
            self._trending = self._at
        self._at = match.end()
        if follows != "(":
            return self._value(_Scope(name, FIELDS[name]))
        if name == "about":
            self._fail(self._at, "`about:` takes a sentence, not parentheses.", 'Write about:"…".')
        return self._group(_Scope(name, FIELDS[name]))

    def _group(self, scope: _Scope) -> Query:
        if len(self._open) == MAX_NESTING:
            self._fail(self._at, f"Parentheses nest at most {MAX_NESTING} deep.", "Write it flatter.")
        self._open.append(self._at)
        self._at += 1
        query = self._either(scope)
        if self._at == len(self._text):
            self._fail(self._open[-1], "This `(` is not closed.", "Add `)`.")
        self._open.pop()
        self._at += 1
        return query

    def _value(self, scope: _Scope) -> Query:
        start = self._at
        quoted = self._text[start] == '"'
        if quoted:
            start += 1
            end = self._text.find('"', start)
            if end < 0:
                self._fail(self._at, "This quote is not closed.", "Add a closing quote.")
            self._at = end + 1
        else:
            pattern = _BARE_ID if scope.name in {"id", "like"} else _BARE
            match = pattern.match(self._text, start)
            end = self._at = match.end() if match else start
        try:
            return scope.read(self._text[start:end], quoted)
        except UsageError as error:
            raise self._placed(error, start) from None

    def _is_id(self) -> bool:
        match = _BARE_ID.match(self._text, self._at)
        return match is not None and is_id(match[0])

    def _minus(self) -> _Sign | None:
        self._skip()
        match = _MINUS.match(self._text, self._at)
        if match is None:
            return None
        start, self._at = self._at, match.end()
        return match[0], start

    def _take(self, operator: str) -> _Sign | None:
        if self._operator() != operator:
            return None
        start = self._at
        self._at += len(operator)
        return operator, start

    def _operator(self) -> str:
        """The operator that comes next, or ""."""
        self._skip()
        match = _OPERATOR.match(self._text, self._at)
        return match[0] if match else ""

    def _closes(self) -> bool:
        self._skip()
        return self._at == len(self._text) or self._text[self._at] == ")"

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _missing(self, before: _Sign | None) -> Never:
        """There should be a word here. `before` is the operator that asked for it."""
        if operator := self._operator():
            self._fail(
                self._at,
                f"`{operator}` has nothing to its left.",
                f"Write `a {operator} b`, or `{operator.lower()}` for the word.",
            )
        if before:
            sign, start = before
            self._fail(
                start, f"`{sign}` has nothing to its right.", "Write a word after it, or leave it out."
            )
        if not self._open:
            self._stray()
            mend = "Write words, such as `emergent misalignment`."
            self._fail(self._at, "There is nothing to look for.", mend)
        if self._at == len(self._text):
            self._fail(self._open[-1], "This `(` is not closed.", "Add `)`.")
        self._fail(self._at, "There is nothing between these parentheses.", "Write words, or leave them out.")

    def _fail(self, position: int, problem: str, mend: str) -> Never:
        raise QueryError(self._typed, position, problem, mend)

    def _placed(self, error: UsageError, start: int) -> QueryError:
        """`error` of a value that begins at `start`."""
        offset = error.position if isinstance(error, QueryError) else 0
        return QueryError(self._typed, start + offset, error.problem, error.mend)
