"""The muted clauses of channels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from bot.channels.channel import Mute
from bot.topics.parser import parse_query
from bot.topics.query import Query
from storage.sql import among, chunks, insert_new
from storage.tables import MuteRow


def mute(session: Session, channel_id: int, muted: Mute, now: datetime) -> None:
    """Store a muted clause; one that is muted already stays as it is."""
    clause = {"channel_id": channel_id, "clause": str(muted.clause)}
    insert_new(session, MuteRow, [clause | {"owner": muted.owner, "muted_at": now}])


def unmute(session: Session, channel_id: int, clauses: Iterable[Query]) -> None:
    """Remove muted clauses."""
    named = [str(clause) for clause in clauses]
    session.exec(delete(MuteRow).where(col(MuteRow.channel_id) == channel_id, col(MuteRow.clause).in_(named)))


def mutes(session: Session, channel_ids: Iterable[int]) -> Mapping[int, Sequence[Mute]]:
    """The muted clauses of each channel that has any, the oldest first."""
    found: dict[int, list[Mute]] = defaultdict(list)
    for chunk in chunks(channel_ids):
        muted = select(MuteRow).where(among(session, col(MuteRow.channel_id), chunk))
        for row in session.exec(muted.order_by(col(MuteRow.muted_at), col(MuteRow.clause))):
            found[row.channel_id].append(Mute(parse_query(row.clause), row.owner))
    return found
