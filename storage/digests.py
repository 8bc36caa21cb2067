"""Matches and digests; `storage.outbox` has the deliveries from then on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from sqlalchemy import exists, func, tuple_
from sqlmodel import Session, col, select

from bot.channels.channel import Channel
from bot.digests.digest import Candidate, DeliveryState, Digest, Match
from bot.messages import to_json
from bot.papers.identity import PaperId
from storage.channels import save_channel
from storage.outbox import AT_ONCE
from storage.rows import insert_new, load, paper_id, row_ids
from storage.tables import (
    AnnouncementRow,
    DeliveryRow,
    DigestRow,
    EntryRow,
    MatchRow,
    PaperRow,
    SubscriptionRow,
)


class StoredDigests:
    """`bot.ports.Digests` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_matches(self, matches: Iterable[Match]) -> int:
        """Store matches; one of a known paper and subscription is ignored. Returns how many were new."""
        told = list(matches)
        rows = row_ids(self._session, (match.paper_id for match in told))
        values = [
            {
                "subscription_id": match.subscription_id,
                "paper_id": rows[str(match.paper_id)],
                "source": match.source,
                "day": match.day,
                "reasons": list(match.reasons),
            }
            for match in told
        ]
        return insert_new(self._session, MatchRow, values)

    def candidates(self, channel_id: int, subscription_ids: Iterable[int]) -> Sequence[Candidate]:
        """Papers these subscriptions matched and no digest of the channel has listed.

        In the order in which they matched, as are the matches of each.
        """
        had = exists().where(
            col(EntryRow.channel_id) == channel_id, col(EntryRow.paper_id) == col(MatchRow.paper_id)
        )
        found = select(MatchRow).where(col(MatchRow.subscription_id).in_(list(subscription_ids)), ~had)
        return self._candidates(self._session.exec(found.order_by(col(MatchRow.id))))

    def matched(
        self, channel_id: int, batches: Iterable[tuple[str, date]]
    ) -> Mapping[tuple[str, date], AbstractSet[PaperId]]:
        """The papers announced in each batch that match the channel, shown or not."""
        batch = (col(AnnouncementRow.source), col(AnnouncementRow.day))
        found = (
            select(*batch, PaperRow.key)
            .join(PaperRow, col(PaperRow.id) == col(AnnouncementRow.paper_id))
            .join(MatchRow, col(MatchRow.paper_id) == col(AnnouncementRow.paper_id))
            .join(SubscriptionRow, col(SubscriptionRow.id) == col(MatchRow.subscription_id))
            .where(col(SubscriptionRow.channel_id) == channel_id, tuple_(*batch).in_(list(batches)))
        )
        papers: dict[tuple[str, date], set[PaperId]] = defaultdict(set)
        for source, day, key in self._session.exec(found):
            papers[source, day].add(paper_id(key))
        return papers

    def plan(self, digest: Digest, channel: Channel) -> bool:
        """In one transaction: store the digest, its entries and deliveries, and save `channel`.

        False, with only the channel saved, where the slot has its digest already.
        """
        save_channel(self._session, channel)
        slot = {"channel_id": digest.channel_id, "slot": digest.slot}
        if not insert_new(self._session, DigestRow, [slot]):
            return False
        self._session.add_all(self._entries(digest))
        self._session.add_all(_deliveries(digest))
        self._session.flush()
        return True

    def last_slot(self, channel_id: int) -> date | None:
        """The latest slot of the channel that has its digest, posted or empty."""
        slots = select(func.max(DigestRow.slot)).where(col(DigestRow.channel_id) == channel_id)
        return self._session.exec(slots).one()

    def overflow(self, channel_id: int) -> Sequence[Candidate]:
        """What the channel's latest digest listed past its cap, in rank order.

        A paper whose subscriptions have been removed since is left out, and a digest that listed nothing
        does not count.
        """
        latest = select(func.max(EntryRow.slot)).where(col(EntryRow.channel_id) == channel_id)
        found = (
            select(MatchRow)
            .join(SubscriptionRow)
            .join(EntryRow, col(EntryRow.paper_id) == col(MatchRow.paper_id))
            .where(col(EntryRow.channel_id) == channel_id, col(SubscriptionRow.channel_id) == channel_id)
            .where(col(EntryRow.slot) == latest.scalar_subquery(), col(EntryRow.shown).is_(False))
            .order_by(col(EntryRow.rank), col(MatchRow.id))
        )
        return self._candidates(self._session.exec(found))

    def _entries(self, digest: Digest) -> list[EntryRow]:
        rows = row_ids(self._session, (entry.paper_id for entry in digest.entries))
        return [
            EntryRow(
                channel_id=digest.channel_id,
                paper_id=rows[str(entry.paper_id)],
                slot=digest.slot,
                subscription_id=entry.subscription_id,
                rank=entry.rank,
                shown=entry.shown,
            )
            for entry in digest.entries
        ]

    def _candidates(self, matches: Iterable[MatchRow]) -> list[Candidate]:
        """The papers of `matches`, in the order in which they come."""
        by_paper: dict[int, list[MatchRow]] = defaultdict(list)
        for row in matches:
            by_paper[row.paper_id].append(row)
        papers = {row_id: paper for row_id, (_, paper) in load(self._session, by_paper).items()}
        return [
            Candidate(papers[row_id], tuple(_match(row, papers[row_id].id) for row in rows))
            for row_id, rows in by_paper.items()
        ]


def _deliveries(digest: Digest) -> list[DeliveryRow]:
    return [
        DeliveryRow(
            channel_id=digest.channel_id,
            slot=digest.slot,
            part=part,
            message=to_json(message),
            state=DeliveryState.PENDING.value,
            attempts=0,
            fence=0,
            claim_from=AT_ONCE,
            detail="",
            planned=digest.planned,
            booked=0,
            posting=False,
        )
        for part, message in enumerate(digest.messages, 1)
    ]


def _match(row: MatchRow, paper_id: PaperId) -> Match:
    return Match(paper_id, row.subscription_id, row.source, row.day, tuple(row.reasons))
