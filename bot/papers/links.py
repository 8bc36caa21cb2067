"""The only addresses that messages link to."""

from __future__ import annotations

from urllib.parse import quote

from bot.papers.identity import find_id

# A platform refuses the whole message for one address that is too long.
LONGEST_URL = 1_000
_SAFE_SIGNS = "/:?=%#@+,;()!$~-._"


def paper_page_url(url: str) -> str:
    """`url`, percent-encoded, where it is the page of a paper's id; "" for every other address."""
    found = find_id(url)
    encoded = quote(url, safe=_SAFE_SIGNS) if found and found[0].url == url else ""
    return encoded if len(encoded) <= LONGEST_URL else ""
