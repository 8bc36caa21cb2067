"""The outbox: deliveries are claimed with a lease and a fence, posted, and finished."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, exists, func, or_, text, true, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import Select

from bot.channels.channel import Address
from bot.delivery.delivery import Delivery, DeliveryState, OutboxEntry, OutboxStatus
from bot.delivery.rate_limits import CLAIM_AHEAD, ReservedTime
from bot.messages.blocks import message_from_json
from storage.tables import ChannelRow, DeliveryRow

FROM_NOW = datetime.fromtimestamp(0, UTC)
_ANEW = {"attempts": 0, "claim_from": FROM_NOW, "tried": None, "booked": 0}
# As the partial index says it: SQLite compares the text.
_UNSENT = text("deliveries.state <> 'sent'")


class StoredOutbox:
    """`bot.ports.digests.Outbox` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(
        self, now: datetime, lease_until: datetime, limit: int, platforms: Collection[str] | None = None
    ) -> Sequence[tuple[Delivery, Address]]:
        claim_from, platform = col(DeliveryRow.claim_from), col(ChannelRow.platform)
        # No plain column, since SQLite would then begin with every channel of the platform.
        of_platform = true() if platforms is None else platform.concat("").in_(platforms)
        found = (
            select(DeliveryRow, platform, ChannelRow.place)
            .join(ChannelRow, col(ChannelRow.id) == col(DeliveryRow.channel_id))
            .where(claim_from <= now + CLAIM_AHEAD, or_(claim_from <= now, col(DeliveryRow.booked) > 0))
            .where(~_another_first(), of_platform)
            .order_by(claim_from, col(DeliveryRow.id))
            .limit(limit)
            # SQLite knows no row locks: there the transaction itself holds the only write lock.
            .with_for_update(skip_locked=True, of=DeliveryRow)
        )
        claimed = [
            (_claim(row, now, lease_until), Address(name, place))
            for row, name, place in self._session.exec(found)
        ]
        self._session.flush()
        return claimed

    def start(self, delivery: Delivery, lease_until: datetime) -> bool:
        return self._change(delivery, posting=True, claim_from=lease_until)

    def give_back(self, delivery: Delivery, turn: ReservedTime) -> bool:
        # What may have been posted by an earlier claimant stays so.
        state = DeliveryState.SENDING if delivery.taken_over else DeliveryState.PENDING
        return self._change(
            delivery,
            state=state.value,
            attempts=delivery.attempts - 1,
            claim_from=turn.at,
            booked=turn.booked,
            posting=delivery.taken_over,
        )

    def finish(
        self,
        delivery: Delivery,
        state: DeliveryState,
        detail: str,
        retry_at: datetime | None,
        *,
        in_doubt: bool = False,
    ) -> bool:
        again = (retry_at or FROM_NOW) if state is DeliveryState.PENDING else None
        return self._change(delivery, state=state.value, detail=detail, claim_from=again, posting=in_doubt)

    def requeue(self, channel_id: int, since: date) -> int:
        return self._update(
            col(DeliveryRow.channel_id) == channel_id,
            col(DeliveryRow.state) == DeliveryState.FAILED,
            col(DeliveryRow.slot) >= since,
            **_ANEW,
            state=DeliveryState.PENDING.value,
        )

    def entries(self, states: Iterable[DeliveryState], limit: int) -> Sequence[OutboxEntry]:
        wanted = [state.value for state in states]
        found = _select_entries().where(_UNSENT, col(DeliveryRow.state).in_(wanted)).limit(limit)
        found = found.order_by(col(DeliveryRow.slot).desc(), col(DeliveryRow.id))
        return [_read_entry(row, channel) for row, channel in self._session.exec(found)]

    def find_entry(self, delivery_id: int) -> OutboxEntry | None:
        wanted = _select_entries().where(col(DeliveryRow.id) == delivery_id).with_for_update(of=DeliveryRow)
        found = self._session.exec(wanted).one_or_none()
        return None if found is None else _read_entry(*found)

    def settle_entry(self, delivery_id: int, before: DeliveryState, after: DeliveryState) -> bool:
        anew = _ANEW if after is DeliveryState.PENDING else {}
        if before is DeliveryState.UNKNOWN:
            # The operator has looked: the platform is not asked any more.
            anew = anew | {"posting": False}
        mine = (col(DeliveryRow.id) == delivery_id, col(DeliveryRow.state) == before)
        return self._update(*mine, **anew, state=after.value) == 1

    def drop_entry(self, delivery_id: int, before: DeliveryState) -> bool:
        mine = (col(DeliveryRow.id) == delivery_id, col(DeliveryRow.state) == before)
        return self._session.exec(delete(DeliveryRow).where(*mine)).rowcount == 1

    def current_status(self, now: datetime) -> OutboxStatus:
        state, due = col(DeliveryRow.state), col(ChannelRow.next_due)
        counted = self._session.exec(select(state, func.count()).where(_UNSENT).group_by(state))
        waits = func.min(func.coalesce(col(DeliveryRow.planned), col(DeliveryRow.claim_from)))
        claimable = (col(DeliveryRow.claim_from) <= now, col(DeliveryRow.claim_from).is_not(None))
        oldest = self._session.exec(select(waits).where(*claimable)).one()
        slots = select(func.count(), func.min(due)).where(due <= now, due.is_not(None))
        number, since = self._session.exec(slots).one()
        return OutboxStatus({DeliveryState(name): count for name, count in counted}, oldest, number, since)

    def _change(self, delivery: Delivery, **values: Any) -> bool:
        """Change a delivery that is still the claimant's own."""
        mine = (
            col(DeliveryRow.id) == delivery.id,
            col(DeliveryRow.fence) == delivery.fence,
            col(DeliveryRow.state) == DeliveryState.SENDING,
        )
        return self._update(*mine, **values) == 1

    def _update(self, *where: ColumnElement[bool], **values: Any) -> int:
        done = self._session.execute(update(DeliveryRow).where(*where).values(**values))
        return cast("CursorResult[Any]", done).rowcount


# Made once: it costs more to say than to answer.
@cache
def _another_first() -> ColumnElement[bool]:
    """Whether another delivery of the channel is on its way, or was planned before and waits.

    One that is on its way itself, and whose worker is gone, waits for none that was planned before: that one
    may be tried anew, and waits for this one.
    """
    other = aliased(DeliveryRow)
    earlier, is_sending = col(other.id) < col(DeliveryRow.id), col(other.state) == DeliveryState.SENDING
    first = or_(
        and_(col(DeliveryRow.state) != DeliveryState.SENDING, or_(earlier, is_sending)),
        and_(earlier, is_sending),
    )
    of_channel = and_(
        col(other.channel_id) == col(DeliveryRow.channel_id), col(other.claim_from).is_not(None)
    )
    return exists().where(of_channel, col(other.id) != col(DeliveryRow.id), first)


def _claim(row: DeliveryRow, now: datetime, lease_until: datetime) -> Delivery:
    waited = ReservedTime(row.claim_from or now, row.booked) if row.booked else None
    if row.attempts == 0:
        row.tried = now
    row.state = DeliveryState.SENDING.value
    row.attempts += 1
    row.fence += 1
    row.claim_from, row.booked = lease_until, 0
    return Delivery(
        id=row.id,
        channel_id=row.channel_id,
        slot=row.slot,
        part=row.part,
        message=message_from_json(row.message),
        attempts=row.attempts,
        fence=row.fence,
        lease_until=lease_until,
        taken_over=row.posting,
        tried=row.tried or now,
        since=row.planned or row.tried or now,
        turn=waited,
    )


def _select_entries() -> Select[DeliveryRow, ChannelRow]:
    return select(DeliveryRow, ChannelRow).join(ChannelRow, col(ChannelRow.id) == col(DeliveryRow.channel_id))


def _read_entry(row: DeliveryRow, channel: ChannelRow) -> OutboxEntry:
    return OutboxEntry(
        id=row.id,
        address=Address(channel.platform, channel.place),
        slot=row.slot,
        number=row.number,
        part=row.part,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        planned=row.planned,
        next_try=row.claim_from,
        detail=row.detail,
    )
