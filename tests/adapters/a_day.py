"""What a source announces in the conversations on every platform, and the morning that posts it."""

from __future__ import annotations

from typing import Protocol

from bot.services.rounds import Rounds
from tests.apps import ListedSource, SetClock, batch, paper

MISALIGNED = paper(1, "Emergent misalignment in small models", "Finetuning narrows.")
AGENTS = paper(2, "Agents that plan", "We plan with tools.", categories=("cs.AI",))
MANY = [paper(number, f"Emergent thing {number}") for number in range(10, 30)]


class Running(Protocol):
    """A Paperboy that serves a platform."""

    @property
    def rounds(self) -> Rounds: ...


async def post_the_day(paperboy: Running, clock: SetClock, arxiv: ListedSource) -> None:
    """Announce two papers, and make the digest of Friday morning."""
    arxiv.batches = [batch("arxiv", "2025-10-10", [MISALIGNED, AGENTS])]
    await paperboy.rounds.ingest_all()
    clock.set("2025-10-10T09:00")
    await paperboy.rounds.post_digests()
