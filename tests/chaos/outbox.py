"""What the crash tests put into the outbox, and how it stands there in the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from bot.channels.channel import Address, Channel
from bot.channels.schedule import AT_ONCE
from bot.delivery.delivery import DeliveryState
from bot.digests.digest import Digest
from bot.messages.blocks import Message, Paragraph
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, Batch, Paper
from bot.ports.store import Store
from bot.services.ingest import store_batch
from bot.topics.parser import parse_query

DAY = date(2026, 11, 23)
_NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def fill(store: Store, addresses: Iterable[Address], days: int = 1, paragraphs: int = 1) -> None:
    """Plan a digest for each channel on each of so many days, of paragraphs of 1,500 characters."""
    with store.begin() as tx:
        for address in addresses:
            channel = tx.channels.ensure(address, Channel(0, address, time(9), "UTC", 20, _NOW))
            for number in range(days):
                slot = DAY + timedelta(days=number)
                text = Paragraph("Hello again " * 125)
                message = Message(f"Digest of {slot}", (text,) * paragraphs)
                tx.digests.plan_digest(Digest(channel.id, slot, (), (message,)), channel)


def announce(store: Store, addresses: Iterable[Address]) -> None:
    """Let each channel have a subscription that is delivered at once, and papers that wait for it."""
    papers = [Paper(PaperId.from_text(f"2611.0000{number}"), "Owls hoot") for number in (1, 2)]
    batch = Batch("arxiv", DAY, tuple(Announcement(one) for one in papers))
    with store.begin() as tx:
        for address in addresses:
            channel = tx.channels.ensure(address, Channel(0, address, time(9), "UTC", 20, _NOW))
            tx.channels.subscribe(channel.id, parse_query("owls"), AT_ONCE, "ann", _NOW)
    store_batch(store, batch, lambda: _NOW)


def unsent(store: Store) -> Counter[DeliveryState]:
    """How many deliveries are in each state, but for those that are sent."""
    with store.begin() as tx:
        return Counter(tx.outbox.current_status(_NOW).states)


async def all_sent(store: Store) -> None:
    """Wait until everything is sent."""
    while True:
        if not await asyncio.to_thread(unsent, store):
            return
        await asyncio.sleep(0.05)
