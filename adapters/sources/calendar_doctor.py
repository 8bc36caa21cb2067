"""What `paperboy doctor` says of the sources without asking them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from adapters.sources.arxiv_calendar import eastern_day, has_holidays
from bot.services.doctor import Finding
from bot.settings import Settings


def examine_calendars(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Whether arXiv's holidays of this year are known, where arXiv is asked."""
    if "arxiv" not in settings.sources:
        return
    year = eastern_day(now).year
    detail = f"arXiv's holidays of {year} are known"
    if not has_holidays(year):
        detail = (
            f"arXiv's holidays of {year} are not known to this Paperboy: after each, digests wait for "
            "PAPERBOY_BATCH_WAIT_MINUTES and say that the batch is late. A newer Paperboy may know them."
        )
    # Either way everything works, and nobody here can mend it.
    yield Finding("calendar", ok=True, detail=detail)
