"""Clean text out of TeX, HTML and whatever else stands in a feed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.text import TITLE_LIMIT, clean_line, clean_text, clean_title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain words", "Plain words"),
        ("two\n  lines\tand\u2028more\u0085end", "two lines and more end"),
        (r"Ana Rodr\'iguez, {\L}ukasz, G\"odel, \v{S}", "Ana Rodríguez, Łukasz, Gödel, Š"),
        (r"O($n^2$) and $\alpha$-decay in $\mathbb{R}^n$", "O(n^2) and \u03b1-decay in \u211d^n"),
        (r"$\texttt{BluePrint}$: a bot, \texttt{Red} too", "BluePrint: a bot, Red too"),
        (
            r"We present \OurBot, \eg, \GenPRM{} for \noindent kites",
            "We present OurBot, eg, GenPRM for kites",
        ),
        (r"code at \href{https://a.b/c_d}{GitHub}.", "code at GitHub (https://a.b/c_d)."),
        (r"\href{https://a.b}{https://a.b} and \url{https://a.b/c_d}", "https://a.b and https://a.b/c_d"),
        (r"90\% of \textbf{all} \emph{kites} fly \cite{kite}", "90% of all kites fly"),
        (r"$\sim$50\% at $\times$2 speed (P$<$0.001)", "\u223c50% at \u00d72 speed (P<0.001)"),
        ("from $50,000 to $500", "from $50,000 to $500"),
        ("costs $5-$10, about $4000", "costs $5-$10, about $4000"),
        ("a < b and c > d", "a < b and c > d"),
        ("50% of A & B #1, a_b", "50% of A & B #1, a_b"),
        ("<b>Bold</b><br/>move", "Bold move"),
        ('<jats:p>Said <a href="x">so</a></jats:p>', "Said so"),
        ("R&amp;D &lt;x&gt; &eacute;", "R&D <x> é"),
        ("ends {badly", "ends badly"),
        (r"\sqrt", r"\sqrt"),
        (r"\href{https://a.b", r"\href{https://a.b"),
        ("evil\u202eTXT\u200b\u2066\x00\x1b[31m", "evilTXT[31m"),
        ("Z\u0300\u0301\u0302\u0303\u0304\u0305a", "Z\u0300\u0301\u0302\u0303a"),
        ("e\u0301", "é"),
        ("\ud800 \ue000 lone", "lone"),
        ("", ""),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean_text(text) == expected


def test_a_text_does_not_tell_of_the_text_before() -> None:
    clean_text(r"\title{Secret} \author{Me} x")
    assert clean_text(r"\maketitle y") == "y"


def test_limits() -> None:
    assert clean_text("x" * 50, 10) == "x" * 9 + "…"
    assert clean_text("x" * 10, 10) == "x" * 10
    assert len(clean_title("kite " * 500)) <= TITLE_LIMIT
    assert len(clean_text("kite " * 50_000)) <= 20_000


def test_a_title_loses_the_full_stop_that_stands_apart() -> None:
    assert clean_title("On kites .") == "On kites"
    assert clean_title("On kites.") == "On kites."


_TEX = [
    *"\\{}$%&#~^_[]|*'`<>",
    "\\href",
    "\\texttt",
    "\\begin{equation}",
    "\\end{equation}",
    "\\item",
    "\\frac",
]
_TEX += [
    "\\sqrt",
    "\\verb|",
    "\\newcommand",
    "\\title",
    "\\underbrace",
    "\\begin{pmatrix}",
    "\\v",
    "\\\\[2pt]",
]
_TEX += ["$$", "\\input{x}", "<b>", "&amp;", "&#0;", "\u202e", "\x00", "\n", " ", "word", "5"]
_ANYTHING = st.lists(st.sampled_from(_TEX) | st.text(max_size=4), max_size=14).map("".join)


@given(_ANYTHING, st.integers(2, 60))
@settings(max_examples=200, deadline=None)
def test_clean_never_raises_and_is_one_harmless_line(text: str, limit: int) -> None:
    cleaned = clean_text(text, limit)
    assert len(cleaned) <= limit
    assert cleaned == " ".join(cleaned.split())
    assert all(unicodedata.category(char)[0] != "C" for char in cleaned)


@given(_ANYTHING)
@settings(max_examples=200, deadline=None)
def test_harmless_twice_is_harmless_once(text: str) -> None:
    once = clean_line(text)
    assert clean_line(once) == once


@given(st.text("abc XYZ,.:;!?()-/+=0123456789é", max_size=60))
@settings(max_examples=100, deadline=None)
def test_what_has_no_markup_stays(text: str) -> None:
    assert clean_text(text) == " ".join(text.split())


@pytest.mark.parametrize(
    "text", ["{" * 20_000, "$" * 20_000, "\\href" * 4_000, "<b " * 8_000, "\\begin{a}" * 3_000]
)
@pytest.mark.timeout(20)
def test_hostile_markup_takes_no_age(text: str) -> None:
    assert clean_text(text)
