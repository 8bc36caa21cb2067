"""What the doctor says of a calendar that arXiv has not published yet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import doctor_findings
from tests.apps import SetClock, an_app


@pytest.mark.parametrize(
    ("sources", "now", "said"),
    [
        (("arxiv",), "2026-12-31T12:00", ["arXiv's holidays of 2026 are known"]),
        (("huggingface", "arxiv"), "2027-01-01T04:59", ["arXiv's holidays of 2026 are known"]),
        (("arxiv",), "2027-01-01T05:00", ["arXiv's holidays of 2027 are not known to this Paperboy"]),
        (("huggingface",), "2027-06-01T05:00", []),
    ],
)
async def test_the_doctor_says_which_holidays_are_known(
    tmp_path: Path, sources: tuple[str, ...], now: str, said: list[str]
) -> None:
    app = an_app(tmp_path, SetClock(now))
    app = replace(app, settings=app.settings.model_copy(update={"sources": sources}))
    found = [finding async for finding in doctor_findings(app, offline=True)]
    app.database.close()

    assert [one.detail.partition(":")[0] for one in found if one.what == "calendar"] == said
    assert all(one.ok for one in found if one.what == "calendar")
