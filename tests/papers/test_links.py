"""The only addresses that messages link to."""

from __future__ import annotations

import pytest

from bot.papers.links import paper_page_url


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://arxiv.org/abs/2510.08211", "https://arxiv.org/abs/2510.08211"),
        ("https://doi.org/10.1101/a|b<c", "https://doi.org/10.1101/a%7Cb%3Cc"),
        ("https://evil.example/abs/2510.08211", ""),
        ("https://arxiv.org.evil.example/abs/2510.08211", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_only_pages_of_papers_are_linked(url: str, linked: str) -> None:
    assert paper_page_url(url) == linked
