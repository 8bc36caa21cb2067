"""The values of the query language's fields, each to its leaf. What cannot be read raises UsageError; a
QueryError's position counts from the beginning of the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial

from bot.errors import QueryError, UsageError
from bot.papers.analyser import split_words
from bot.papers.identity import ARXIV, DOI, PaperId, find_id, parse_id
from bot.topics.query import (
    About,
    Author,
    Category,
    Comparison,
    Field,
    IdIs,
    Leaf,
    Like,
    Phrase,
    Prefix,
    Signal,
    SignalIs,
    SourceIs,
    Text,
    Trending,
    Word,
)
from bot.topics.window import Window

SIGNS = str.maketrans(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # the fullwidth forms of ASCII
    | dict.fromkeys(map(ord, "“”„‟«»"), '"')
    | dict.fromkeys(map(ord, "\u2010\u2011\u2212"), "-")
)
"""Signs that keyboards and chat programs put in place of the language's own, one for one."""

# `a*` fits nearly every paper.
MIN_PREFIX = 2
_TRAILING = ".,; "
"""Punctuation after a value that is no words."""
_MIN_PREFIX_HINT = "Write the beginning of one word, such as `emerg*`."
_SIGN_HINTS = {"|": "Write `OR`.", "||": "Write `OR`.", "!": "Write `-` or `NOT`."}
# Nine digits fit into a database's INTEGER; a number that does not would fail only when a search is run.
_NUMBER = re.compile(r"(>=|<=|>|<|=|≥|≤)?([0-9]{1,9})")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_COMPARISONS = {"": ">=", "≥": ">=", "≤": "<="}
# https://arxiv.org/category_taxonomy: no paper is in these themselves, only in their classes.
_ARCHIVES = frozenset({"cs", "econ", "eess", "math", "nlin", "physics", "q-bio", "q-fin", "stat"})
_FIELD_SYNONYMS = {
    "abs": "abstract",
    "au": "author",
    "authors": "author",
    "category": "cat",
    "categories": "cat",
    "ti": "title",
    "votes": "upvotes",
}

ValueReader = Callable[[str, bool], Leaf]
"""Takes the value as typed, without its quotes, and whether it stood in quotes."""


def read_words(text: str, quoted: bool, field: Field = Field.ANY) -> Text:  # noqa: FBT001 - see `ValueReader`
    """A word, a phrase (quoted, or one term of several words: `in-context`) or a prefix."""
    if "*" in text and not quoted:
        return _read_prefix(text, field)
    found = _require_words(text, quoted=quoted)
    return Word(found[0], field) if len(found) == 1 and not quoted else Phrase(found, field)


def is_id(text: str) -> bool:
    """Whether `text` by itself is an arXiv id, a DOI, or the address of such a paper's page."""
    if "." not in text and "/" not in text:
        return False
    found = find_id(text.rstrip(_TRAILING))
    return found is not None and found[0].scheme in {ARXIV, DOI}


def unknown_field_error(name: str) -> UsageError:
    """The error for a field that there is not."""
    near = [_FIELD_SYNONYMS[name]] if name in _FIELD_SYNONYMS else get_close_matches(name, FIELDS, 1)
    hint = f"Did you mean `{near[0]}:`?" if near else f"The fields are {', '.join(FIELDS)}."
    return UsageError(f"There is no field `{name}:`.", f"{hint} Words with a colon go in quotes.")


def _read_prefix(text: str, field: Field) -> Prefix:
    star = text.index("*")
    if star != len(text) - 1:
        raise QueryError(text, star, "`*` may only end a word.", _MIN_PREFIX_HINT)
    found = split_words(text)
    if len(found) > 1:
        raise QueryError(text, star, f"`*` completes one word, and “{text[:-1]}” is more.", _MIN_PREFIX_HINT)
    if not found or len(found[0]) < MIN_PREFIX:
        raise QueryError(text, star, f"`*` needs {MIN_PREFIX} letters or more before it.", _MIN_PREFIX_HINT)
    return Prefix(found[0], field)


def _require_words(text: str, *, quoted: bool) -> tuple[str, ...]:
    found = tuple(split_words(text))
    if found:
        return found
    if quoted and not text.strip():
        raise UsageError("These quotes are empty.", 'Write a phrase, such as "in-context learning".')
    hint = _SIGN_HINTS.get(text, "Leave it out, or write a word.")
    raise UsageError(f"“{text.strip()}” has no letters or digits.", hint)


def _read_author(text: str, quoted: bool) -> Author:  # noqa: FBT001 - see `ValueReader`
    if "*" in text:
        raise QueryError(
            text, text.index("*"), "`author:` takes whole names, not `*`.", "Write the family name."
        )
    return Author(_require_words(text, quoted=quoted))


def _read_category(text: str, quoted: bool) -> Category:  # noqa: ARG001, FBT001 - see `ValueReader`
    pattern = " ".join(text.lower().split()).rstrip(_TRAILING)
    if pattern in _ARCHIVES:
        pattern += ".*"
    archive, _, inner = pattern.partition(".")
    star = text.find("*")
    if not split_words(archive) or "*" in pattern.removesuffix(".*"):
        raise QueryError(
            text, max(star, 0), "This is not a category.", "Write `cat:cs.CL`, or `cat:cs.*` for all of cs."
        )
    # arXiv's own case: `cs.CL`, but `cond-mat.str-el`.
    return Category(f"{archive}.{inner.upper()}" if len(inner) == 2 and inner.isascii() else pattern)


def _read_source(text: str, quoted: bool) -> SourceIs:  # noqa: ARG001, FBT001 - see `ValueReader`
    name = text.strip().rstrip(_TRAILING).lower()
    if not _SOURCE.fullmatch(name):
        raise UsageError(f"“{text}” is not the name of a source.", "Write for instance `source:arxiv`.")
    return SourceIs(name)


def _read_id(kind: type[IdIs | Like], text: str, quoted: bool) -> IdIs | Like:  # noqa: ARG001, FBT001 - see `ValueReader`
    return kind(_require_spellable(parse_id(text.rstrip(_TRAILING))[0]))


def _require_spellable(paper_id: PaperId) -> PaperId:
    """`paper_id`, where its spelling reads back as itself; an address can decode to anything."""
    spelled = str(paper_id)
    if '"' in spelled or find_id(spelled.translate(SIGNS)) != (paper_id, None):
        raise UsageError(
            f"“{spelled}” is not the id of a paper.", "Write an id without quotes and special dashes."
        )
    return paper_id


def _read_signal(signal: Signal, text: str, quoted: bool) -> SignalIs:  # noqa: ARG001, FBT001 - see `ValueReader`
    match = _NUMBER.fullmatch("".join(text.rstrip(_TRAILING).split()))
    if match is None:
        raise UsageError(
            f"`{signal}:` needs a whole number below a billion.", f"Write `{signal}:>=20` for at least 20."
        )
    sign = match[1] or ""
    return SignalIs(signal, Comparison(_COMPARISONS.get(sign, sign)), int(match[2]))


def _read_trending(text: str, quoted: bool) -> Trending:  # noqa: ARG001, FBT001 - see `ValueReader`
    named = text.strip().rstrip(_TRAILING).lower()
    if named not in set(Window):
        raise UsageError(f"“{text}” is not one of {', '.join(Window)}.", "Write `trending:week`.")
    return Trending(Window(named))


def _read_about(text: str, quoted: bool) -> About:  # noqa: FBT001 - see `ValueReader`
    _require_words(text, quoted=quoted)
    return About(" ".join(text.split()))


FIELDS: dict[str, ValueReader] = {
    "title": partial(read_words, field=Field.TITLE),
    "abstract": partial(read_words, field=Field.ABSTRACT),
    "author": _read_author,
    "cat": _read_category,
    "source": _read_source,
    "id": partial(_read_id, IdIs),
    "about": _read_about,
    "like": partial(_read_id, Like),
    "upvotes": partial(_read_signal, Signal.UPVOTES),
    "stars": partial(_read_signal, Signal.STARS),
    "trending": _read_trending,
}
"""Every field by its name, in the order in which errors list them."""
