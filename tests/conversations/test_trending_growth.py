"""What grows comes first, and the card says by how much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.bootstrap import App
from bot.messages.blocks import PaperCard
from bot.papers.paper import Signals
from tests.apps import ListedSource, SetClock, batch, paper

pytestmark = pytest.mark.usefixtures("each_engine")

GROWS, STANDS = paper(1, "Agents that plan"), paper(2, "Diffusion for images")


@pytest.fixture
def source() -> ListedSource:
    return ListedSource("huggingface")


async def test_a_paper_that_grows_overtakes_one_that_stands(
    app: App, clock: SetClock, source: ListedSource
) -> None:
    for now, votes in (("2025-10-09T18:00", 10), ("2025-10-11T18:00", 30)):
        clock.set(now)
        told = [replace(GROWS, signals=Signals(votes, 800)), replace(STANDS, signals=Signals(32))]
        source.batches = [batch("huggingface", "2025-10-09", told)]
        await app.make_rounds().ingest_all()

    answer = await app.front_door().answer("trending week", app.terminal.make_caller("local"))
    cards = [block for block in answer.blocks if isinstance(block, PaperCard)]
    assert [(card.title, card.reasons) for card in cards] == [
        ("Agents that plan", ("▲ 30, +20 in 2 days, ★ 800",)),
        ("Diffusion for images", ("▲ 32",)),
    ]
