"""`paperboy deliveries` and `paperboy run --role`, in processes of their own."""

from __future__ import annotations

import json
import signal
import socket
import time
from datetime import UTC, date, datetime
from datetime import time as time_of_day

import pytest

from bot.channels.channel import Address, Channel
from bot.delivery.delivery import DeliveryState
from bot.digests.digest import Digest
from bot.messages.blocks import Message, Paragraph
from storage.database import Database
from tests.cli.command import Paperboy, one_line, wait_for
from tests.databases import sqlite_in

NOW = datetime(2025, 10, 10, 9, tzinfo=UTC)
ENDS = (DeliveryState.UNKNOWN, DeliveryState.DEAD, DeliveryState.PENDING)


@pytest.fixture
def stuck(paperboy: Paperboy) -> Paperboy:
    """Deliveries 1 to 3: one unknown, one dead, and one that waits."""
    database = Database(sqlite_in(paperboy.folder, "paperboy.db"))
    for number, state in enumerate(ENDS, 1):
        address = Address("terminal", f"channel-{number}")
        with database.begin() as tx:
            channel = tx.channels.ensure(address, Channel(0, address, time_of_day(9), "UTC", 20, NOW))
            message = Message("A digest", (Paragraph(f"Digest {number}"),))
            at_once = number if state is DeliveryState.DEAD else 0
            tx.digests.plan_digest(
                Digest(channel.id, date(2025, 10, 10), (), (message,), NOW, at_once), channel
            )
            [(delivery, _)] = tx.outbox.claim(NOW, NOW, 1)
            tx.outbox.finish(delivery, state, "No answer.", NOW)
    database.close()
    return paperboy


def states(paperboy: Paperboy) -> dict[int, DeliveryState]:
    """The deliveries that are not sent."""
    database = Database(f"sqlite:///{paperboy.database}")
    with database.begin() as tx:
        found = tx.outbox.entries([state for state in DeliveryState if state is not DeliveryState.SENT], 9)
    database.close()
    return {parcel.id: parcel.state for parcel in found}


@pytest.mark.timeout(150)
def test_deliveries_are_listed_and_settled(stuck: Paperboy) -> None:
    shown = stuck("deliveries", "--state", "dead")
    told = " ".join(shown.stdout.replace("│", " ").split())
    assert ("terminal:channel-2" in told, "No answer." in told) == (True, True)
    assert "channel-1" not in shown.stdout
    assert "2025-10-10 at once 2 part 1" in told
    listed = json.loads(stuck("deliveries", "--json").stdout)
    assert {row["id"]: row["state"] for row in listed} == {1: "unknown", 2: "dead", 3: "pending"}
    assert {row["id"]: row["number"] for row in listed} == {1: 0, 2: 2, 3: 0}

    assert "retrying could post it twice" in one_line(stuck("deliveries", "retry", "1"), 2)
    assert "There is no delivery 9." in one_line(stuck("deliveries", "settle", "9", "sent"), 2)
    assert "Invalid value for 'ID'" in one_line(stuck("deliveries", "settle", "9" * 30, "sent"), 2)
    done = stuck("deliveries", "settle", "1", "sent")
    assert done.stdout == "Delivery 1 of terminal:channel-1 is sent now.\n"
    assert stuck("deliveries", "retry", "2").returncode == 0
    assert states(stuck) == {2: DeliveryState.PENDING, 3: DeliveryState.PENDING}
    for twice in (("settle", "1", "sent"), ("drop", "1")):
        assert "There is nothing to settle." in one_line(stuck("deliveries", *twice), 2)


@pytest.mark.timeout(150)
def test_what_nobody_wants_is_dropped(stuck: Paperboy) -> None:
    assert "still in progress" in one_line(stuck("deliveries", "drop", "3"), 2)
    assert stuck("doctor", "--offline").returncode == 1
    for number in (1, 2):
        done = stuck("deliveries", "drop", str(number))
        assert done.stdout == f"Delivery {number} of terminal:channel-{number} was dropped.\n"
    assert "There is no delivery 2." in one_line(stuck("deliveries", "drop", "2"), 2)
    assert states(stuck) == {3: DeliveryState.PENDING}
    assert stuck("doctor", "--offline").returncode == 0


@pytest.mark.timeout(150)
def test_a_process_that_delivers(stuck: Paperboy) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = stuck.start("run", "--role", "deliver", PAPERBOY_HEALTH_PORT=str(port))
    try:
        assert wait_for(f"http://127.0.0.1:{port}/readyz") == "ok\n"
        page = ""
        for _ in range(200):
            page = wait_for(f"http://127.0.0.1:{port}/metrics")
            if 'paperboy_attempts_total{platform="terminal",state="sent"} 1.0' in page:
                break
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        said, log = process.communicate(timeout=60)
    assert process.returncode == 0, log
    assert 'paperboy_deliveries{state="dead"} 1.0' in page
    assert ("Digest 1" in said, "Digest 2" in said, "Digest 3" in said) == (False, False, True)
    assert states(stuck) == {1: DeliveryState.UNKNOWN, 2: DeliveryState.DEAD}


def test_a_role_that_is_not_set_up_says_so(paperboy: Paperboy) -> None:
    assert "“boss” is not a role." in one_line(paperboy("run", "--role", "boss"), 2)
    refused = paperboy("run", "--role", "slack", PAPERBOY_LOG_LEVEL="error")
    assert one_line(refused, 2) == "Slack is not set up. Set its tokens, or drop --role slack."
