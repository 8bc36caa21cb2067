"""The coverage receipt: what a digest rests on, and what it had to go out without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date

from bot.digests.digest import BatchState
from bot.messages import Coverage, Receipt, ReceiptLine
from bot.papers.identity import PaperId
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
    matched: Mapping[BatchKey, AbstractSet[PaperId]],
    shown: AbstractSet[PaperId],
) -> Receipt:
    """A line a batch: the stored `states`, then those of `missing` of which nothing is stored.

    A paper that several sources announced counts in the batch of each.
    """
    late = dict.fromkeys(missing)
    lines = []
    for state in states:
        key = (state.source, state.day)
        lines.append(_line(state, matched.get(key, frozenset()), shown, is_late=key in late))
        late.pop(key, None)
    lines += [ReceiptLine(source, day, 0, 0, 0, Coverage.LATE) for source, day in late]
    return Receipt(tuple(sorted(lines, key=lambda line: (line.source, line.day))))


def _line(
    state: BatchState, matched: AbstractSet[PaperId], shown: AbstractSet[PaperId], *, is_late: bool
) -> ReceiptLine:
    return ReceiptLine(
        source=state.source,
        day=state.day,
        announced=state.announced,
        matched=len(matched),
        shown=len(matched & shown),
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
