"""Housekeeping removes what the settings do not keep, and nothing that a digest still needs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import chain, repeat
from time import sleep

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, event

from bot.delivery.delivery import DeliveryState
from bot.digests.digest import DigestEntry
from bot.papers.identity import PaperId
from bot.papers.paper import Signals
from bot.ports.store import Store
from bot.services.retention import STEP, Housekeeping
from bot.settings import LONGEST_KEPT_DAYS, Settings
from storage.database import Database
from tests.databases import contents
from tests.storage.making import DAY, NOW, a_channel, a_digest, a_paper, ingest, matched, subscribed

OLD = DAY - timedelta(days=100)


def test_old_papers_that_matched_nothing_go(store: Database, database_url: str) -> None:
    had, matches, gone, new = "2502.00001", "2502.00002", "2502.00003", "2502.00004"
    ingest(store, a_paper(had), a_paper(matches), a_paper(gone, "Owls sleep"), day=OLD)
    ingest(store, a_paper(new), day=DAY)
    channel = a_channel(store)
    owls = subscribed(store, channel, "owls")
    matched(store, owls, matches, day=OLD)
    with store.begin() as tx:
        tx.digests.plan_digest(
            a_digest(channel, [DigestEntry(PaperId.from_text(had), owls, 1, shown=True)], slot=OLD), channel
        )

    Housekeeping(store, 0, 90).remove_old(NOW)
    with store.begin() as tx:
        left = [name for name in (had, matches, gone, new) if tx.papers.get(PaperId.from_text(name))]
    assert left == [had, matches, new]
    for table, rows in contents(database_url).items():
        if table in {"papers", "paper_ids", "announcements"} or table.endswith("_content"):
            assert len(rows) == 3, table

    ingest(store, a_paper(had), day=DAY)
    with store.begin() as tx:
        assert tx.digests.find_candidates([owls])[channel.id][0].paper.id == PaperId.from_text(matches)


def test_old_deliveries_go_and_what_was_had_stays(store: Database, database_url: str) -> None:
    channel = a_channel(store)
    ingest(store, a_paper("2502.00001"), day=OLD)
    entry = DigestEntry(PaperId.from_text("2502.00001"), 1, 1, shown=True)
    ends = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.UNKNOWN)
    with store.begin() as tx:
        for number, state in enumerate(ends):
            slot = OLD - timedelta(days=number)
            tx.digests.plan_digest(a_digest(channel, () if number else [entry], slot=slot), channel)
            [(delivery, _)] = tx.outbox.claim(NOW, NOW, 1)
            assert tx.outbox.finish(delivery, state, "", None)
        for waits in (OLD + timedelta(days=1), DAY):
            tx.digests.plan_digest(a_digest(channel, slot=waits), channel)
    before = contents(database_url)
    Housekeeping(store, 90, 0).remove_old(NOW)
    after = contents(database_url)

    assert len(before["deliveries"]) == len(ends) + 2
    assert {str(row[2]) for row in after["deliveries"]} == {str(OLD + timedelta(days=1)), str(DAY)}
    for table in ("digests", "digest_entries"):
        assert after[table] == before[table]


def test_a_paper_that_waits_to_be_matched_by_meaning_stays(store: Store) -> None:
    ingest(store, a_paper("2502.00001"), a_paper("2502.00002"), day=OLD)
    with store.begin() as tx:
        tx.vectors.wait_for_match([PaperId.from_text("2502.00001")], "arxiv", OLD)
    Housekeeping(store, 0, 90).remove_old(NOW)
    with store.read() as tx:
        assert tx.papers.get(PaperId.from_text("2502.00001"))
        assert tx.papers.get(PaperId.from_text("2502.00002")) is None


def test_a_paper_that_matches_while_it_is_looked_at_stays(store: Store) -> None:
    ingest(store, a_paper("2502.00001"), day=OLD)
    owls = subscribed(store, a_channel(store), "owls")
    done: list[int] = []

    def meanwhile(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "papers" in statement and "FOR UPDATE" in statement and not done:
            done.append(matched(store, owls, "2502.00001", day=OLD))

    event.listen(Engine, "before_cursor_execute", meanwhile)
    try:
        with store.begin() as tx:
            dropped = tx.retention.drop_papers(DAY, 1)
    finally:
        event.remove(Engine, "before_cursor_execute", meanwhile)
    # On SQLite nobody else writes meanwhile.
    assert dropped == 1 - sum(done)


def test_much_goes_in_steps_until_a_stop(store: Database, database_url: str) -> None:
    ingest(store, *(a_paper(f"2502.{number:05}") for number in range(STEP + 2)), day=OLD)
    turns = chain([False], repeat(object=True))
    keeper = Housekeeping(store, 0, 90)
    keeper.remove_old(NOW, lambda: next(turns))
    assert len(contents(database_url)["papers"]) == 2
    keeper.remove_old(NOW)
    assert contents(database_url)["papers"] == []


def test_nothing_goes_by_default(store: Database, database_url: str) -> None:
    ingest(store, a_paper("2502.00001"), day=OLD)
    before = contents(database_url)
    settings = Settings(_env_file=None)
    Housekeeping(store, settings.keep_deliveries_days, settings.keep_papers_days).remove_old(NOW)

    assert contents(database_url) == before


def test_turns_that_are_long_over_are_forgotten(store: Database, database_url: str) -> None:
    with store.begin() as tx:
        tx.rate_limits.reserve_time("old", timedelta(seconds=1), NOW - timedelta(days=2))
        tx.rate_limits.reserve_time("new", timedelta(seconds=1), NOW)
    Housekeeping(store, 0, 0).remove_old(NOW)

    assert [row[0] for row in contents(database_url)["paces"]] == ["new"]


def test_a_turn_is_taken_while_those_of_long_ago_are_forgotten(store: Database) -> None:
    turn = timedelta(seconds=1)
    with store.begin() as tx:
        tx.rate_limits.reserve_time("here", turn, NOW - timedelta(days=2))

    def take() -> datetime:
        with store.begin() as tx:
            return tx.rate_limits.reserve_time("here", turn, NOW)

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as tx:
            tx.retention.drop_rate_limits(NOW - timedelta(days=1))
            taken = pool.submit(take)
            sleep(0.3)
        assert taken.result() == NOW


def test_signals_of_long_ago_are_forgotten(store: Database, database_url: str) -> None:
    for days, votes in ((61, 5), (60, 6), (0, 7)):
        ingest(store, a_paper("2502.00001", signals=Signals(votes)), now=NOW - timedelta(days=days))
    Housekeeping(store, 0, 0).remove_old(NOW)

    assert sorted(row[2] for row in contents(database_url)["signal_days"]) == [6, 7]


def test_matches_that_no_digest_lists_go_in_the_end(store: Store, database_url: str) -> None:
    channel = a_channel(store)
    ingest(store, a_paper("2502.00001"), a_paper("2502.00002"), now=NOW - timedelta(days=100), day=OLD)
    # An old day that was filled in today: its digest is to come.
    ingest(store, a_paper("2502.00003"), source="late", day=OLD)
    ingest(store, a_paper("2502.00004"))
    owls = subscribed(store, channel, "owls")
    matched(store, owls, "2502.00001", "2502.00002", day=OLD)
    matched(store, owls, "2502.00003", source="late", day=OLD)
    matched(store, owls, "2502.00004")
    with store.begin() as tx:
        listed = DigestEntry(PaperId.from_text("2502.00002"), owls, 1, shown=True)
        tx.digests.plan_digest(a_digest(channel, [listed], slot=OLD), channel)

    def waiting(keep: int) -> tuple[list[str], int]:
        Housekeeping(store, 0, 0, keep).remove_old(NOW)
        with store.begin() as tx:
            papers = [one.paper.id.value for one in tx.digests.find_candidates([owls])[channel.id]]
        return papers, len(contents(database_url)["matches"])

    assert waiting(0) == (["2502.00001", "2502.00003", "2502.00004"], 4)
    assert waiting(101)[1] == 4
    assert waiting(90) == (["2502.00003", "2502.00004"], 3)


def test_papers_wait_a_month_for_a_model_that_is_gone(store: Store, database_url: str) -> None:
    for number, days in ((1, 31), (2, 29)):
        now, paper = NOW - timedelta(days=days), a_paper(f"2502.{number:05}")
        ingest(store, paper, now=now, day=OLD, source=f"source {number}")
        with store.begin() as tx:
            tx.vectors.wait_for_match([paper.id], f"source {number}", OLD)
    Housekeeping(store, 0, 0).remove_old(NOW)

    assert [row[2] for row in contents(database_url)["waiting"]] == ["source 2"]


KEPT = ("keep_deliveries_days", "keep_papers_days", "keep_matches_days")


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("days", [-1, 1, 59, 999_999])
def test_less_than_is_looked_back_on_is_refused_and_more_than_there_was(name: str, days: int) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({name: days})


def test_the_longest_time_can_be_counted_back(store: Store) -> None:
    settings = Settings.model_validate(dict.fromkeys(KEPT, LONGEST_KEPT_DAYS))
    Housekeeping(
        store, settings.keep_deliveries_days, settings.keep_papers_days, settings.keep_matches_days
    ).remove_old(NOW)
