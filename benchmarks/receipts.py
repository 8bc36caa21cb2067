"""Planning for channels with years behind them: `python -m benchmarks.receipts [--json] [--years N]`.

As many digests are planned for channels that subscribed yesterday, and for channels that matched five papers
on every day of those years; one paper in ten of today's batch is a replacement of an old one. The exit code
is 1 where the years cost more than is promised.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from tempfile import TemporaryDirectory
from typing import Any

from sqlmodel import Session, create_engine

from bot.digests.digest import Match
from bot.papers.identity import PaperId
from bot.papers.paper import Announcement, AnnouncementKind, Batch, Paper
from bot.services.plan_digests import plan_due
from storage.database import Database
from storage.sql import chunks, table_of
from storage.tables import (
    AnnouncementRow,
    ChannelRow,
    DigestRow,
    EntryRow,
    MatchRow,
    PaperIdRow,
    PaperRow,
    SubscriptionRow,
)

TODAY = date(2025, 10, 10)
NINE = datetime(2025, 10, 10, 9, tzinfo=UTC)
PAPERS_EACH = 5
LISTED = 500
MOST = 2.0
"""How many times as long it may take for the old channels as for the new ones."""


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--json", action="store_true")
    options.add_argument("--years", type=int, default=3)
    options.add_argument("--due", type=int, default=100)
    chosen = options.parse_args()
    new, old = (_seconds(years, chosen.due) for years in (0, chosen.years))
    if chosen.json:
        print(json.dumps({"due": chosen.due, "years": chosen.years, "new": new, "old": old}))
    else:
        print(f"{chosen.due} digests for new channels  {new:.3f} s")
        print(f"with {chosen.years} years behind them  {old:.3f} s, {old / new:.2f} times as long")
    sys.exit(0 if old < MOST * new else 1)


def _seconds(years: int, due: int) -> float:
    """Of the processor, for the planning of so many digests."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/papers.db"
        database = Database(url)
        database.upgrade()
        _past(url, years * 365, due)
        _today(database, years * 365, due)
        start = time.process_time()
        planned = plan_due(database, NINE, {"arxiv": TODAY}, timedelta(hours=3))
        taken = time.process_time() - start
        database.close()
        assert planned == due, planned
        return taken


def _past(url: str, days: int, due: int) -> None:
    """Channels that have had all that they matched on so many days."""
    engine = create_engine(url)
    papers = range(1, days * PAPERS_EACH + 1)
    with Session(engine) as session, session.begin():
        for row, values in (
            (ChannelRow, map(_channel, range(1, due + 1))),
            (SubscriptionRow, map(_subscription, range(1, due + 1))),
            (PaperRow, map(_paper, papers)),
            (PaperIdRow, ({"value": str(_id(number)), "paper_id": number} for number in papers)),
            (AnnouncementRow, map(_announcement, papers)),
            (DigestRow, _digests(days, due)),
            (MatchRow, _matches(papers, due)),
            (EntryRow, _entries(papers, due)),
        ):
            for some in chunks(values, 20_000):
                session.execute(table_of(row).insert(), some)
    engine.dispose()


def _today(database: Database, days: int, due: int) -> None:
    """A batch of which every channel matched some papers."""
    fresh = [Paper(_id(9_000_000 + number), f"Owls and larks {number}") for number in range(LISTED)]
    old = [Paper(_id(number), f"Old owls {number}") for number in range(1, min(days, LISTED // 10) + 1)]
    told = [Announcement(paper, AnnouncementKind.NEW) for paper in fresh]
    told += [Announcement(paper, AnnouncementKind.REPLACE) for paper in old]
    with database.begin() as tx:
        tx.papers.ingest_batch(Batch("arxiv", TODAY, tuple(told)), NINE - timedelta(hours=1))
        tx.digests.add_matches(
            Match(fresh[(channel * 7 + step) % LISTED].id, channel, "arxiv", TODAY, ("“owls”",))
            for channel in range(1, due + 1)
            for step in range(PAPERS_EACH)
        )


def _id(number: int) -> PaperId:
    return PaperId("doi", f"10.1101/{number}")


def _day_of(paper: int) -> date:
    return TODAY - timedelta(days=1 + (paper - 1) // PAPERS_EACH)


def _channel(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "platform": "chat",
        "place": f"C{number}",
        "at": time_of_day(9),
        "zone": "UTC",
        "limit": 20,
        "paused": False,
        "next_due": NINE,
        "covered_until": NINE - timedelta(days=1),
        "layout": "full",
    }


def _subscription(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "channel_id": number,
        "topic": "owls",
        "days": "daily",
        "owner": "ann",
        "paused": False,
        "broken": "",
        "created": NINE - timedelta(days=1),
    }


def _paper(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "key": str(_id(number)),
        "announced": _day_of(number),
        "title": f"Old owls {number}",
        "authors": [],
        "categories": [],
        "summary": "",
        "code_url": "",
        "abstract": "",
    }


def _announcement(paper: int) -> dict[str, Any]:
    return {"source": "arxiv", "day": _day_of(paper), "paper_id": paper, "kind": AnnouncementKind.NEW.value}


def _digests(days: int, due: int) -> Iterator[dict[str, Any]]:
    for number in range(1, days + 1):
        for channel in range(1, due + 1):
            yield {"channel_id": channel, "slot": TODAY - timedelta(days=number)}


def _matches(papers: range, due: int) -> Iterator[dict[str, Any]]:
    for paper in papers:
        for subscription in range(1, due + 1):
            yield {
                "subscription_id": subscription,
                "paper_id": paper,
                "source": "arxiv",
                "day": _day_of(paper),
                "reasons": [],
                "open": False,
            }


def _entries(papers: range, due: int) -> Iterator[dict[str, Any]]:
    for paper in papers:
        for channel in range(1, due + 1):
            yield {
                "channel_id": channel,
                "paper_id": paper,
                "slot": _day_of(paper),
                "subscription_id": channel,
                "rank": paper % PAPERS_EACH + 1,
                "shown": True,
            }


if __name__ == "__main__":
    main()
