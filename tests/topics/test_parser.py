from __future__ import annotations

import json
import time

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.papers.identity import PaperId
from bot.topics.fields import FIELDS
from bot.topics.parser import MAX_LENGTH, MAX_NESTING, parse
from bot.topics.query import (
    About,
    And,
    Author,
    Category,
    Comparison,
    Field,
    IdIs,
    Like,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Signal,
    SignalIs,
    SourceIs,
    Trending,
    Word,
)
from bot.topics.window import Window
from tests.recorded import DATA, needs_recordings
from tests.topics.cases import CASES
from tests.topics.strategies import any_query

A, B, C, D = map(Word, "abcd")
BETLEY = PaperId("arxiv", "2502.17424")
WEEKLY = Trending(Window.WEEK)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Emergent misalignment", And((Word("emergent"), Word("misalignment")))),
        ("  a  ", A),
        ("a a", A),
        ("a AND b", And((A, B))),
        ("a and b", And((A, Word("and"), B))),
        ("a or b", And((A, Word("or"), B))),
        ("a OR b c OR d", Or((A, And((B, C)), D))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("(a OR b)(c)", And((Or((A, B)), C))),
        ("a OR (b OR a)", Or((A, B))),
        ("a (b (c d))", And((A, B, C, D))),
        ("-a", Not(A)),
        ("NOT a", Not(A)),
        ("--a", Not(A)),
        ("NOT -a", A),
        ("-(-a)", A),
        ("NOT NOT NOT a", Not(A)),
        ("-(a b)", Not(And((A, B)))),
        ("-(-(a b) c)", Not(And((Not(And((A, B))), C)))),
        ("not a", And((Word("not"), A))),
        ("ORacle", Word("oracle")),
        ('"in-context learning"', Phrase(("in", "context", "learning"))),
        ('"icl"', Phrase(("icl",))),
        ('"OR"', Phrase(("or",))),
        ("in-context", Phrase(("in", "context"))),
        ("a/b", Phrase(("a", "b"))),
        ("C++", Word("c")),
        ("LLM(s)", And((Word("llm"), Word("s")))),
        ("model's", Word("model")),
        ("emergen*", Prefix("emergen")),
        ("Éme*", Prefix("eme")),
        ("title:a", Word("a", Field.TITLE)),
        ("TITLE:a", Word("a", Field.TITLE)),
        ('abstract:"a b"', Phrase(("a", "b"), Field.ABSTRACT)),
        ("title:ab*", Prefix("ab", Field.TITLE)),
        ("title:a-b", Phrase(("a", "b"), Field.TITLE)),
        (
            'title:(a OR "b c" -ab*)',
            Or(
                (
                    Word("a", Field.TITLE),
                    And((Phrase(("b", "c"), Field.TITLE), Not(Prefix("ab", Field.TITLE)))),
                )
            ),
        ),
        ("-title:(a b)", Not(And((Word("a", Field.TITLE), Word("b", Field.TITLE))))),
        ("author:Hubinger", Author(("hubinger",))),
        ('author:"Evan Hubinger"', Author(("evan", "hubinger"))),
        ("author:O'Brien", Author(("o", "brien"))),
        ("author:(Evans OR Betley)", Or((Author(("evans",)), Author(("betley",))))),
        ("cat:cs.cl", Category("cs.CL")),
        ("cat:CS.*", Category("cs.*")),
        ("cat:cs", Category("cs.*")),
        ("cat:hep-th", Category("hep-th")),
        ("cat:Cond-Mat.STR-EL", Category("cond-mat.str-el")),
        ("cat:stat.me", Category("stat.ME")),
        ("cat:cs.CL, cat:cs.LG", And((Category("cs.CL"), Category("cs.LG")))),
        ('cat:"Cancer  Biology"', Category("cancer biology")),
        ("source:ArXiv", SourceIs("arxiv")),
        ("id:2502.17424v3", IdIs(BETLEY)),
        ("id:10.1016/S0140-6736(05)12345-6", IdIs(PaperId("doi", "10.1016/s0140-6736(05)12345-6"))),
        ("(id:10.1016/a)", IdIs(PaperId("doi", "10.1016/a"))),
        ("id:mine:7", IdIs(PaperId("mine", "7"))),
        ("2502.17424", IdIs(BETLEY)),
        ("arXiv:2502.17424", IdIs(BETLEY)),
        ("see https://arxiv.org/abs/2502.17424v2.", And((Word("see"), IdIs(BETLEY)))),
        ("like:2502.17424", Like(BETLEY)),
        ('about:"Narrow  finetuning"', About("Narrow finetuning")),
        ("about:safety", About("safety")),
        ("upvotes:20", SignalIs(Signal.UPVOTES, Comparison.AT_LEAST, 20)),
        ("upvotes:>20", SignalIs(Signal.UPVOTES, Comparison.MORE, 20)),
        ("stars:≤3", SignalIs(Signal.STARS, Comparison.AT_MOST, 3)),
        ("stars:=03", SignalIs(Signal.STARS, Comparison.EQUAL, 3)),
        ("stars:<3", SignalIs(Signal.STARS, Comparison.LESS, 3)),
        ("trending:Week", WEEKLY),
        ("a (trending:week b)", And((A, WEEKLY, B))),
        ("-(-trending:week) (a OR b)", And((WEEKLY, Or((A, B))))),
        ("trending a", And((Word("trending"), A))),
        # What chat programs and keyboards make of it.
        ("“a b”", Phrase(("a", "b"))),
        ("„a b“", Phrase(("a", "b"))),
        ("«a b»", Phrase(("a", "b"))),
        ("—a", Not(A)),
        ("b –a", And((B, Not(A)))),  # noqa: RUF001 - an en dash
        ("a—b", Phrase(("a", "b"))),
        ("a — b", And((A, B))),
        ("（a OR b） －c", And((Or((A, B)), Not(C)))),  # noqa: RUF001 - fullwidth forms
        ("title：＂a b＂", Phrase(("a", "b"), Field.TITLE)),  # noqa: RUF001
        ("Misalignment: narrow", And((Word("misalignment"), Word("narrow")))),
        ("12:30", Phrase(("12", "30"))),
    ],
)
def test_text_means(text: str, query: Query) -> None:
    assert parse(text) == query
    assert parse(str(query)) == query


_NO_WORD = "Leave it out, or write a word."
_PREFIX = "Write the beginning of one word, such as `emerg*`."


@pytest.mark.parametrize(
    ("text", "position", "problem", "mend"),
    [
        ("", 0, "There is nothing to look for.", "Write words, such as `emergent misalignment`."),
        (" — ", 3, "There is nothing to look for.", "Write words, such as `emergent misalignment`."),
        ('a "b c', 2, "This quote is not closed.", "Add a closing quote."),
        ("a (b (c)", 2, "This `(` is not closed.", "Add `)`."),
        ("a (", 2, "This `(` is not closed.", "Add `)`."),
        ("a b) c", 3, "This `)` closes nothing.", "Leave it out, or open it with `(`."),
        (")", 0, "This `)` closes nothing.", "Leave it out, or open it with `(`."),
        ("a ()", 3, "There is nothing between these parentheses.", "Write words, or leave them out."),
        ("title:( )", 8, "There is nothing between these parentheses.", "Write words, or leave them out."),
        (
            'a ""',
            3,
            "There is nothing between these quotes.",
            'Write a phrase, such as "in-context learning".',
        ),
        ('a "?!"', 3, "“?!” has no letters or digits.", _NO_WORD),
        ("a @@ b", 2, "“@@” has no letters or digits.", _NO_WORD),
        ("++", 2, "There is nothing to look for.", "Write words, such as `emergent misalignment`."),
        ("a | b", 2, "“|” has no letters or digits.", "Write `OR`."),
        ("a * b", 2, "`*` needs 2 letters or more before it.", _PREFIX),
        ("a b*", 3, "`*` needs 2 letters or more before it.", _PREFIX),
        ("a em*gent", 4, "`*` stands only at the end of a word.", _PREFIX),
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
            "`author:` cannot stand inside `title:(…)`.",
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
            "`trending:` stands once in a topic.",
            "Leave one of them out.",
        ),
        *(
            (
                text,
                text.index("t"),
                "`trending:` cannot be excluded, nor stand in an OR.",
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
            "Write it flatter.",
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
        parse(text)
    error = caught.value
    assert (error.position, error.problem, error.mend) == (position, problem, mend)
    assert error.text == text


def test_the_limits_themselves_are_allowed() -> None:
    assert parse("a" * MAX_LENGTH) == Word("a" * MAX_LENGTH)
    assert parse("(" * MAX_NESTING + "a" + ")" * MAX_NESTING) == A


@settings(max_examples=200, deadline=None)
@given(any_query)
@example(Or((A, And((B, Not(Or((C, Not(And((A, D)))))))))))
@example(Not(Or((And((A, B)), C))))
def test_a_query_is_read_back_from_its_spelling(query: Query) -> None:
    assume(len(str(query)) <= MAX_LENGTH)
    assert parse(str(query)) == query


@pytest.mark.parametrize("text", [query for query, _ in CASES])
def test_every_case_is_read_back_from_its_spelling(text: str) -> None:
    assert parse(str(parse(text))) == parse(text)


_SIGNS = tuple('()"“*:-—|.,<>= \x1f')
_NAMES = ("OR ", " AND ", "NOT ", "trending:week", "title:", "cat:", "id:", "upvotes:", "about:", "author:")
_VALUES = ("cs.CL", "10.1234/a", "2502.17424", "https://arxiv.org/abs/", "a", "ab", "x-y", "ﬁ", "İ", "%22")
_pieces = st.sampled_from((*_SIGNS, *_NAMES, *_VALUES)) | st.text(max_size=3)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.lists(_pieces, max_size=25).map("".join))
def test_any_text_is_a_query_that_reads_back_or_a_query_error(text: str) -> None:
    query = _parsed(text)
    if isinstance(query, QueryError):
        assert 0 <= query.position <= len(text)
        assert query.problem
        assert query.mend
        assert "\n" in query.pointer()
    else:
        assert parse(str(query)) == query


@pytest.mark.parametrize("operator", ["NOT ", "a OR ", "-(", "title:(", "— ", "-"])
@pytest.mark.parametrize("piece", ["", "(", '"', "a:", "a.", "a-", "a ", "1.1/", "https://", "*"])
def test_hostile_text_is_answered_at_once(operator: str, piece: str) -> None:
    text = ((operator + piece) * MAX_LENGTH)[:MAX_LENGTH]
    began = time.process_time()
    _parsed(text)
    assert time.process_time() - began < 0.5


def _parsed(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


@pytest.mark.parametrize(
    "text",
    ["a - b", "a -- b", "a : b", "a & b ?", "a + b.", "(a b ...)", "a b !", "a $ b", "– a b"],  # noqa: RUF001
)
def test_signs_that_stand_alone_are_punctuation(text: str) -> None:
    assert parse(text) == parse("a b")


@needs_recordings
def test_recorded_titles_can_be_searched_as_they_are_pasted() -> None:
    files = sorted(DATA.glob("hf_daily_papers/*.json"))
    titles = [item["title"] for path in files for item in json.loads(path.read_bytes())]
    refused = []
    for title in titles:
        try:
            parse(title)
        except QueryError as error:
            refused.append(error.problem)

    assert len(titles) > 2_000
    # What is left is a name that a colon follows: `Name:Subtitle` reads as a field, and the error says so.
    assert len(refused) < len(titles) / 100, refused
