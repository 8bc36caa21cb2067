"""Which papers of a batch match a channel, and which it has had.

What is read is of the batches' days alone, however many years lie behind them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from sqlalchemy import exists, text, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.papers.identity import PaperId
from storage.sql import among, chunks, paper_id, row_ids
from storage.tables import AnnouncementRow, EntryRow, MatchRow, PaperRow, SubscriptionRow

BatchKey = tuple[str, date]
Pair = tuple[int, int]
"""A subscription and the row of a paper that it matched."""

# As the partial index says it: SQLite compares the text.
OPEN = text("matches.open")
_PAIR = (col(MatchRow.subscription_id), col(MatchRow.paper_id))


def count_matched(
    session: Session, channel_ids: Iterable[int], batches: Iterable[BatchKey]
) -> Mapping[int, Mapping[BatchKey, AbstractSet[PaperId]]]:
    """As `Digests.matched`."""
    wanted = set(batches)
    days = sorted({day for _, day in wanted})
    channels = _channels(session, channel_ids)
    pairs = {
        *_of_days(session, channels, days),
        *_of_papers(session, channels, _listed_again(session, wanted, days)),
    }
    listed = _listed_papers(session, {paper for _, paper in pairs}, wanted)
    names = _names(session, listed)
    papers: dict[int, dict[BatchKey, set[PaperId]]] = defaultdict(lambda: defaultdict(set))
    for subscription, paper in pairs:
        for batch in listed.get(paper, ()):
            papers[channels[subscription]][batch].add(names[paper])
    return papers


def papers_shown(
    session: Session, papers: Mapping[int, AbstractSet[PaperId]]
) -> Mapping[int, AbstractSet[PaperId]]:
    """As `Digests.shown`."""
    found: dict[int, set[PaperId]] = defaultdict(set)
    keys = {str(one): one for some in papers.values() for one in some}
    had = select(EntryRow.channel_id, PaperRow.key).join(PaperRow).where(col(EntryRow.shown))
    for channels in chunks(papers):
        for some in chunks(keys):
            of_channels = among(session, col(EntryRow.channel_id), channels)
            wanted = had.where(of_channels, among(session, col(PaperRow.key), some))
            for channel, key in session.exec(wanted):
                found[channel].add(keys[key])
    return {channel: found[channel] & some for channel, some in papers.items()}


def had(
    session: Session, channel_ids: Iterable[int], papers: Iterable[PaperId]
) -> Mapping[int, AbstractSet[PaperId]]:
    """As `Digests.had`."""
    rows, channels = row_ids(session, papers), list(channel_ids)
    found: dict[int, set[PaperId]] = defaultdict(set)
    listed = select(EntryRow.channel_id, PaperRow.key).join(PaperRow)
    for some in chunks(channels):
        for chunk in chunks(rows.values()):
            of_channels = among(session, col(EntryRow.channel_id), some)
            mine = listed.where(of_channels, among(session, col(EntryRow.paper_id), chunk))
            for channel, key in session.exec(mine):
                found[channel].add(paper_id(key))
    return found


def close(session: Session, channel_ids: Iterable[int]) -> None:
    """Note which matches of these channels no digest needs any more: the channel has had their papers."""
    had = exists().where(
        col(EntryRow.channel_id) == col(SubscriptionRow.channel_id),
        col(EntryRow.paper_id) == col(MatchRow.paper_id),
        col(SubscriptionRow.id) == col(MatchRow.subscription_id),
    )
    for chunk in chunks(_channels(session, channel_ids)):
        mine = (OPEN, among(session, col(MatchRow.subscription_id), chunk), had)
        session.execute(
            update(MatchRow).where(*mine).values(open=False).execution_options(synchronize_session=False)
        )


def _channels(session: Session, channel_ids: Iterable[int]) -> dict[int, int]:
    """The channel of each of their subscriptions."""
    found = select(SubscriptionRow.id, SubscriptionRow.channel_id)
    return {
        subscription: channel
        for chunk in chunks(channel_ids)
        for subscription, channel in session.exec(
            found.where(among(session, col(SubscriptionRow.channel_id), chunk))
        )
    }


def _listed_again(session: Session, batches: Collection[BatchKey], days: Sequence[date]) -> list[int]:
    """The rows of those papers of the batches that other days have listed too."""
    other = aliased(AnnouncementRow)
    elsewhere = exists().where(
        col(other.paper_id) == col(AnnouncementRow.paper_id), col(other.day).not_in(days)
    )
    again: dict[int, None] = {}
    for source in sorted({source for source, _ in batches}):
        found = select(col(AnnouncementRow.paper_id)).where(col(AnnouncementRow.source) == source, elsewhere)
        for some in chunks(sorted(day for of_source, day in batches if of_source == source)):
            again |= dict.fromkeys(session.exec(found.where(col(AnnouncementRow.day).in_(some))))
    return list(again)


def _listed_papers(
    session: Session, papers: Iterable[int], batches: Collection[BatchKey]
) -> Mapping[int, Sequence[BatchKey]]:
    """Those of the batches that listed each of the papers, by its row."""
    listed: dict[int, list[BatchKey]] = defaultdict(list)
    found = select(col(AnnouncementRow.paper_id), col(AnnouncementRow.source), col(AnnouncementRow.day))
    for some in chunks(papers):
        for paper, source, day in session.exec(
            found.where(among(session, col(AnnouncementRow.paper_id), some))
        ):
            if (source, day) in batches:
                listed[paper].append((source, day))
    return listed


def _of_days(session: Session, subscriptions: Collection[int], days: Sequence[date]) -> Iterator[Pair]:
    """What matched in a batch of one of the days."""
    for chunk in chunks(subscriptions):
        mine = select(*_PAIR).where(among(session, _PAIR[0], chunk))
        for some in chunks(days):
            yield from session.exec(mine.where(col(MatchRow.day).in_(some)))


def _of_papers(session: Session, subscriptions: Collection[int], papers: Sequence[int]) -> Iterator[Pair]:
    """What matched whenever it did."""
    for chunk in chunks(subscriptions):
        for some in chunks(papers):
            mine = select(*_PAIR).where(among(session, _PAIR[0], chunk))
            yield from session.exec(mine.where(among(session, _PAIR[1], some)))


def _names(session: Session, papers: Iterable[int]) -> dict[int, PaperId]:
    return {
        row_id: paper_id(key)
        for chunk in chunks(papers)
        for row_id, key in session.exec(
            select(PaperRow.id, PaperRow.key).where(among(session, col(PaperRow.id), chunk))
        )
    }
