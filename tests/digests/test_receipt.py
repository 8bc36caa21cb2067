from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.digests.receipt import build_receipt
from bot.messages.blocks import Coverage, ReceiptLine
from bot.papers.identity import PaperId
from bot.papers.paper import BatchState

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONE, TWO = PaperId.from_text("2611.00001"), PaperId.from_text("2611.00002")


def state(source: str, ago: int, *, complete: bool = True, failed: str = "", bad: int = 0) -> BatchState:
    return BatchState(source, DAY - timedelta(days=ago), 10, bad, complete, NOW, failed)


def test_a_paper_of_two_sources_counts_in_both_batches() -> None:
    made = build_receipt(
        [state("arxiv", 0), state("huggingface", 0)],
        [],
        {("arxiv", DAY): {ONE, TWO}, ("huggingface", DAY): {ONE}},
        {ONE},
    )

    assert made.lines == (
        ReceiptLine("arxiv", DAY, 10, 2, 1, Coverage.COMPLETE),
        ReceiptLine("huggingface", DAY, 10, 1, 1, Coverage.COMPLETE),
    )


def test_coverage() -> None:
    states = [
        state("a", 0, complete=False),
        state("b", 0, complete=False),
        state("c", 0, complete=False, failed="503"),
    ]

    made = build_receipt(states, [("b", DAY), ("d", DAY)], {}, set())

    assert [(line.source, line.coverage) for line in made.lines] == [
        ("a", Coverage.PARTIAL), ("b", Coverage.LATE), ("c", Coverage.FAILED), ("d", Coverage.LATE),
    ]  # fmt: skip
    assert made.lines[2].detail == "503"


def test_silent_days_in_a_row_are_one_line_and_nothing_of_note_is_in_it() -> None:
    states = [state("arxiv", ago, bad=ago == 4, failed="503" if ago == 3 else "") for ago in range(8)]
    matched = {("arxiv", DAY - timedelta(days=6)): {ONE}}

    made = build_receipt(states, [], matched, set())

    assert [(line.since, line.day, line.announced) for line in made.lines] == [
        (None, DAY - timedelta(days=7), 10),
        (None, DAY - timedelta(days=6), 10),
        (None, DAY - timedelta(days=5), 10),
        (None, DAY - timedelta(days=4), 10),
        (None, DAY - timedelta(days=3), 10),
        (DAY - timedelta(days=2), DAY - timedelta(days=1), 20),
        (None, DAY, 10),
    ]


def test_a_single_silent_batch_is_told_as_it_is() -> None:
    lines = build_receipt([state("arxiv", 1), state("arxiv", 0)], [], {}, set()).lines

    assert [line.since for line in lines] == [None, None]
