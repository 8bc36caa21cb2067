"""Matches, digests and the outbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, exists, func, tuple_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select

from bot.channels.channel import Address, Channel
from bot.digests.digest import Candidate, Delivery, DeliveryState, Digest, Match
from bot.messages import from_json, to_json
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from storage.batches import announced_by
from storage.channels import save_channel
from storage.locks import hold_papers
from storage.rows import chunks, insert_new, load, paper_id, row_ids
from storage.tables import (
    AnnouncementRow,
    ChannelRow,
    DeliveryRow,
    DigestRow,
    EntryRow,
    MatchRow,
    PaperRow,
    SubscriptionRow,
)

_AT_ONCE = datetime.fromtimestamp(0, UTC)
_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)


class StoredDigests:
    """`bot.ports.Digests` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_matches(self, matches: Iterable[Match]) -> int:
        """Store matches; one of a known paper and subscription is ignored. Returns how many were new.

        So is one whose subscription has been removed meanwhile.
        """
        told = list(matches)
        wanted = self._living({match.subscription_id for match in told})
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
            if match.subscription_id in wanted
        ]
        return insert_new(self._session, MatchRow, values)

    def _living(self, subscriptions: Iterable[int]) -> set[int]:
        """Those of `subscriptions` that are there, and stay until the transaction ends."""
        ids = col(SubscriptionRow.id)
        return {
            row_id
            for chunk in chunks(sorted(subscriptions))
            for row_id in self._session.exec(
                select(ids).where(ids.in_(chunk)).order_by(ids).with_for_update(read=True, key_share=True)
            )
        }

    def candidates(self, channel_id: int, subscription_ids: Iterable[int]) -> Sequence[Candidate]:
        """Papers these subscriptions matched and no digest of the channel has listed.

        In the order in which they matched, as are the matches of each. Papers and matches stay as they are
        until the transaction ends, so that what a digest says of them agrees.
        """
        hold_papers(self._session)
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

    def let_go(self, matches: Iterable[Match]) -> None:
        """Remove matches that a digest has counted as muted: unmuting does not bring them back."""
        by_subscription: dict[int, list[PaperId]] = defaultdict(list)
        for match in matches:
            by_subscription[match.subscription_id].append(match.paper_id)
        for subscription_id, papers in by_subscription.items():
            for chunk in chunks(row_ids(self._session, papers).values()):
                gone = col(MatchRow.paper_id).in_(chunk)
                self._session.exec(
                    delete(MatchRow).where(col(MatchRow.subscription_id) == subscription_id, gone)
                )

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

    def stuck(self) -> Sequence[tuple[Address, date, DeliveryState, str]]:
        """Deliveries that nobody tries any more and that may not have been posted, the latest slot first."""
        ended = (DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.UNKNOWN)
        found = (
            select(ChannelRow, DeliveryRow)
            .join(DeliveryRow, col(DeliveryRow.channel_id) == col(ChannelRow.id))
            .where(col(DeliveryRow.state).in_([state.value for state in ended]))
            .order_by(col(DeliveryRow.slot).desc(), col(DeliveryRow.id))
        )
        return [
            (Address(channel.platform, channel.place), row.slot, DeliveryState(row.state), row.detail)
            for channel, row in self._session.exec(found)
        ]

    def last_slot(self, channel_id: int) -> date | None:
        """The latest slot of the channel that has its digest, posted or empty."""
        slots = select(func.max(DigestRow.slot)).where(col(DigestRow.channel_id) == channel_id)
        return self._session.exec(slots).one()

    def overflow(self, channel_id: int) -> Sequence[Candidate]:
        """What the channel's latest digest listed past its cap, in rank order.

        A paper whose subscriptions have been removed since is left out, and a digest that listed nothing
        does not count.
        """
        hold_papers(self._session)
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

    def listed(self, channel_id: int) -> Sequence[Paper]:
        """All papers of the channel's latest digest that listed any, in rank order."""
        latest = select(func.max(EntryRow.slot)).where(col(EntryRow.channel_id) == channel_id)
        found = (
            select(EntryRow.paper_id)
            .where(col(EntryRow.channel_id) == channel_id, col(EntryRow.slot) == latest.scalar_subquery())
            .order_by(col(EntryRow.rank))
        )
        rows = list(self._session.exec(found))
        papers = load(self._session, rows)
        return [papers[row_id][1] for row_id in rows]

    def claim(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[Delivery]:
        """Take pending deliveries, and sending ones whose lease has run out: each belongs to one claimant.

        The parts of a digest come in order: a later one waits until the one before it has ended.
        """
        before = aliased(DeliveryRow)
        waits = exists().where(
            col(before.channel_id) == col(DeliveryRow.channel_id),
            col(before.slot) == col(DeliveryRow.slot),
            col(before.part) < col(DeliveryRow.part),
            col(before.state).in_(_OPEN),
        )
        found = (
            select(DeliveryRow)
            .where(col(DeliveryRow.claim_from) <= now, ~waits)
            .order_by(col(DeliveryRow.claim_from), col(DeliveryRow.id))
            .limit(limit)
            # SQLite knows no row locks: there the transaction itself holds the only write lock.
            .with_for_update(skip_locked=True, of=DeliveryRow)
        )
        claimed = [_claim(row, lease_until) for row in self._session.exec(found)]
        self._session.flush()
        return claimed

    def finish(
        self, delivery: Delivery, state: DeliveryState, detail: str, retry_at: datetime | None
    ) -> bool:
        """Record how an attempt ended, guarded by the fence: False where somebody else has claimed since.

        PENDING with `retry_at` tries again then; `detail` is the posted message's id or the error.
        """
        again = (retry_at or _AT_ONCE) if state is DeliveryState.PENDING else None
        done = self._session.execute(
            update(DeliveryRow)
            .where(
                col(DeliveryRow.id) == delivery.id,
                col(DeliveryRow.fence) == delivery.fence,
                col(DeliveryRow.state) == DeliveryState.SENDING,
            )
            .values(state=state.value, detail=detail, claim_from=again)
        )
        return cast("CursorResult[Any]", done).rowcount == 1

    def requeue(self, channel_id: int, since: date) -> int:
        """Make the channel's failed deliveries of slots from that day on pending again, as if never tried."""
        done = self._session.execute(
            update(DeliveryRow)
            .where(
                col(DeliveryRow.channel_id) == channel_id,
                col(DeliveryRow.state) == DeliveryState.FAILED,
                col(DeliveryRow.slot) >= since,
            )
            .values(state=DeliveryState.PENDING.value, attempts=0, claim_from=_AT_ONCE)
        )
        return cast("CursorResult[Any]", done).rowcount

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
        sources = announced_by(self._session, by_paper)
        return [
            Candidate(
                papers[row_id],
                tuple(_match(row, papers[row_id].id) for row in rows),
                tuple(sources[row_id]),
            )
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
            claim_from=_AT_ONCE,
            detail="",
        )
        for part, message in enumerate(digest.messages, 1)
    ]


def _claim(row: DeliveryRow, lease_until: datetime) -> Delivery:
    taken_over = row.state == DeliveryState.SENDING
    row.state = DeliveryState.SENDING.value
    row.attempts += 1
    row.fence += 1
    row.claim_from = lease_until
    return Delivery(
        id=row.id,
        channel_id=row.channel_id,
        slot=row.slot,
        part=row.part,
        message=from_json(row.message),
        attempts=row.attempts,
        fence=row.fence,
        lease_until=lease_until,
        taken_over=taken_over,
    )


def _match(row: MatchRow, paper_id: PaperId) -> Match:
    return Match(paper_id, row.subscription_id, row.source, row.day, tuple(row.reasons))
