"""The only addresses that messages link to."""

from __future__ import annotations

from urllib.parse import quote

from bot.papers.identity import recognise

# A platform refuses the whole message for one address that is too long.
LONGEST_URL = 1_000
_SAFE = "/:?=%#@+,;()!$~-._"


def own_url(url: str) -> str:
    """`url`, percent-encoded, where it is the page of a paper's id; "" for every other address."""
    found = recognise(url)
    encoded = quote(url, safe=_SAFE) if found and found[0].url == url else ""
    return encoded if len(encoded) <= LONGEST_URL else ""
