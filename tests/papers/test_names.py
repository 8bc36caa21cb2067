"""Authors' names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.names import NAME_LIMIT, clean_names, split_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A. Kite", ("A. Kite",)),
        ("A. Kite, B. Wind", ("A. Kite", "B. Wind")),
        ("A. Kite (Lab, Town), B. Wind (1 and 2 (x))", ("A. Kite", "B. Wind")),
        ("A. Kite (Lab, B. Wind", ("A. Kite Lab", "B. Wind")),
        ("A. Kite), B. Wind", ("A. Kite", "B. Wind")),
        ("Kite, A.; Wind, B.", ("Kite, A.", "Wind, B.")),
        ("O&#39;Kite, B. Wind", ("O'Kite", "B. Wind")),
        (r"R. G\'omez, {\O}. Wind", ("R. Gómez", "Ø. Wind")),
        (" , ,", ()),
        ("", ()),
    ],
)
def test_split_names(text: str, names: tuple[str, ...]) -> None:
    assert split_names(text) == names


@given(st.text("ab (),;\\{}'", max_size=40))
@settings(max_examples=150, deadline=None)
def test_names_are_never_empty(text: str) -> None:
    assert all(name.strip() for name in split_names(text))


def test_names_have_a_limit() -> None:
    assert [len(name) for name in clean_names(["x" * 1000])] == [NAME_LIMIT]
