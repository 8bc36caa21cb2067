"""A line of JSON is a paper, or a bad line that says why."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.jsonl_record import BadLineError, read_line
from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from tests.adapters.sources.json_lines import TOMORROW, line


def paper(**fields: Any) -> Paper:
    return read_line(line(**fields), "mine", TOMORROW)[0]


def test_every_field() -> None:
    told = {
        "id": "2502.17424v2",
        "title": "On kites",
        "abstract": "Kites fly.",
        "authors": ["A. Kite", "B. Wind"],
        "categories": ["cs.CL", "cs.AI", "cs.CL"],
        "published": "2025-02-24T12:00:00Z",
        "announced": "2025-02-26",
        "doi": "https://doi.org/10.1000/KITE",
        "upvotes": 4,
        "stars": 0,
        "tldr": "They fly.",
        "code_url": "https://github.com/kite/kite",
        "unknown": {"is": "ignored"},
    }
    assert read_line(json.dumps(told).encode(), "mine", TOMORROW) == (
        Paper(
            id=PaperId("arxiv", "2502.17424"),
            title="On kites",
            abstract="Kites fly.",
            authors=("A. Kite", "B. Wind"),
            categories=("cs.CL", "cs.AI"),
            published=date(2025, 2, 24),
            version=2,
            aliases=(PaperId("doi", "10.1000/kite"), PaperId("mine", "2502.17424v2")),
            signals=Signals(4, 0),
            summary="They fly.",
            code_url="https://github.com/kite/kite",
        ),
        date(2025, 2, 26),
    )


@pytest.mark.parametrize(
    ("given_id", "expected"),
    [
        ("2502.17424", "arxiv:2502.17424"),
        ("arXiv:hep-th/9901001v3", "arxiv:hep-th/9901001"),
        ("https://doi.org/10.1000/X", "doi:10.1000/x"),
        ("W 123  4", "mine:W%20123%20%204"),
        (17, "mine:17"),
        ("pmid:99", "pmid:99"),
    ],
)
def test_ids(given_id: object, expected: str) -> None:
    found = paper(id=given_id).id
    assert str(found) == expected
    assert PaperId.from_text(expected) == found


@pytest.mark.parametrize(
    ("fields", "abstract"),
    [
        ({"summary": "s"}, "s"),
        ({"text": "t", "summary": "s"}, "t"),
        ({"abstract": "a", "text": "t", "summary": "s"}, "a"),
        ({"abstract": None, "text": "", "summary": "s"}, "s"),
        ({}, ""),
    ],
)
def test_the_summary_is_the_abstract_where_there_is_no_other(fields: dict[str, Any], abstract: str) -> None:
    found = paper(**fields)
    assert (found.abstract, found.summary) == (abstract, "")


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        (["A. Kite", " ", "B. Wind"], ("A. Kite", "B. Wind")),
        ("A. Kite, B. Wind and C. Sky", ("A. Kite", "B. Wind and C. Sky")),
        ("A. Kite, B. Wind, and C. Sky", ("A. Kite", "B. Wind", "C. Sky")),
        ("Kite, A.; Wind, B.", ("Kite, A.", "Wind, B.")),
        ("A. Kite and B. Wind", ("A. Kite", "B. Wind")),
        ([{"name": "A. Kite", "id": 7}, "B. Wind"], ("A. Kite", "B. Wind")),
        (None, ()),
        ("", ()),
    ],
)
def test_authors(authors: object, names: tuple[str, ...]) -> None:
    assert paper(authors=authors).authors == names


@pytest.mark.parametrize("categories", ["cs.CL math.AG", ["cs.CL", "math.AG"], " cs.CL\tmath.AG cs.CL"])
def test_categories(categories: object) -> None:
    assert paper(categories=categories).categories == ("cs.CL", "math.AG")


@pytest.mark.parametrize(
    ("fields", "published", "day"),
    [
        ({"published": "2025-02-24"}, date(2025, 2, 24), date(2025, 2, 24)),
        ({"date": "2025-02"}, date(2025, 2, 1), date(2025, 2, 1)),
        ({"year": 2025}, date(2025, 1, 1), date(2025, 1, 1)),
        ({"year": 2025.0}, date(2025, 1, 1), date(2025, 1, 1)),
        ({"published": "", "year": "2025"}, date(2025, 1, 1), date(2025, 1, 1)),
        ({"published": "2025-02-24", "announced": "2025-03-01"}, date(2025, 2, 24), date(2025, 3, 1)),
        ({"announced": "1990-01-01"}, None, date(1990, 1, 1)),
        ({"announced": "2026-11-24"}, None, date(2026, 11, 24)),
        ({"published": "1948"}, date(1948, 1, 1), None),
        ({"published": "2026-12"}, date(2026, 12, 1), None),
        ({}, None, None),
    ],
)
def test_dates(fields: dict[str, Any], published: date | None, day: date | None) -> None:
    found, announced = read_line(line(**fields), "mine", TOMORROW)
    assert (found.published, announced) == (published, day)


def test_a_title_that_is_too_long_stands_in_the_text_too() -> None:
    told = "Kites fly. " * 40 + "Zirconium."
    assert paper(title=told).abstract == told
    assert paper(title=told, abstract="It flew.").abstract == "It flew."
    assert paper(title="Kites fly.").abstract == ""


def test_a_paper_without_a_title_is_called_by_how_it_begins() -> None:
    found, _ = read_line(line(title="", abstract="Kites fly. " * 20), "mine", TOMORROW)
    assert found.title.startswith("Kites fly. Kites")
    assert len(found.title) <= 100


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"kites", "It is not JSON in UTF-8."),
        (b'"kites"', "It is not a JSON object."),
        (b"\xff{}", "It is not JSON in UTF-8."),
        (b"[" * 100_000, "It is not JSON in UTF-8."),
        (line(id=None), "It has no id, or one that is too long."),
        (line(id=" "), "It has no id, or one that is too long."),
        (line(id="k" * 301), "It has no id, or one that is too long."),
        (line(id=["k"]), "“id” is not text."),
        (line(id=True), "“id” is not text."),
        (line(title=" "), "It has no title and no text."),
        (line(title=5), "“title” is not text."),
        (line(abstract=["x"]), "“abstract” is not text."),
        (line(authors={"a": 1}), "“authors” is neither text nor a list of texts."),
        (line(authors=[{"last": "Kite"}]), "“authors” is neither text nor a list of texts."),
        (line(authors=[1]), "“authors” is neither text nor a list of texts."),
        (line(categories=3), "“categories” is neither text nor a list of texts."),
        (line(announced="1989-12-31"), "“announced” is not between 1990-01-01 and 2026-11-24."),
        (line(announced="2026-11-25"), "“announced” is not between 1990-01-01 and 2026-11-24."),
        (line(published="soon"), "“published” is not a date such as 2025-02-24."),
        (line(year=20.5), "“year” is not a date such as 2025-02-24."),
        (line(upvotes="3"), "“upvotes” is not a count."),
        (line(stars=-1), "“stars” is not a count."),
        (line(upvotes=2**40), "“upvotes” is not a count."),
    ],
)
def test_bad_lines_say_why(raw: bytes, problem: str) -> None:
    with pytest.raises(BadLineError) as caught:
        read_line(raw, "mine", TOMORROW)
    assert str(caught.value) == problem


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
_NAMES = (
    *("id", "title", "abstract", "authors", "categories", "published"),
    *("year", "announced", "doi", "upvotes", "code_url", "tldr"),
)


@given(st.dictionaries(st.sampled_from(_NAMES), _JSON))
@settings(max_examples=200, deadline=None)
def test_any_fields_are_a_paper_or_a_bad_line(fields: dict[str, Any]) -> None:
    try:
        found, _ = read_line(json.dumps(fields).encode(), "mine", TOMORROW)
    except BadLineError:
        return
    assert found.title.isprintable()
    assert PaperId.from_text(str(found.id)) == found.id
