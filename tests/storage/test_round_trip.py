"""Every field of what is stored comes back as it was: a column that saving forgets is seen here.

Each value has another than its default in every field, so that a new field cannot be left out of the test.
"""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.channels.channel import Address, Channel, Mute, Subscription
from bot.channels.installation import Installation
from bot.channels.reader import Reader
from bot.channels.schedule import DAILY, parse_days
from bot.feedback.rating import Rating, Thumb
from bot.messages.blocks import Layout
from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from bot.topics.parser import parse_query
from bot.topics.strictness import Strictness
from storage.database import Database
from tests.apps import batch

NOW = datetime(2026, 4, 27, 16, tzinfo=UTC)
LATER = datetime(2026, 4, 28, 6, 30, tzinfo=UTC)
HERE = Address("slack", "T0LAB/C0PAPERS")

PAPER = Paper(
    id=PaperId("arxiv", "2604.00001"),
    title="On kites",
    abstract="Kites fly.",
    authors=("A. Kite", "B. Owl"),
    categories=("cs.CL", "cs.AI"),
    published=date(2026, 4, 20),
    version=2,
    aliases=(PaperId("doi", "10.1101/2026.04.01.573800"),),
    signals=Signals(7, 9),
    summary="Kites do fly.",
    code_url="https://example.org/kites",
    summary_by="a-model",
)
CHANNEL = Channel(
    id=1,
    address=HERE,
    at=time(7, 45),
    zone="Europe/Berlin",
    limit=7,
    covered_until=NOW,
    paused=True,
    next_due=LATER,
    layout=Layout.COMPACT,
    resume_on=date(2026, 5, 1),
)
SUBSCRIPTION = Subscription(
    id=1,
    channel_id=1,
    topic=parse_query("kites OR owls"),
    days=parse_days("mon,thu"),
    owner="U0ANN",
    paused=True,
    broken="The channel is archived.",
    resume_on=date(2026, 5, 1),
    strictness=Strictness.NARROW,
)
MUTE = Mute(parse_query("kites"), "U0ANN")
RATING = Rating(PAPER, "U0ANN", Thumb.DOWN, NOW)
INSTALLATION = Installation("slack", "T0LAB", '{"token": "xoxb-1"}', NOW)


@pytest.mark.parametrize(
    "value",
    [PAPER, CHANNEL, SUBSCRIPTION, MUTE, RATING, INSTALLATION],
    ids=lambda value: type(value).__name__,
)
def test_no_field_has_its_default(value: Any) -> None:
    left = [
        one.name
        for one in fields(value)
        if one.default is not MISSING and getattr(value, one.name) == one.default
    ]
    assert left == [], "give the new field a value here"


def test_a_channel(store: Database) -> None:
    with store.begin() as tx:
        made = tx.channels.ensure(HERE, replace(CHANNEL, at=time(9), zone="UTC", limit=20))
        tx.channels.save(replace(CHANNEL, id=made.id))
    with store.read() as tx:
        assert tx.channels.get(HERE) == replace(CHANNEL, id=made.id)
        assert tx.channels.by_id(made.id) == replace(CHANNEL, id=made.id)


def test_a_channel_as_it_starts(store: Database) -> None:
    with store.begin() as tx:
        made = tx.channels.ensure(HERE, CHANNEL)
    assert made == replace(CHANNEL, id=made.id)


def test_a_subscription(store: Database) -> None:
    with store.begin() as tx:
        channel = tx.channels.ensure(HERE, CHANNEL)
        made = tx.channels.subscribe(channel.id, SUBSCRIPTION.topic, DAILY, SUBSCRIPTION.owner, NOW)
        saved = replace(SUBSCRIPTION, id=made.id, channel_id=channel.id)
        tx.channels.save_subscription(saved)
    with store.read() as tx:
        assert tx.channels.subscriptions(channel.id) == [saved]
        assert list(tx.channels.subscriptions_of([channel.id]).values()) == [[saved]]


def test_a_mute(store: Database) -> None:
    with store.begin() as tx:
        channel = tx.channels.ensure(HERE, CHANNEL)
        tx.channels.mute(channel.id, MUTE, NOW)
    with store.read() as tx:
        assert list(tx.channels.mutes(channel.id)) == [MUTE]


def test_a_paper(store: Database) -> None:
    with store.begin() as tx:
        tx.papers.ingest_batch(batch("arxiv", "2026-04-27", [replace(PAPER, summary="", summary_by="")]), NOW)
        assert tx.papers.store_summary(PAPER, PAPER.summary, PAPER.summary_by)
    with store.read() as tx:
        hit = tx.papers.get(PAPER.id)
    assert hit is not None
    assert hit.paper == PAPER
    assert {one.name: getattr(hit.paper, one.name) for one in fields(PAPER)} == {
        one.name: getattr(PAPER, one.name) for one in fields(PAPER)
    }


def test_a_saved_paper(store: Database) -> None:
    reader = Reader("slack", "T0LAB", "U0ANN")
    with store.begin() as tx:
        tx.reading_lists.add(reader, PAPER, NOW)
    with store.read() as tx:
        [found] = tx.reading_lists.page_of(reader, 5)
    assert {one.name: getattr(found, one.name) for one in fields(PAPER)} == {
        one.name: getattr(PAPER, one.name) for one in fields(PAPER)
    }


def test_a_rating(store: Database) -> None:
    with store.begin() as tx:
        channel = tx.channels.ensure(HERE, CHANNEL)
        tx.ratings.give_rating(channel.id, RATING)
    with store.read() as tx:
        [[found]] = tx.ratings.latest_ratings([channel.id]).values()
    assert (found.user, found.thumb, found.at) == (RATING.user, RATING.thumb, RATING.at)
    assert (found.paper.id, found.paper.title, found.paper.abstract) == (
        PAPER.id,
        PAPER.title,
        PAPER.abstract,
    )


def test_an_installation(database_url: str) -> None:
    store = Database(database_url, secret_keys=[Fernet.generate_key().decode()])
    with store.begin() as tx:
        tx.installations.save(INSTALLATION)
    with store.read() as tx:
        assert tx.installations.get("slack", "T0LAB") == INSTALLATION
    store.close()
