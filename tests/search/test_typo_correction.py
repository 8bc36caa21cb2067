from __future__ import annotations

import pytest

from bot.search.typo_correction import correct_word

KNOWN = [
    ("alignment", 9),
    ("misalignment", 5),
    ("misalignments", 7),
    ("model", 90),
    ("modal", 3),
    ("owl", 2),
    ("gpt4", 9),
    ("naive", 4),
]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("misalignement", "misalignment"),
        ("misalingment", "misalignment"),
        ("misalignmen", "misalignment"),
        ("mosel", "model"),
        ("modxl", "model"),
        ("mmodell", ""),
        ("niave", "naive"),
        ("owk", ""),
        ("gpt5", ""),
        ("elephant", ""),
    ],
)
def test_the_word_that_was_meant(word: str, expected: str) -> None:
    assert correct_word(word, KNOWN) == expected
