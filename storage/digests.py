"""Matches and digests; `storage.outbox` has the deliveries from then on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import exists, func, tuple_, update
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import Select

from bot.channels.channel import Channel
from bot.channels.schedule import AT_ONCE
from bot.delivery.delivery import DeliveryState
from bot.digests.digest import Candidate, Digest, Match
from bot.messages.blocks import message_to_json
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from storage import matches as matched
from storage.batches import announced_by
from storage.channels import save_channels
from storage.locks import hold_papers
from storage.outbox import FROM_NOW
from storage.sql import among, chunks, insert_all, insert_new, insert_returning, papers_of, row_ids
from storage.tables import (
    DeliveryRow,
    DigestRow,
    EntryRow,
    MatchRow,
    SubscriptionRow,
)

_NAMES = (col(EntryRow.slot), col(EntryRow.number))
_MATCHED: tuple[Any, ...] = (
    col(MatchRow.paper_id),
    col(MatchRow.subscription_id),
    col(MatchRow.source),
    col(MatchRow.day),
    col(MatchRow.reasons),
)


class _Matched(NamedTuple):
    """A match as it is read: there are many, and whole rows cost several times as much."""

    paper_id: int
    subscription_id: int
    source: str
    day: date
    reasons: list[str]


class StoredDigests:
    """`bot.ports.digests.Digests` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_matches(self, matches: Iterable[Match]) -> int:
        told = list(matches)
        wanted = self._owners_of({match.subscription_id for match in told})
        rows = row_ids(self._session, (match.paper_id for match in told))
        values = [
            {
                "subscription_id": match.subscription_id,
                "paper_id": rows[str(match.paper_id)],
                "source": match.source,
                "day": match.day,
                "reasons": list(match.reasons),
                "at_once": wanted[match.subscription_id] == str(AT_ONCE),
            }
            for match in told
            if match.subscription_id in wanted
        ]
        return insert_new(self._session, MatchRow, values)

    def _owners_of(self, subscriptions: Iterable[int]) -> dict[int, str]:
        """The days of those of `subscriptions` that are there, and stay until the transaction ends."""
        ids = col(SubscriptionRow.id)
        return {
            row_id: days
            for chunk in chunks(sorted(subscriptions))
            for row_id, days in self._session.exec(
                select(ids, col(SubscriptionRow.days))
                .where(ids.in_(chunk))
                .order_by(ids)
                .with_for_update(read=True, key_share=True)
            )
        }

    def find_candidates(self, subscription_ids: Iterable[int]) -> Mapping[int, Sequence[Candidate]]:
        """Papers these subscriptions matched and no digest of their channel has listed, by channel.

        In the order in which they matched, as are the matches of each. Papers and matches stay as they are
        until the transaction ends, so that what a digest says of them agrees.
        """
        hold_papers(self._session)
        channel_id = col(SubscriptionRow.channel_id)
        had = exists().where(
            col(EntryRow.channel_id) == channel_id, col(EntryRow.paper_id) == col(MatchRow.paper_id)
        )
        found: dict[int, list[_Matched]] = defaultdict(list)
        for chunk in chunks(subscription_ids):
            wanted = select(channel_id, *_MATCHED).select_from(MatchRow).join(SubscriptionRow).where(~had)
            wanted = wanted.where(matched.OPEN, among(self._session, col(MatchRow.subscription_id), chunk))
            for channel, *row in self._session.exec(wanted.order_by(col(MatchRow.id))):
                found[channel].append(_Matched(*row))
        return self._candidates(found)

    def count_matched(
        self, channel_ids: Iterable[int], batches: Iterable[tuple[str, date]]
    ) -> Mapping[int, Mapping[tuple[str, date], AbstractSet[PaperId]]]:
        return matched.count_matched(self._session, channel_ids, batches)

    def papers_shown(self, papers: Mapping[int, AbstractSet[PaperId]]) -> Mapping[int, AbstractSet[PaperId]]:
        return matched.papers_shown(self._session, papers)

    def papers_listed_before(
        self, channel_ids: Iterable[int], papers: Iterable[PaperId]
    ) -> Mapping[int, AbstractSet[PaperId]]:
        return matched.had(self._session, channel_ids, papers)

    def remove_matches(self, matches: Iterable[Match]) -> None:
        by_subscription: dict[int, list[PaperId]] = defaultdict(list)
        for match in matches:
            by_subscription[match.subscription_id].append(match.paper_id)
        for subscription_id, papers in by_subscription.items():
            for chunk in chunks(row_ids(self._session, papers).values()):
                gone = col(MatchRow.paper_id).in_(chunk)
                self._session.exec(
                    delete(MatchRow).where(col(MatchRow.subscription_id) == subscription_id, gone)
                )

    def plan_digest(self, digest: Digest, channel: Channel) -> bool:
        return bool(self.plan_all([(digest, channel)]))

    def plan_all(self, planned: Sequence[tuple[Digest, Channel]]) -> AbstractSet[int]:
        save_channels(self._session, (channel for _, channel in planned))
        slots = [
            {
                "channel_id": digest.channel_id,
                "slot": digest.slot,
                "number": digest.number,
                "planned": digest.planned,
            }
            for digest, _ in planned
        ]
        new = set(insert_returning(self._session, DigestRow, slots, "channel_id"))
        digests = [digest for digest, _ in planned if digest.channel_id in new]
        insert_all(self._session, EntryRow, self._entries(digests))
        matched.close(self._session, new)
        insert_all(self._session, DeliveryRow, [row for digest in digests for row in _deliveries(digest)])
        return new

    def last_slot(self, channel_id: int) -> date | None:
        slots = select(func.max(DigestRow.slot)).where(col(DigestRow.channel_id) == channel_id)
        return self._session.exec(slots.where(col(DigestRow.number) == 0)).one()

    def next_number(self, channel_id: int, slot: date) -> int:
        mine = (col(DigestRow.channel_id) == channel_id, col(DigestRow.slot) == slot)
        return (self._session.exec(select(func.max(DigestRow.number)).where(*mine)).one() or 0) + 1

    def end_wait(self, subscription_ids: Iterable[int]) -> None:
        for chunk in chunks(subscription_ids):
            theirs = among(self._session, col(MatchRow.subscription_id), chunk)
            waiting = update(MatchRow).where(theirs, col(MatchRow.at_once))
            self._session.execute(waiting.values(at_once=False))

    def unlisted_rest(self, channel_id: int) -> Sequence[Candidate]:
        """What the channel's latest digest listed past its cap, in rank order.

        A paper whose subscriptions have been removed since is left out, and a digest that listed nothing
        does not count.
        """
        hold_papers(self._session)
        found = (
            select(*_MATCHED)
            .select_from(MatchRow)
            .join(SubscriptionRow)
            .join(EntryRow, col(EntryRow.paper_id) == col(MatchRow.paper_id))
            .where(col(EntryRow.channel_id) == channel_id, col(SubscriptionRow.channel_id) == channel_id)
            .where(tuple_(*_NAMES).in_(_latest(channel_id)), col(EntryRow.shown).is_(False))
            .order_by(col(EntryRow.rank), col(MatchRow.id))
        )
        matches = [_Matched(*row) for row in self._session.exec(found)]
        return self._candidates({channel_id: matches})[channel_id]

    def latest_papers(self, channel_id: int) -> Sequence[Paper]:
        found = (
            select(EntryRow.paper_id)
            .where(col(EntryRow.channel_id) == channel_id, tuple_(*_NAMES).in_(_latest(channel_id)))
            .order_by(col(EntryRow.rank))
        )
        rows = list(self._session.exec(found))
        papers = papers_of(self._session, rows)
        return [papers[row_id] for row_id in rows]

    def _entries(self, digests: Sequence[Digest]) -> list[dict[str, Any]]:
        rows = row_ids(self._session, (entry.paper_id for digest in digests for entry in digest.entries))
        return [
            {
                "channel_id": digest.channel_id,
                "paper_id": rows[str(entry.paper_id)],
                "slot": digest.slot,
                "number": digest.number,
                "subscription_id": entry.subscription_id,
                "rank": entry.rank,
                "shown": entry.shown,
            }
            for digest in digests
            for entry in digest.entries
        ]

    def _candidates(self, matches: Mapping[int, Sequence[_Matched]]) -> Mapping[int, Sequence[Candidate]]:
        """The papers of each channel's matches, in the order in which they come."""
        every = {row.paper_id for rows in matches.values() for row in rows}
        papers = papers_of(self._session, every)
        sources = announced_by(self._session, every)
        return {channel: _candidates(rows, papers, sources) for channel, rows in matches.items()}


def _latest(channel_id: int) -> Select[date, int]:
    """The slot and number of the channel's digest that was planned last, of those that listed anything."""
    planned = col(DigestRow.planned)
    found = select(col(DigestRow.slot), col(DigestRow.number)).where(col(DigestRow.channel_id) == channel_id)
    listed = exists().where(
        col(EntryRow.channel_id) == channel_id,
        col(EntryRow.slot) == col(DigestRow.slot),
        col(EntryRow.number) == col(DigestRow.number),
    )
    newest = (col(DigestRow.slot).desc(), planned.desc().nulls_last(), col(DigestRow.number).desc())
    return found.where(listed).order_by(*newest).limit(1)


def _candidates(
    matches: Iterable[_Matched], papers: Mapping[int, Paper], sources: Mapping[int, Sequence[str]]
) -> list[Candidate]:
    by_paper: dict[int, list[_Matched]] = defaultdict(list)
    for row in matches:
        by_paper[row.paper_id].append(row)
    return [
        Candidate(
            papers[row_id],
            tuple(_match(row, papers[row_id].id) for row in rows),
            tuple(sources.get(row_id, ())),
        )
        for row_id, rows in by_paper.items()
    ]


def _deliveries(digest: Digest) -> list[dict[str, Any]]:
    return [
        {
            "channel_id": digest.channel_id,
            "slot": digest.slot,
            "number": digest.number,
            "part": part,
            "message": message_to_json(message),
            "state": DeliveryState.PENDING.value,
            "attempts": 0,
            "fence": 0,
            "claim_from": FROM_NOW,
            "detail": "",
            "planned": digest.planned,
            "booked": 0,
            "posting": False,
        }
        for part, message in enumerate(digest.messages, 1)
    ]


def _match(row: _Matched, paper_id: PaperId) -> Match:
    return Match(paper_id, row.subscription_id, row.source, row.day, tuple(row.reasons))
