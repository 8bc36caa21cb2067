"""The history of a paper's signals, over both engines."""

from __future__ import annotations

from datetime import timedelta

from bot.papers.identity import PaperId
from bot.papers.paper import Signals
from bot.ports.store import Store
from bot.search.trending import SignalDay
from tests.storage.making import DAY, NOW, a_paper, ingest

ONE, OTHER = PaperId.from_text("2502.00001"), PaperId.from_text("10.1101/x")


def told(store: Store, name: str, votes: int | None, days: int = 0, stars: int | None = None) -> None:
    ingest(store, a_paper(name, signals=Signals(votes, stars)), now=NOW + timedelta(days=days))


def history(store: Store, paper: PaperId = ONE) -> list[SignalDay]:
    with store.begin() as tx:
        return list(tx.papers.signal_days([paper, PaperId.from_text("2502.09999")]).get(paper, ()))


def test_a_day_is_noted_when_the_signals_change_and_its_last_word_stands(store: Store) -> None:
    told(store, "2502.00001", None)
    assert history(store) == []
    told(store, "2502.00001", 5)
    told(store, "2502.00001", 7, stars=2)
    told(store, "2502.00001", 7, days=1, stars=2)
    told(store, "2502.00001", 6, days=2, stars=2)

    assert history(store) == [SignalDay(DAY, 7, 2), SignalDay(DAY + timedelta(days=2), 6, 2)]


def test_the_history_of_two_papers_that_are_one_work_is_joined(store: Store) -> None:
    told(store, "2502.00001", 5)
    told(store, "10.1101/x", 9)
    told(store, "10.1101/x", 11, days=1)
    ingest(store, a_paper("2502.00001", aliases=(OTHER,)), source="linker", now=NOW + timedelta(days=2))

    with store.begin() as tx:
        hit = tx.papers.get(ONE)
    assert hit is not None
    joined = history(store, hit.paper.id)
    assert [one.day for one in joined][:2] == [DAY, DAY + timedelta(days=1)]
    assert joined[-1].upvotes == hit.paper.signals.upvotes
