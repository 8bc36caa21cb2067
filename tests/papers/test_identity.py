"""Ids in every form that people and sources write."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.papers.identity import PaperId, find_id, local_id, parse_id


@pytest.mark.parametrize(
    ("text", "expected", "version"),
    [
        ("2502.17424", "arxiv:2502.17424", None),
        ("2502.17424v3", "arxiv:2502.17424", 3),
        ("0704.0001", "arxiv:0704.0001", None),
        ("  2502.17424V12 ", "arxiv:2502.17424", 12),
        ("arXiv:2502.17424v1", "arxiv:2502.17424", 1),
        ("ARXIV : 2502.17424", "arxiv:2502.17424", None),
        ("oai:arXiv.org:2502.17424v2", "arxiv:2502.17424", 2),
        ("oai:arXiv.org:math/9901016", "arxiv:math/9901016", None),
        ("hep-th/9901001", "arxiv:hep-th/9901001", None),
        ("hep-th/9901001v2", "arxiv:hep-th/9901001", 2),
        ("math.CO/9901016", "arxiv:math/9901016", None),
        ("Hep-Th/9901001", "arxiv:hep-th/9901001", None),
        ("https://arxiv.org/abs/2502.17424", "arxiv:2502.17424", None),
        ("http://arxiv.org/abs/2502.17424v2", "arxiv:2502.17424", 2),
        ("https://www.arxiv.org/pdf/2502.17424v2.pdf", "arxiv:2502.17424", 2),
        ("arxiv.org/pdf/2502.17424", "arxiv:2502.17424", None),
        ("https://export.arxiv.org/abs/hep-th/9901001v1", "arxiv:hep-th/9901001", 1),
        ("https://arxiv.org/html/2502.17424v1?utm=x#S1", "arxiv:2502.17424", 1),
        ("<https://arxiv.org/abs/2502.17424>", "arxiv:2502.17424", None),
        ("https://arxiv.org/abs/2502.17424/", "arxiv:2502.17424", None),
        ("https://huggingface.co/papers/2502.17424", "arxiv:2502.17424", None),
        ("https://hf.co/papers/2502.17424", "arxiv:2502.17424", None),
        ("10.1101/2024.01.01.573800", "doi:10.1101/2024.01.01.573800", None),
        ("doi:10.1101/2024.01.01.573800", "doi:10.1101/2024.01.01.573800", None),
        ("https://doi.org/10.1101/2024.01.01.573800", "doi:10.1101/2024.01.01.573800", None),
        ("https://dx.doi.org/10.1016/J.PHYSLETB.2025.139665", "doi:10.1016/j.physletb.2025.139665", None),
        ("10.1000/Kite.", "doi:10.1000/kite", None),
        ("10.48550/arXiv.2502.17424", "arxiv:2502.17424", None),
        ("https://doi.org/10.48550/arXiv.hep-th/9901001", "arxiv:hep-th/9901001", None),
        ("reading-list:W_12", "reading-list:W_12", None),
        ("file-arxiv:k1", "file-arxiv:k1", None),
    ],
)
def test_forms(text: str, expected: str, version: int | None) -> None:
    paper_id, found = parse_id(text)
    assert (str(paper_id), found) == (expected, version)
    assert PaperId.from_text(expected) == paper_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "emergent misalignment",
        "2502.174",
        "2513.17424",
        "2500.17424",
        "2502.17424v0",
        "2502.17424v1000",
        "x2502.17424",
        "\uff12\uff15\uff10\uff12.17424",
        "hep-th/990100",
        "10.10/x",
        "10.1101/",
        "10.1101/.",
        "https://example.org/abs/2502.17424",
        "https://evil-arxiv.org/abs/2502.17424",
        "https://arxiv.org/list/cs.CL/new",
        "arxiv:kite",
        "doi:kite",
        "10.48550/arXiv.kite",
        "a b:c",
        "10.1000/a\u202eb",
        "mine:a\x00b",
    ],
)
def test_what_names_no_paper(text: str) -> None:
    assert find_id(text) is None
    with pytest.raises(UsageError) as caught:
        parse_id(text)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_the_archive_belongs_to_an_old_id() -> None:
    assert PaperId.from_text("hep-th/9901001") != PaperId.from_text("math/9901001")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("hep-th/9901001v2", "https://arxiv.org/abs/hep-th/9901001"),
        ("10.1000/a", "https://doi.org/10.1000/a"),
        ("mine:1", ""),
    ],
)
def test_urls(text: str, url: str) -> None:
    assert PaperId.from_text(text).url == url


@pytest.mark.parametrize(
    "text", ["2502.17424", "hep-th/9901001", "10.1101/2024.01.01.573800", "10.1000/a(b)<c>d"]
)
def test_its_own_url_leads_back(text: str) -> None:
    paper_id = PaperId.from_text(text)
    assert PaperId.from_text(paper_id.url) == paper_id


_PIECES = [
    "arXiv:",
    "oai:arXiv.org:",
    "doi:",
    "https://arxiv.org/abs/",
    "https://doi.org/",
    "10.1000/",
    "10.48550/",
]
_PIECES += [
    "2502.17424",
    "v2",
    "hep-th/9901001",
    "math.CO/",
    "arxiv.",
    ".pdf",
    "<",
    ">",
    " ",
    "?",
    "#",
    "%20",
    "x:",
    ".",
]
_PIECES += ["K", "\u017f", "\u0130", "\uff12", "/", ";", "\u202e", "\n", "\x00"]


@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=6).map("".join))
@settings(max_examples=200, deadline=None)
def test_what_is_recognised_is_written_and_read_again(text: str) -> None:
    found = find_id(text)
    if found is not None:
        assert find_id(str(found[0])) == (found[0], None)


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_ids_of_a_collection_are_written_and_read_again(value: str) -> None:
    found = local_id("mine", value)
    if found is not None:
        assert PaperId.from_text(str(found)) == found


def test_an_empty_id_of_a_collection_is_none() -> None:
    assert local_id("mine", " \n") is None
    assert local_id("mine", "") is None
