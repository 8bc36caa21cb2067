"""Words that were searched for, in bold where Slack can show that."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.mrkdwn import escape_text, literal_text, marked_text
from bot.search.snippet import find_snippet


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Owls hunt.", "owl", "*Owls* hunt."),
        ("See (owls) & owls' eyes <now>", "owl", "See (*owls*) &amp; *owls*' eyes &lt;now&gt;"),
        ("in-context", "context", "in-*context*"),
        # Where a sign beside it would keep the mark from being read as one, there is none.
        ("2*owls, owls_2 and owls。", "owl", "2\u2217owls, owls_2 and owls。"),
    ],
)
def test_marks(text: str, word: str, expected: str) -> None:
    found = find_snippet(text, {word})
    assert found is not None
    assert marked_text(found.text, found.marks, 700) == expected


def test_what_does_not_fit_is_shown_without_marks() -> None:
    text = "owls & " * 40
    spans = [match.span() for match in re.finditer("owls", text)]

    assert marked_text(text, spans, 200) == literal_text(text, 200)


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_but_the_words_is_in_bold(before: str, after: str) -> None:
    found = find_snippet(f"{before} owls {after}", {"owl"})
    if found:
        shown = marked_text(found.text, found.marks, 700)
        assert shown.count("*") % 2 == 0
        assert shown.replace("*", "") == literal_text(found.text, 700) or escape_text(found.text) == ""
