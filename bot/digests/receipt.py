"""The coverage receipt: what a digest rests on, and what it had to go out without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.digests.digest import BatchState, Candidate
from bot.messages import Coverage, Receipt, ReceiptLine
from bot.ports import Papers

BatchKey = tuple[str, date]

FIRST_DAYS = timedelta(days=1)
"""How far back the first receipt of a channel reaches."""


def awaited(papers: Papers, expected: Mapping[str, date]) -> list[BatchKey]:
    """The expected batches, a source and its latest day each, that are not stored complete."""
    return [
        (source, day)
        for source, day in sorted(expected.items())
        if not ((state := papers.batch(source, day)) and state.complete)
    ]


def covered(papers: Papers, since: datetime | None, now: datetime) -> Sequence[BatchState]:
    """The batches that a channel's receipt of `now` covers, when its receipts reach up to `since`."""
    return papers.batches(since or now - FIRST_DAYS)


def receipt(
    states: Iterable[BatchState],
    missing: Iterable[BatchKey],
    matched: Mapping[BatchKey, int],
    shown: Iterable[Candidate],
) -> Receipt:
    """A line a batch: the stored `states`, then those of `missing` of which nothing is stored."""
    counted = Counter((match.source, match.day) for candidate in shown for match in candidate.matches[:1])
    late = dict.fromkeys(missing)
    lines = [_line(state, matched, counted, is_late=(state.source, state.day) in late) for state in states]
    known = {(line.source, line.day) for line in lines}
    absent = [key for key in late if key not in known]
    lines += [ReceiptLine(source, day, 0, 0, 0, Coverage.LATE) for source, day in absent]
    return Receipt(tuple(sorted(lines, key=lambda line: (line.source, line.day))))


def _line(
    state: BatchState, matched: Mapping[BatchKey, int], shown: Mapping[BatchKey, int], *, is_late: bool
) -> ReceiptLine:
    key = (state.source, state.day)
    return ReceiptLine(
        source=state.source,
        day=state.day,
        announced=state.announced,
        matched=matched.get(key, 0),
        shown=shown.get(key, 0),
        coverage=_coverage(state, is_late=is_late),
        bad=state.bad,
        detail=state.failed,
    )


def _coverage(state: BatchState, *, is_late: bool) -> Coverage:
    if state.failed:
        return Coverage.FAILED
    if state.complete:
        return Coverage.COMPLETE
    return Coverage.LATE if is_late else Coverage.PARTIAL
