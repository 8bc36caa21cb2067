"""The coverage receipt: what a digest rests on, and what it had to go out without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby

from bot.messages.blocks import Coverage, Receipt, ReceiptLine
from bot.papers.identity import PaperId
from bot.papers.paper import BatchState

BatchKey = tuple[str, date]


@dataclass(frozen=True, slots=True)
class ReceiptExtras:
    """What a receipt tells beside the papers that are shown."""

    muted: AbstractSet[PaperId] = frozenset()
    """Papers that a muted clause has kept out."""
    earlier: AbstractSet[PaperId] = frozenset()
    """Papers that the channel was shown before."""
    unread: Mapping[BatchKey, int] = field(default_factory=dict)
    """How many papers of each batch are still to be matched by meaning."""


NO_EXTRAS = ReceiptExtras()


def build_receipt(
    states: Iterable[BatchState],
    missing: Iterable[BatchKey],
    matched: Mapping[BatchKey, AbstractSet[PaperId]],
    shown: AbstractSet[PaperId],
    extras: ReceiptExtras = NO_EXTRAS,
) -> Receipt:
    """A line a batch: the stored `states`, then those of `missing` of which nothing is stored.

    A paper that several sources announced counts in the batch of each. Days with nothing to say are summed up
    where several follow each other.
    """
    late = dict.fromkeys(missing)
    lines = []
    for state in states:
        key = (state.source, state.day)
        papers = matched.get(key, frozenset())
        line = _batch_line(state, papers, shown, is_late=key in late)
        muted, earlier = len(papers & extras.muted), len(papers & extras.earlier)
        lines.append(replace(line, muted=muted, earlier=earlier, unread=extras.unread.get(key, 0)))
        late.pop(key, None)
    lines += [ReceiptLine(source, day, 0, 0, 0, Coverage.LATE) for source, day in late]
    by_source: dict[str, list[ReceiptLine]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.source, line.day)):
        by_source[line.source].append(line)
    return Receipt(tuple(line for of_source in by_source.values() for line in _sum_up_silent_days(of_source)))


def _sum_up_silent_days(lines: Sequence[ReceiptLine]) -> Iterator[ReceiptLine]:
    """The lines of one source by day, silent ones that follow each other as one; its latest stands alone."""
    for is_silent, run in groupby(lines[:-1], key=_is_silent):
        days = list(run)
        if is_silent and len(days) > 1:
            yield replace(days[-1], announced=sum(line.announced for line in days), since=days[0].day)
        else:
            yield from days
    # The latest batch always has its own line: it is the one of which people want to know whether it came.
    yield from lines[-1:]


def _is_silent(line: ReceiptLine) -> bool:
    # What was late, failed or matched something is never summed up: a receipt exists to show just that.
    return line.coverage is Coverage.COMPLETE and not (line.matched or line.bad or line.unread)


def _batch_line(
    state: BatchState, matched: AbstractSet[PaperId], shown: AbstractSet[PaperId], *, is_late: bool
) -> ReceiptLine:
    return ReceiptLine(
        source=state.source,
        day=state.day,
        announced=state.announced,
        matched=len(matched),
        shown=len(matched & shown),
        coverage=_batch_coverage(state, is_late=is_late),
        bad=state.bad,
        detail=state.failed,
    )


def _batch_coverage(state: BatchState, *, is_late: bool) -> Coverage:
    if state.failed:
        return Coverage.FAILED
    if state.complete:
        return Coverage.COMPLETE
    return Coverage.LATE if is_late else Coverage.PARTIAL
