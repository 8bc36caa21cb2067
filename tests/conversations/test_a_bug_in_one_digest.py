"""A channel whose digest cannot be made, as its zone is no longer known here: the others get theirs."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.bootstrap import App
from tests.apps import ListedSource, SetClock, batch, paper
from tests.conversations.talk import posted, say
from tests.databases import execute

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.mark.parametrize("days", ["daily", "now"])
async def test_the_others_get_theirs_and_it_gets_its_own_later(
    app: App, clock: SetClock, source: ListedSource, days: str
) -> None:
    for place in ("lost", "well"):
        await say(app, f"subscribe agents days:{days}", place)
    url = app.settings.database_url
    execute(url, "UPDATE channels SET zone = 'Mars/Olympus' WHERE place = 'lost'")
    clock.set("2025-10-10T01:00")
    source.batches = [batch("arxiv", "2025-10-10", [paper(1, "Agents plan")])]
    await app.make_rounds().ingest_all()
    with capture_logs() as logs:
        first = await posted(app, clock, "2025-10-10T12:00")
    assert first.count("Agents plan") == 1
    failed = [line for line in logs if line["event"] == "a digest could not be planned"]
    assert [(line["channel"], line["exc_info"]) for line in failed] == [("terminal:lost", True)]

    execute(url, "UPDATE channels SET zone = 'UTC' WHERE place = 'lost'")
    assert (await posted(app, clock, "2025-10-10T12:01")).count("Agents plan") == 1
    assert await posted(app, clock, "2025-10-10T12:02") == ""
