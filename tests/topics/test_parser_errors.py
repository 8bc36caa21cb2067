"""What is wrong in a query is pointed at, with what to write instead; the limits themselves are allowed."""

from __future__ import annotations

import pytest

from bot.errors import QueryError
from bot.topics.fields import FIELDS
from bot.topics.parser import MAX_LENGTH, MAX_NESTING, parse_query
from bot.topics.query import (
    Word,
)

A = Word("a")


_NO_WORD = "Leave it out, or write a word."
_PREFIX = "Write the beginning of one word, such as `emerg*`."


@pytest.mark.parametrize(
    ("text", "position", "problem", "mend"),
    [
        ("", 0, "There is nothing to search for.", "Write words, such as `emergent misalignment`."),
        (" — ", 3, "There is nothing to search for.", "Write words, such as `emergent misalignment`."),
        ('a "b c', 2, "This quote is never closed.", "Add a closing quote."),
        ("a (b (c)", 2, "This `(` is never closed.", "Add `)`."),
        ("a (", 2, "This `(` is never closed.", "Add `)`."),
        ("a b) c", 3, "This `)` has no opening parenthesis.", "Remove it, or add the opening `(`."),
        (")", 0, "This `)` has no opening parenthesis.", "Remove it, or add the opening `(`."),
        ("a ()", 3, "These parentheses are empty.", "Write words, or leave them out."),
        ("title:( )", 8, "These parentheses are empty.", "Write words, or leave them out."),
        (
            'a ""',
            3,
            "These quotes are empty.",
            'Write a phrase, such as "in-context learning".',
        ),
        ('a "?!"', 3, "“?!” has no letters or digits.", _NO_WORD),
        ("a @@ b", 2, "“@@” has no letters or digits.", _NO_WORD),
        ("++", 2, "There is nothing to search for.", "Write words, such as `emergent misalignment`."),
        ("a | b", 2, "“|” has no letters or digits.", "Write `OR`."),
        ("a * b", 2, "`*` needs 2 letters or more before it.", _PREFIX),
        ("a b*", 3, "`*` needs 2 letters or more before it.", _PREFIX),
        ("a em*gent", 4, "`*` may only end a word.", _PREFIX),
        ("GPT-4*", 5, "`*` completes one word, and “GPT-4” is more.", _PREFIX),
        ("a OR", 2, "`OR` has nothing to its right.", "Write a word after it, or leave it out."),
        ("(a AND) b", 3, "`AND` has nothing to its right.", "Write a word after it, or leave it out."),
        ("a NOT", 2, "`NOT` has nothing to its right.", "Write a word after it, or leave it out."),
        ("OR a", 0, "`OR` has nothing to its left.", "Write `a OR b`, or `or` for the word."),
        ("a OR OR b", 5, "`OR` has nothing to its left.", "Write `a OR b`, or `or` for the word."),
        ("a NOT AND b", 6, "`AND` has nothing to its left.", "Write `a AND b`, or `and` for the word."),
        (
            "a auther:b",
            2,
            "There is no field `auther:`.",
            "Did you mean `author:`? Words with a colon go in quotes.",
        ),
        (
            "ti:b",
            0,
            "There is no field `ti:`.",
            "Did you mean `title:`? Words with a colon go in quotes.",
        ),
        (
            "https://example.org",
            0,
            "There is no field `https:`.",
            f"The fields are {', '.join(FIELDS)}. Words with a colon go in quotes.",
        ),
        (
            "title: a",
            6,
            "`title:` needs its value right after it.",
            "Write `title:` and its value without a space.",
        ),
        (
            "(cat:)",
            5,
            "`cat:` needs its value right after it.",
            "Write `cat:` and its value without a space.",
        ),
        (
            "title:(a author:b)",
            9,
            "`author:` cannot be used inside `title:(…)`.",
            "Write it before or after these parentheses.",
        ),
        ("about:(a b)", 6, "`about:` takes a sentence, not parentheses.", 'Write about:"…".'),
        ("author:Hub*", 10, "`author:` takes whole names, not `*`.", "Write the family name."),
        (
            "cat:cs*",
            6,
            "This is not a category.",
            "Write `cat:cs.CL`, or `cat:cs.*` for all of cs.",
        ),
        (
            "source:a/b",
            7,
            "“a/b” is not the name of a source.",
            "Write for instance `source:arxiv`.",
        ),
        (
            "id:hello",
            3,
            "“hello” is not the id or address of a paper.",
            "Write for instance 2502.17424, hep-th/9901001, 10.1101/2024.01.01.573800 or an arXiv link.",
        ),
        (
            "id:https://doi.org/10.1/b",
            3,
            "“https://doi.org/10.1/b” is not the id or address of a paper.",
            "Write for instance 2502.17424, hep-th/9901001, 10.1101/2024.01.01.573800 or an arXiv link.",
        ),
        (
            "id:https://doi.org/10.1234/b%22c",
            3,
            "“https://doi.org/10.1234/b%22c” is not the id or address of a paper.",
            "Write for instance 2502.17424, hep-th/9901001, 10.1101/2024.01.01.573800 or an arXiv link.",
        ),
        (
            "id:https://doi.org/10.1234/b%E2%80%91c",
            3,
            "“doi:10.1234/b\u2011c” is not the id of a paper.",
            "Write an id without quotes and special dashes.",
        ),
        (
            "upvotes:many",
            8,
            "`upvotes:` needs a whole number below a billion.",
            "Write `upvotes:>=20` for at least 20.",
        ),
        (
            "stars:>=",
            6,
            "`stars:` needs a whole number below a billion.",
            "Write `stars:>=20` for at least 20.",
        ),
        (
            "trending:year a",
            9,
            "“year” is not one of day, week, month.",
            "Write `trending:week`.",
        ),
        (
            "trending:week a trending:day",
            16,
            "`trending:` may appear only once in a topic.",
            "Remove one of them.",
        ),
        *(
            (
                text,
                text.index("t"),
                "`trending:` cannot be excluded or used inside OR.",
                "Write the alternatives in parentheses: `trending:week (agents OR planning)`.",
            )
            for text in ("-trending:day", "a OR trending:day b", "b (a OR trending:day)", "-(a trending:day)")
        ),
        (
            "a" * 1001,
            1000,
            "A query has at most 1,000 characters.",
            "Split it into several.",
        ),
        (
            "(" * 51 + "a" + ")" * 51,
            50,
            "Parentheses nest at most 50 deep.",
            "Use fewer parentheses.",
        ),
        (
            f"title:({' '.join(str(number) for number in range(200))})",
            697,
            "Written out in full this query has 1,889 characters, more than 1,000.",
            "Split it into several.",
        ),
    ],
)
def test_an_error_points_at_the_character_and_says_what_to_write(
    text: str, position: int, problem: str, mend: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    error = caught.value
    assert (error.position, error.problem, error.hint) == (position, problem, mend)
    assert error.text == text


def test_the_limits_themselves_are_allowed() -> None:
    assert parse_query("a" * MAX_LENGTH) == Word("a" * MAX_LENGTH)
    assert parse_query("(" * MAX_NESTING + "a" + ")" * MAX_NESTING) == A
