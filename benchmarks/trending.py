"""Which ranking foretells the votes to come: `python -m benchmarks.trending`.

Over the recorded Hugging Face series, in which papers of a Friday are seen again on Saturday and Sunday. At a
sighting that has one on the day before, papers are ranked; what counts is the votes that they gain by the
next day. The recordings hold no paper over a week, and no stars over time: neither is measured.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

from bot.search.trending import Trend, trend_score

SERIES = Path(__file__).resolve().parents[2] / "shared" / "data" / "hf_trending_series"
DAY = timedelta(days=1)
TOP = 5
Votes: TypeAlias = Mapping[str, Mapping[date, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """A paper as it is ranked, and the votes that it gains by the next day."""

    pool: date
    now: Trend
    gained: int


def main() -> None:
    """Measure and print."""
    if not SERIES.is_dir():
        sys.exit("The recorded data (../shared/data beside the project) is not on this machine.")
    votes = _votes()
    pools = _pools(_cases(votes))
    cases = [case for pool in pools for case in pool]
    print(f"{len(cases)} papers ranked on {len(pools)} days; the mean over the days")
    print(f"{'':32} {'nDCG of gains':>14} {f'share of gains in top {TOP}':>26}")
    rankings: dict[str, Callable[[Trend], float]] = {
        "votes": lambda now: now.upvotes,
        "votes / (age + 2)^1.5": lambda now: now.upvotes / (now.age_days + 2) ** 1.5,
        "growth a day": lambda now: now.per_day,
        "the formula": trend_score,
    }
    for name, ranking in rankings.items():
        ndcg = statistics.mean(_ndcg(pool, ranking) for pool in pools)
        top = statistics.mean(_share(pool, ranking) for pool in pools)
        print(f"{name:32} {ndcg:14.3f} {top:26.3f}")
    print("Votes gained by the next day, by days since the first sighting")
    for age, gains in sorted(_by_age(votes).items()):
        print(f"{age:4} {statistics.mean(gains):8.1f}  ({len(gains)} papers)")


def _by_age(votes: Votes) -> Mapping[int, Sequence[int]]:
    """What papers gained by the next day; a capture that repeats what it had yesterday tells nothing."""
    found: dict[int, list[int]] = defaultdict(list)
    for seen in votes.values():
        for day in seen:
            if day + DAY in seen and seen[day + DAY] != seen[day]:
                found[(day - min(seen)).days].append(seen[day + DAY] - seen[day])
    return found


def _votes() -> Votes:
    """The votes of each paper by the days on which it was seen."""
    # The one file of 2025 holds papers that are younger than its name.
    votes: dict[str, dict[date, int]] = defaultdict(dict)
    for path in sorted(SERIES.glob("2026-*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            if isinstance(count := row["metadata"].get("upvotes"), int):
                votes[row["metadata"]["arxiv_id"]][date.fromisoformat(path.stem)] = count
    return votes


def _cases(votes: Votes) -> list[Case]:
    return [
        Case(
            day,
            Trend(seen[day], (day - min(seen)).days, seen[day] - seen[day - DAY], 1),
            seen[day + DAY] - seen[day],
        )
        for seen in votes.values()
        for day in seen
        if day - DAY in seen and day + DAY in seen
    ]


def _pools(cases: Iterable[Case]) -> list[list[Case]]:
    """The cases by day; a capture that repeats yesterday's votes, or has too few papers, tells nothing."""
    by_day: dict[date, list[Case]] = defaultdict(list)
    for case in cases:
        by_day[case.pool].append(case)
    return [pool for pool in by_day.values() if len(pool) >= TOP and any(case.gained > 0 for case in pool)]


def _ranked(pool: Sequence[Case], ranking: Callable[[Trend], float]) -> list[int]:
    ordered = sorted(pool, key=lambda case: -ranking(case.now))
    return [max(case.gained, 0) for case in ordered]


def _ndcg(pool: Sequence[Case], ranking: Callable[[Trend], float]) -> float:
    gains = _ranked(pool, ranking)
    return _dcg(gains) / _dcg(sorted(gains, reverse=True))


def _dcg(gains: Iterable[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _share(pool: Sequence[Case], ranking: Callable[[Trend], float]) -> float:
    gains = _ranked(pool, ranking)
    return sum(gains[:TOP]) / sum(gains)


if __name__ == "__main__":
    main()
