"""Papers, batches and channels for the tests of storage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.channels.channel import Address, Channel
from bot.channels.schedule import DAILY
from bot.digests.digest import Digest, DigestEntry, Match
from bot.messages.blocks import Message, Paragraph
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, AnnouncementKind, Batch, IngestedBatch, Paper, Signals
from bot.ports.store import Store
from bot.topics.parser import parse_query

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = date(2026, 11, 23)
LATER = NOW + timedelta(hours=1)
TOMORROW = DAY + timedelta(days=1)
NOWHERE = Channel(99, Address("terminal", "nowhere"), time(9), "UTC", 20, NOW)


def a_paper(name: str, title: str = "Models learn", **rest: Any) -> Paper:
    """A paper by its id, `2502.17424` or `10.1101/x`."""
    return Paper(PaperId.from_text(name), title, **rest)


FULL = a_paper(
    "2502.17424",
    "Emergent misalignment",
    abstract="Narrow finetuning.",
    authors=("Jan Betley", "Owain Evans"),
    categories=("cs.CR", "cs.AI"),
    published=date(2025, 2, 24),
    version=2,
    aliases=(PaperId.from_text("10.1234/a"), PaperId.from_text("10.1234/b")),
    signals=Signals(5, 7),
    summary="A sentence.",
    code_url="https://example.org/code",
)


def a_batch(
    *papers: Paper,
    source: str = "arxiv",
    day: date = DAY,
    kind: AnnouncementKind = AnnouncementKind.NEW,
    **rest: Any,
) -> Batch:
    """A batch that announces papers, all as the same kind."""
    return Batch(source, day, tuple(Announcement(paper, kind) for paper in papers), **rest)


def ingest(store: Store, *papers: Paper, now: datetime = NOW, **rest: Any) -> IngestedBatch:
    """Store a batch of papers in its own transaction."""
    with store.begin() as tx:
        return tx.papers.ingest_batch(a_batch(*papers, **rest), now)


def a_channel(store: Store, place: str = "here") -> Channel:
    """A stored channel."""
    address = Address("terminal", place)
    with store.begin() as tx:
        return tx.channels.ensure(address, Channel(0, address, time(9), "Europe/Berlin", 20, NOW))


def subscribed(store: Store, channel: Channel, topic: str) -> int:
    """The id of a new subscription."""
    with store.begin() as tx:
        return tx.channels.subscribe(channel.id, parse_query(topic), DAILY, "ada", NOW).id


def matched(store: Store, subscription: int, *names: str, source: str = "arxiv", day: date = DAY) -> int:
    """Match stored papers with a subscription."""
    with store.begin() as tx:
        return tx.digests.add_matches(
            Match(PaperId.from_text(name), subscription, source, day, ("learn",)) for name in names
        )


def a_digest(
    channel: Channel, entries: Iterable[DigestEntry] = (), slot: date = DAY, parts: int = 1
) -> Digest:
    """A digest of some messages."""
    messages = tuple(Message(f"Part {part}", (Paragraph("Hello"),)) for part in range(1, parts + 1))
    return Digest(channel.id, slot, tuple(entries), messages)
