"""What a machine has written whose clock was ahead, and which would hold things up until that time comes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, func, update
from sqlmodel import Session, col, delete, select

from storage.sql import table_of
from storage.tables import (
    BatchRow,
    ChannelRow,
    DeliveryRow,
    DigestRow,
    EntryRow,
    MarkRow,
    RatingRow,
    SavedRow,
)

_NOTED: tuple[Column[datetime], ...] = (
    table_of(ChannelRow).c.covered_until,
    table_of(BatchRow).c.changed,
    table_of(DigestRow).c.planned,
    table_of(DeliveryRow).c.planned,
    table_of(DeliveryRow).c.tried,
    table_of(DeliveryRow).c.claim_from,
    table_of(MarkRow).c.until,
    table_of(RatingRow).c.rated_at,
    table_of(SavedRow).c.saved_at,
)
"""What is noted when it happens, and next tries and ends of marks, which are a day away at the most."""


def number(session: Session, farthest: datetime) -> int:
    """How many instants and slots lie after `farthest`."""
    noted = (select(func.count()).where(column > farthest) for column in _NOTED)
    slots = select(func.count()).where(col(DigestRow.slot) > farthest.date())
    return sum(session.scalar(counted) or 0 for counted in (*noted, slots))


def take_back(session: Session, now: datetime, farthest: datetime) -> None:
    """Put the instants after `farthest` at `now`, and digests of slots after it beside that of today."""
    for column in _NOTED:
        session.execute(update(column.table).where(column > farthest).values({column.name: now}))
    late = select(DigestRow).where(col(DigestRow.slot) > farthest.date())
    for digest in session.exec(late.order_by(col(DigestRow.slot), col(DigestRow.number))).all():
        _redate(session, digest, now.date())


def _redate(session: Session, digest: DigestRow, day: date) -> None:
    key = (digest.channel_id, digest.slot, digest.number)
    of_day = select(func.max(DigestRow.number)).where(
        col(DigestRow.channel_id) == digest.channel_id, col(DigestRow.slot) == day
    )
    # Number 0 is left to the digest that the day itself has, or will have.
    number = (session.exec(of_day).one() or 0) + 1
    session.add(DigestRow(channel_id=key[0], slot=day, number=number, planned=digest.planned))
    session.flush()
    for row in (EntryRow, DeliveryRow):
        mine = (col(row.channel_id) == key[0], col(row.slot) == key[1], col(row.number) == key[2])
        session.execute(update(row).where(*mine).values(slot=day, number=number))
    mine = (
        col(DigestRow.channel_id) == key[0],
        col(DigestRow.slot) == key[1],
        col(DigestRow.number) == key[2],
    )
    session.exec(delete(DigestRow).where(*mine))
