"""The one truth about words."""

from __future__ import annotations

import threading
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.analyser import fold_text, split_words, stem_text, stem_word, stem_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Models learn in-context", ["models", "learn", "in", "context"]),
        ("GPT-4o's 3.5 snake_case", ["gpt", "4o", "3", "5", "snake", "case"]),
        ("Rodr\u00edguez\u2019s na\u00efve \u0141ukasz", ["rodriguez", "naive", "\u0142ukasz"]),
        ("STRASSE Stra\u00dfe", ["strasse", "strasse"]),
        ("\ufb01ne \uff27\uff30\uff34", ["fine", "gpt"]),
        ("e\u0301tude \u00e9tude", ["etude", "etude"]),
        ("\u201cquoted\u201d \u2013 x\u2014y", ["quoted", "x", "y"]),
        ("don't", ["don", "t"]),
        ("\u8bba\u6587 \u8bed\u8a00", ["\u8bba\u6587", "\u8bed\u8a00"]),
        ("モデル が 動く", ["モデル", "が", "動く"]),
        ("\u30e2\u30c6\u3099\u30eb ﾓﾃﾞﾙ", ["モデル", "モデル"]),
        ("हिन्दी में भाषा", ["हिन्दी", "में", "भाषा"]),
        ("ภาษาไทยที่ดี", ["ภาษาไทยที่ดี"]),
        ("Ёлка й \u0391\u0313\u03ac x\u0304\u20d7", ["елка", "и", "\u03b1\u03b1", "x"]),
        ("❤\ufe0f a\ufe0fb", ["ab"]),
        (" \n.,;", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert split_words(text) == expected


@pytest.mark.parametrize(
    "family",
    [
        ("misaligned", "misalign", "misaligning"),
        ("models", "model", "modeling", "Models'"),
        ("emergent", "EMERGENT"),
        ("r\u00e9sum\u00e9", "resume"),
    ],
)
def test_a_family_has_one_stem(family: tuple[str, ...]) -> None:
    assert len({tuple(stem_text(word)) for word in family}) == 1


def test_stems_are_those_of_the_words() -> None:
    assert (
        stem_text("Emergent models")
        == [stem_word("emergent"), stem_word("models")]
        == stem_words(["emergent", "models"])
    )


def test_threads_agree() -> None:
    """A Snowball stemmer must not be shared between threads."""
    found: list[list[str]] = []
    text = " ".join(f"running{number} models learned" for number in range(200))
    threads = [threading.Thread(target=lambda: found.append(stem_text(text))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [stem_text(text)] * 4


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_words_are_folded_and_hold_no_separator(text: str) -> None:
    for word in split_words(text):
        assert all(char.isalnum() or unicodedata.category(char) in {"Mn", "Mc"} for char in word)
        assert split_words(word) == [word]


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)
