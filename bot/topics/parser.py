"""Text to query: a recursive descent over the query language.

    either  = all { "OR" all }
    all     = operand { [ "AND" ] operand }
    operand = { "NOT" | "-" } ( "(" either ")" | name ":" ( value | "(" either ")" ) | value )
    value   = "quoted" | bare

`parse_query(str(query)) == query` for every query that `parse_query` returns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Never

from bot.errors import QueryError, UsageError
from bot.topics.fields import FIELDS, SIGNS, ValueReader, is_id, read_words, unknown_field_error
from bot.topics.query import And, Not, Or, Query, Trending, join_parts, leaves_of, split_trending

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


def parse_query(text: str) -> Query:
    """The query that `text` means.

    Raises QueryError, with the position in `text` and what to write instead.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(
            text, MAX_LENGTH, f"A query has at most {MAX_LENGTH:,} characters.", "Split it into several."
        )
    query = _Parser(text).parse_whole()
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
class _FieldScope:
    """The field whose parentheses are open: its name, "" for none, and the reader of values there."""

    name: str
    read: ValueReader


_ANYWHERE = _FieldScope("", read_words)
_ID = _FieldScope("id", FIELDS["id"])
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

    def parse_whole(self) -> Query:
        query = self._parse_or(_ANYWHERE)
        self._refuse_stray_text()
        self._check_trending(query)
        return query

    def _check_trending(self, query: Query) -> None:
        """It ranks what the rest lets through, so that it cannot be an alternative, nor excluded."""
        number = sum(isinstance(leaf, Trending) for leaf in leaves_of(query))
        if number > 1:
            self._fail_at(
                self._trending, "`trending:` may appear only once in a topic.", "Remove one of them."
            )
        if number and not split_trending(query):
            self._fail_at(
                self._trending,
                "`trending:` cannot be excluded or used inside OR.",
                "Write the alternatives in parentheses: `trending:week (agents OR planning)`.",
            )

    def _refuse_stray_text(self) -> None:
        if self._at < len(self._text):
            self._fail_at(
                self._at, "This `)` has no opening parenthesis.", "Remove it, or add the opening `(`."
            )

    def _parse_or(self, scope: _FieldScope) -> Query:
        parts = [self._parse_and(scope, None)]
        while sign := self._take_operator("OR"):
            parts.append(self._parse_and(scope, sign))
        return join_parts(Or, parts)

    def _parse_and(self, scope: _FieldScope, before: _Sign | None) -> Query:
        parts = [self._parse_operand(scope, before)]
        while True:
            sign = self._take_operator("AND")
            if sign is None and (self._is_at_end() or self._next_operator() == "OR"):
                return join_parts(And, parts)
            parts.append(self._parse_operand(scope, sign))

    def _parse_operand(self, scope: _FieldScope, before: _Sign | None) -> Query:
        negative = False
        while sign := self._take_operator("NOT") or self._take_minus():
            negative, before = not negative, sign
        part = self._parse_primary(scope, before)
        if negative:
            # A Not in a Not would have a second spelling, and equal topics have to be spelled alike.
            return part.part if isinstance(part, Not) else Not(part)
        return part

    def _parse_primary(self, scope: _FieldScope, before: _Sign | None) -> Query:
        if self._is_at_end() or self._next_operator():
            self._fail_missing(before)
        name = _NAME.match(self._text, self._at)
        if name and (query := self._parse_field(name, scope)):
            return query
        if self._text[self._at] == "(":
            return self._parse_group(scope)
        # A pasted id or link is meant as the paper, not as the words in it.
        return self._parse_value(_ID if not scope.name and self._is_id() else scope)

    def _parse_field(self, match: re.Match[str], scope: _FieldScope) -> Query | None:
        """The field that begins here; None where the colon is one of the text's own."""
        name = match[1].lower()
        follows = self._text[match.end() : match.end() + 1]
        if name not in FIELDS:
            # `GPT: a survey` and `https://…` have colons of their own, and are no fields that somebody
            # mistyped.
            if scope.name or not follows.strip() or self._is_id():
                return None
            raise self._place_error(unknown_field_error(name), self._at)
        if scope.name:
            self._fail_at(
                self._at,
                f"`{name}:` cannot be used inside `{scope.name}:(…)`.",
                "Write it before or after these parentheses.",
            )
        if not follows.strip() or follows == ")":
            self._fail_at(
                match.end(),
                f"`{name}:` needs its value right after it.",
                f"Write `{name}:` and its value without a space.",
            )
        if name == "trending":
            self._trending = self._at
        self._at = match.end()
        if follows != "(":
            return self._parse_value(_FieldScope(name, FIELDS[name]))
        if name == "about":
            self._fail_at(self._at, "`about:` takes a sentence, not parentheses.", 'Write about:"…".')
        return self._parse_group(_FieldScope(name, FIELDS[name]))

    def _parse_group(self, scope: _FieldScope) -> Query:
        if len(self._open) == MAX_NESTING:
            self._fail_at(self._at, f"Parentheses nest at most {MAX_NESTING} deep.", "Use fewer parentheses.")
        self._open.append(self._at)
        self._at += 1
        query = self._parse_or(scope)
        if self._at == len(self._text):
            self._fail_at(self._open[-1], "This `(` is never closed.", "Add `)`.")
        self._open.pop()
        self._at += 1
        return query

    def _parse_value(self, scope: _FieldScope) -> Query:
        start = self._at
        quoted = self._text[start] == '"'
        if quoted:
            start += 1
            end = self._text.find('"', start)
            if end < 0:
                self._fail_at(self._at, "This quote is never closed.", "Add a closing quote.")
            self._at = end + 1
        else:
            pattern = _BARE_ID if scope.name in {"id", "like"} else _BARE
            match = pattern.match(self._text, start)
            end = self._at = match.end() if match else start
        try:
            return scope.read(self._text[start:end], quoted)
        except UsageError as error:
            raise self._place_error(error, start) from None

    def _is_id(self) -> bool:
        match = _BARE_ID.match(self._text, self._at)
        return match is not None and is_id(match[0])

    def _take_minus(self) -> _Sign | None:
        self._skip_space()
        match = _MINUS.match(self._text, self._at)
        if match is None:
            return None
        start, self._at = self._at, match.end()
        return match[0], start

    def _take_operator(self, operator: str) -> _Sign | None:
        if self._next_operator() != operator:
            return None
        start = self._at
        self._at += len(operator)
        return operator, start

    def _next_operator(self) -> str:
        """The operator that comes next, or ""."""
        self._skip_space()
        match = _OPERATOR.match(self._text, self._at)
        return match[0] if match else ""

    def _is_at_end(self) -> bool:
        self._skip_space()
        return self._at == len(self._text) or self._text[self._at] == ")"

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _fail_missing(self, before: _Sign | None) -> Never:
        """There should be a word here. `before` is the operator that asked for it."""
        if operator := self._next_operator():
            self._fail_at(
                self._at,
                f"`{operator}` has nothing to its left.",
                f"Write `a {operator} b`, or `{operator.lower()}` for the word.",
            )
        if before:
            sign, start = before
            self._fail_at(
                start, f"`{sign}` has nothing to its right.", "Write a word after it, or leave it out."
            )
        if not self._open:
            self._refuse_stray_text()
            hint = "Write words, such as `emergent misalignment`."
            self._fail_at(self._at, "There is nothing to search for.", hint)
        if self._at == len(self._text):
            self._fail_at(self._open[-1], "This `(` is never closed.", "Add `)`.")
        self._fail_at(self._at, "These parentheses are empty.", "Write words, or leave them out.")

    def _fail_at(self, position: int, problem: str, hint: str) -> Never:
        raise QueryError(self._typed, position, problem, hint)

    def _place_error(self, error: UsageError, start: int) -> QueryError:
        """`error` of a value that begins at `start`."""
        offset = error.position if isinstance(error, QueryError) else 0
        return QueryError(self._typed, start + offset, error.problem, error.hint)
