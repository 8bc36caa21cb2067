from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.bibtex import citation_key, format_bibtex
from bot.papers.identity import PaperId
from bot.papers.paper import Paper


def test_a_preprint() -> None:
    paper = Paper(
        PaperId("arxiv", "2510.00001"),
        "On the 50% rule: LLMs & {agents}",
        authors=("Ann Áuthor", "Ben B_"),
        categories=("cs.CL",),
        published=date(2025, 10, 1),
        aliases=(PaperId("doi", "10.1000/a_b"),),
    )

    assert format_bibtex(paper) == (
        "@misc{author202550,\n"
        "  title = {On the 50\\% rule: {LLMs} \\& \\{agents\\}},\n"
        "  author = {Ann Áuthor and Ben B\\_},\n"
        "  year = {2025},\n"
        "  eprint = {2510.00001},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  doi = {10.1000/a\\_b},\n"
        "  url = {https://arxiv.org/abs/2510.00001},\n"
        "}"
    )


def test_an_article_and_a_paper_of_a_file() -> None:
    assert format_bibtex(Paper(PaperId("doi", "10.1/x"), "T")).startswith("@article{t,\n")
    assert format_bibtex(Paper(PaperId("file", "1"), "")) == "@misc{paper,\n}"


@settings(max_examples=100)
@given(st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_braces_balance_whatever_the_text(title: str, authors: list[str]) -> None:
    entry = format_bibtex(Paper(PaperId("arxiv", "2510.00001"), title, authors=tuple(authors)))
    plain = entry.replace("\\{", "").replace("\\}", "")

    assert plain.count("{") == plain.count("}")
    assert citation_key(Paper(PaperId("arxiv", "1"), title)).isascii()
