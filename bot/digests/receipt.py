"""The coverage receipt: what a digest rests on, and what it had to go out without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from bot.digests.digest import BatchState, Candidate
from bot.messages import Coverage, Receipt, ReceiptLine
from bot.ports import Papers

BatchKey = tuple[str, date]


def awaited(papers: Papers, expected: Mapping[str, date]) -> list[BatchKey]:
    """The expected batches, a source and its latest day each, that are not stored complete."""
    return [
        (source, day)
        for source, day in sorted(expected.items())
        if not ((state := papers.batch(source, day)) and state.complete)
    ]


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
