from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.papers.analyser import stem_text
from bot.search.snippet import SNIPPET_LIMIT, find_snippet

TEXT = "Larks sing. Owls hunt at night, and owls' eyes see. Nothing else is known (owls)."


def shown(text: str, wanted: str) -> str:
    """The snippet with its marked words in square brackets."""
    found = find_snippet(text, set(stem_text(wanted)))
    if found is None:
        return ""
    out, at = "", 0
    for start, end in found.marks:
        out, at = out + found.text[at:start] + f"[{found.text[start:end]}]", end
    return out + found.text[at:]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("larks", "[Larks] sing."),
        ("owl", "[Owls] hunt at night, and [owls]' eyes see."),
        ("nights hunting", "Owls [hunt] at [night], and owls' eyes see."),
        ("known owls", "Nothing else is [known] ([owls])."),
        ("nightjars", ""),
    ],
)
def test_the_sentence_that_says_most_of_it(wanted: str, expected: str) -> None:
    assert shown(TEXT, wanted) == expected


def test_accents_and_compounds() -> None:
    assert shown("Über in-context Schrödinger.", "uber context schrodinger") == (
        "[Über] in-[context] [Schrödinger]."
    )


def test_a_long_sentence_is_cut_around_its_first_word() -> None:
    text = "filler " * 80 + "owls " + "filler " * 80
    found = shown(text, "owls")

    assert found.startswith("…filler")
    assert "[owls]" in found
    assert found.endswith("filler…")


WORDS = ("owls", "Owl", "larks", "x" * 300, "naïve", "(owl)", "a.", "Fin!", "\u202eowls", "語")


@given(st.lists(st.sampled_from(WORDS), max_size=200).map(" ".join))
def test_marks_lie_in_the_text_and_hold_the_words(text: str) -> None:
    found = find_snippet(text, {"owl"})
    if found is None:
        assert "owl" not in stem_text(text)
        return
    assert len(found.text) <= SNIPPET_LIMIT
    at = 0
    for start, end in found.marks:
        assert at <= start < end <= len(found.text)
        assert stem_text(found.text[start:end]) == ["owl"]
        at = end
