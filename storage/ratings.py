"""What the people of channels think of papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, distinct, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, delete, select

from bot.feedback.rating import LATEST_RATINGS, Rating, Tally, Thumb
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from storage.sql import among, chunks, paper_id, put
from storage.tables import PaperIdRow, PaperRow, RatingRow

_SNAPSHOT = TypeAdapter(Paper)
_WORK = func.coalesce(col(PaperRow.key), col(RatingRow.paper))
"""What the rated paper is called now: it may have become one work with another since."""


class StoredRatings:
    """`bot.ports.digests.Ratings` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def give_rating(self, channel_id: int, rating: Rating) -> Thumb | None:
        paper = rating.paper
        own = _own(channel_id, rating.user, (paper.id, *paper.aliases))
        latest = col(RatingRow.rated_at).desc()
        before = self._session.exec(select(RatingRow.thumb).where(own).order_by(latest)).first()
        self._session.exec(delete(RatingRow).where(own))
        row = {
            "channel_id": channel_id,
            "user": rating.user,
            "paper": str(paper.id),
            "thumb": int(rating.thumb),
            "rated_at": rating.at,
            "snapshot": _SNAPSHOT.dump_json(paper).decode(),
        }
        put(self._session, RatingRow, row)
        return Thumb(before) if before else None

    def take_back(self, channel_id: int, user: str, papers: Iterable[PaperId] | None = None) -> int:
        return self._session.exec(delete(RatingRow).where(_own(channel_id, user, papers))).rowcount

    def clear_ratings(self, channel_id: int) -> int:
        return self._session.exec(delete(RatingRow).where(col(RatingRow.channel_id) == channel_id)).rowcount

    def count_ratings(self, channel_id: int) -> Tally:
        here = col(RatingRow.channel_id) == channel_id
        given = _with_work(columns(col(RatingRow.user), _WORK)).where(here).distinct().subquery()
        ratings, people = self._session.execute(
            columns(func.count(), func.count(distinct(given.c.user))).select_from(given)
        ).one()
        return Tally(ratings, people)

    def latest_ratings(self, channel_ids: Iterable[int]) -> Mapping[int, Sequence[Rating]]:
        found: dict[int, dict[tuple[str, str], Rating]] = defaultdict(dict)
        for chunk in chunks(channel_ids):
            for channel, user, work, thumb, at, snapshot in self._session.execute(
                _latest(among(self._session, col(RatingRow.channel_id), chunk))
            ).all():
                paper = replace(_SNAPSHOT.validate_json(snapshot), id=paper_id(work))
                # Of two that a person gave to what is one work now, the later one counts.
                found[channel].pop((user, work), None)
                found[channel][user, work] = Rating(paper, user, Thumb(thumb), at)
        return {channel: list(ratings.values()) for channel, ratings in found.items()}


def _latest(wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The last ratings of each wanted channel: its id, who, the work, which thumb, when and the paper."""
    at = col(RatingRow.rated_at)
    order = (at.desc(), col(RatingRow.user), col(RatingRow.paper))
    place = func.row_number().over(partition_by=col(RatingRow.channel_id), order_by=order)
    ranked = _with_work(
        columns(
            col(RatingRow.channel_id),
            col(RatingRow.user),
            _WORK.label("work"),
            col(RatingRow.thumb),
            at,
            col(RatingRow.snapshot),
            place.label("place"),
        )
    )
    mine = ranked.where(wanted).subquery()
    *told, numbered = mine.c
    return columns(*told).where(numbered <= LATEST_RATINGS).order_by(mine.c.channel_id, numbered.desc())


def _with_work(found: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """`found` with the tables that `_WORK` needs."""
    return found.outerjoin(PaperIdRow, col(PaperIdRow.value) == col(RatingRow.paper)).outerjoin(
        PaperRow, col(PaperRow.id) == col(PaperIdRow.paper_id)
    )


def _own(channel_id: int, user: str, papers: Iterable[PaperId] | None) -> ColumnElement[bool]:
    """The ratings of a person, of some papers or all."""
    own = and_(col(RatingRow.channel_id) == channel_id, col(RatingRow.user) == user)
    return own if papers is None else and_(own, col(RatingRow.paper).in_(map(str, papers)))
