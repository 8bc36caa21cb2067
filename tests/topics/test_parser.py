"""What queries mean."""

from __future__ import annotations

import pytest

from bot.papers.identity import PaperId
from bot.topics.parser import parse_query
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
    assert parse_query(text) == query
    assert parse_query(str(query)) == query


@pytest.mark.parametrize(
    "text",
    ["a - b", "a -- b", "a : b", "a & b ?", "a + b.", "(a b ...)", "a b !", "a $ b", "– a b"],  # noqa: RUF001
)
def test_signs_that_stand_alone_are_punctuation(text: str) -> None:
    assert parse_query(text) == parse_query("a b")
