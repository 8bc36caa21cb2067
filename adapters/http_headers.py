"""What the HTTP client says in its headers, and what it reads in those of others."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for, given in seconds or as an HTTP date; None for neither.

    RFC 9110, section 10.2.3. A date in the past is 0.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def user_agent(contact: str) -> str:
    """`Paperboy/1.2.3`, with the operator's address where there is one."""
    name = f"Paperboy/{version('paperboy-bot')}"
    address = "".join(contact.split())
    return f"{name} (+mailto:{address})" if address else name
