"""A digest on its way: what fails is tried again, what may have been posted is left to the operator."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.channels.channel import Address
from bot.delivery.rate_limits import PlatformLimits
from bot.delivery.retry import LEASE
from bot.digests.digest import Match
from bot.errors import DeliveryError
from bot.messages.blocks import Message
from bot.services.doctor import examine
from tests.apps import ListedSource, SetClock, an_app, batch, paper
from tests.one_part import OnePart

pytestmark = pytest.mark.usefixtures("each_engine")


class ScriptedPlatform(OnePart):
    """Posts, or raises what the test wrote down for each attempt in turn."""

    name = "terminal"
    pace = PlatformLimits(most_in_flight=1)

    def __init__(self, *outcomes: DeliveryError | None) -> None:
        self.outcomes = list(outcomes)
        self.nonces: list[str] = []

    async def posted(self, address: Address, message: Message, nonce: str, since: datetime) -> str | None:
        """Nobody can tell."""
        raise DeliveryError("It may have been posted.", permanent=True, unknown=True)

    async def tell(self, address: Address, user: str, message: Message) -> None:
        """Nobody listens."""

    async def post(self, address: Address, message: Message, nonce: str) -> str:
        """Post; the nonce is the id."""
        self.nonces.append(nonce)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        return nonce


@pytest.fixture
async def due(tmp_path: Path, clock: SetClock) -> App:
    """An app whose one channel has a digest due now."""
    app = an_app(tmp_path, clock, ListedSource("arxiv", batch("arxiv", "2025-10-10", [paper(1, "Agents")])))
    await app.front_door().answer("subscribe agents", app.terminal.make_caller("local"))
    await app.make_rounds().ingest_all()
    clock.set("2025-10-10T09:00")
    return app


@pytest.fixture(autouse=True)
def _closed(due: App) -> Iterator[None]:
    yield
    due.database.close()


async def digest(app: App, platform: ScriptedPlatform) -> None:
    await replace(app.make_rounds(), platforms={"terminal": platform}, jitter=lambda: 0.0).post_digests()


async def test_a_post_that_fails_is_tried_again_after_a_while_with_the_same_nonce(
    due: App, clock: SetClock
) -> None:
    platform = ScriptedPlatform(DeliveryError("No answer.", permanent=False))
    await digest(due, platform)
    clock.set("2025-10-10T09:00:29")
    await digest(due, platform)
    assert len(platform.nonces) == 1

    clock.set("2025-10-10T09:00:30")
    await digest(due, platform)
    await digest(due, platform)
    assert len(platform.nonces) == 2
    assert len(set(platform.nonces)) == 1


async def test_the_platforms_own_wait_is_kept(due: App, clock: SetClock) -> None:
    platform = ScriptedPlatform(DeliveryError("Slow down.", permanent=False, retry_after=65))
    await digest(due, platform)
    for moment, posts in (("09:01:04", 1), ("09:01:05", 2)):
        clock.set(f"2025-10-10T{moment}")
        await digest(due, platform)
        assert len(platform.nonces) == posts


async def test_what_cannot_succeed_is_not_tried_again(due: App, clock: SetClock) -> None:
    platform = ScriptedPlatform(DeliveryError("The channel is archived.", permanent=True))
    await digest(due, platform)
    clock.set("2025-10-10T20:00")
    await digest(due, platform)

    assert len(platform.nonces) == 1


async def test_what_is_for_a_platform_that_is_not_set_up_here_waits_for_it(due: App, clock: SetClock) -> None:
    await replace(due.make_rounds(), platforms={}).post_digests()
    for platforms, expected in (((), ["digests wait for terminal"]), (("terminal",), [])):
        found = examine(due.database, [], platforms=platforms, offline=True)
        assert [one.detail[:25] async for one in found if not one.ok] == expected

    platform = ScriptedPlatform()
    clock.set("2025-10-10T20:00")
    await digest(due, platform)
    assert len(platform.nonces) == 1


async def test_a_worker_that_died_while_posting_leaves_it_to_the_operator(due: App, clock: SetClock) -> None:
    class Died(BaseException):
        """As good as kill -9 for the code above the platform."""

    class Dying(ScriptedPlatform):
        async def post(self, address: Address, message: Message, nonce: str) -> str:
            raise Died

    with pytest.raises(Died):
        await digest(due, Dying())

    platform = ScriptedPlatform()
    clock.now += LEASE + timedelta(seconds=1)
    await digest(due, platform)
    assert platform.nonces == [], "it may have been posted: never twice"


async def test_a_worker_that_dies_costs_no_other_digest(due: App, clock: SetClock) -> None:
    for place in ("second", "third"):
        clock.set("2025-10-09T19:00")
        await due.front_door().answer("subscribe vision", due.terminal.make_caller(place))
    clock.set("2025-10-10T08:00")
    with due.database.begin() as tx:
        tx.papers.ingest_batch(batch("arxiv", "2025-10-10", [paper(2, "Vision")]), clock())
        subs = [sub for sub in tx.channels.active_subscriptions() if str(sub.topic) == "vision"]
        day = date(2025, 10, 10)
        tx.digests.add_matches([Match(paper(2, "").id, sub.id, "arxiv", day, ("“vision”",)) for sub in subs])
    clock.set("2025-10-10T09:00")

    class Dying(ScriptedPlatform):
        async def post(self, address: Address, message: Message, nonce: str) -> str:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await digest(due, Dying())
    platform = ScriptedPlatform()
    await digest(due, platform)
    assert len(platform.nonces) == 2

    clock.now += LEASE
    await digest(due, platform)
    findings = [found async for found in examine(due.database, [], platforms=["terminal"], offline=True)]
    assert "is unknown: It may have been posted." in findings[1].detail
    assert not findings[1].ok


async def test_a_worker_that_comes_back_after_its_lease_changes_nothing(due: App, clock: SetClock) -> None:
    other = ScriptedPlatform()

    class Slow(ScriptedPlatform):
        async def post(self, address: Address, message: Message, nonce: str) -> str:
            clock.now += LEASE + timedelta(seconds=1)
            await digest(due, other)
            return await super().post(address, message, nonce)

    slow = Slow()
    await digest(due, slow)

    assert (len(slow.nonces), other.nonces) == (1, [])
