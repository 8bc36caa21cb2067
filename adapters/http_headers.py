"""What the HTTP client says in its headers, and what it reads in those of others."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version

LONGEST_WISH = 86_400.0
"""A longer wait is a mistake of who asks for it: nobody would be asked again before the next start."""
_SECONDS = re.compile(r"\d+(\.\d+)?", re.ASCII)


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for, given in seconds or as an HTTP date; None for neither.

    RFC 9110, section 10.2.3; parts of a second are taken too. From 0, where the date is past, to
    `LONGEST_WISH`.
    """
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_WISH)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), LONGEST_WISH)


def user_agent(contact: str) -> str:
    """`Paperboy/1.2.3`, with the operator's address where there is one."""
    name = f"Paperboy/{version('paperboy-bot')}"
    address = "".join(contact.split())
    return f"{name} (+mailto:{address})" if address else name
