"""The lexical index, kept in step with a real store."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ranking.index import TantivyRanker
from bot.errors import IndexFolderError
from bot.papers.analyser import stem_text
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.search.changes import NO_POSITION, PaperChange, StorePosition
from bot.services.retention import Housekeeping
from bot.services.sync_index import keep_up
from storage.database import Database
from tests.databases import sqlite_in
from tests.environment import ROOT
from tests.storage.making import a_paper, ingest

KILLED = """
import os, signal, sys
from pathlib import Path
from adapters.ranking import index
from bot.services.sync_index import keep_up
from storage.database import Database

index.TantivyRanker._write_mark = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
keep_up(Database(sys.argv[1]), index.TantivyRanker(Path(sys.argv[2])))
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_in(tmp_path))
    yield database
    database.close()


@pytest.fixture
def ranker(tmp_path: Path) -> TantivyRanker:
    return TantivyRanker(tmp_path / "index")


def change(number: int, title: str = "Owls", abstract: str = "", key: int = 0) -> PaperChange:
    """A paper of these words, its key as its number."""
    return PaperChange(number, key or number, Paper(PaperId("x", str(number)), title, abstract))


def keys(ranker: TantivyRanker, *told: str, every: bool = False) -> list[int]:
    """The keys that these words rank, in order."""
    wanted = dict.fromkeys(stem_text(" ".join(told)), 1)
    return [key for key, _ in ranker.rank(wanted, 1000, every=every)]


def test_nothing_is_there_and_nothing_is_made_before_it_is_used(tmp_path: Path) -> None:
    ranker = TantivyRanker(tmp_path / "index")

    assert ranker.mark() == NO_POSITION
    assert ranker.rank({"owl": 1}, 10) == []
    assert ranker.count(["owl"]) == 0
    assert ranker.words() == []
    assert not (tmp_path / "index").exists()


def test_what_it_ranks_and_counts(ranker: TantivyRanker) -> None:
    papers = [
        change(1, "Owls", "hunt"),
        change(2, "Larks", "owls and larks sing"),
        change(3, "Larks", "sing"),
        change(4, "x", "owls owls owls filler"),
    ]
    assert ranker.follow(papers, NO_POSITION, StorePosition("s", 4))

    assert keys(ranker, "owl") == [1, 4, 2]
    assert keys(ranker, "owls", "larks", every=True) == [2]
    assert keys(ranker, "owls", "sing")[0] == 2
    assert [key for key, _ in ranker.rank({"owl": 1}, 10, among=[2, 3, 4])] == [4, 2]
    assert ranker.rank({"owl": 1}, 10, among=[]) == []
    assert dict(ranker.rank({"owl": 3}, 10))[1] == pytest.approx(3 * dict(ranker.rank({"owl": 1}, 10))[1])
    assert (ranker.count(["owl", "lark"]), ranker.count(["owl"], [1, 3])) == (4, 1)
    assert dict(ranker.words("s")) == {"sing": 2}
    assert dict(ranker.words())["larks"] == 2


def test_changes_replace_and_remove(ranker: TantivyRanker) -> None:
    ranker.follow([change(1), change(2)], NO_POSITION, StorePosition("s", 2))
    assert ranker.follow(
        [change(3, "Larks", key=1), PaperChange(4, 2, None)], StorePosition("s", 2), StorePosition("s", 4)
    )

    assert (keys(ranker, "owls"), keys(ranker, "larks")) == ([], [1])
    assert ranker.mark() == StorePosition("s", 4)


def test_changes_from_elsewhere_are_not_taken(ranker: TantivyRanker, tmp_path: Path) -> None:
    ranker.follow([change(1)], NO_POSITION, StorePosition("s", 1))

    assert not ranker.follow([change(3)], StorePosition("s", 2), StorePosition("s", 3))
    assert not ranker.follow([change(2)], StorePosition("other", 1), StorePosition("other", 2))
    assert keys(ranker, "owls") == [1]
    assert ranker.follow([change(7)], NO_POSITION, StorePosition("other", 7))
    assert (keys(ranker, "owls"), ranker.mark()) == ([7], StorePosition("other", 7))


def test_one_at_a_time_writes(ranker: TantivyRanker, tmp_path: Path) -> None:
    ranker.follow([change(1)], NO_POSITION, StorePosition("s", 1))
    (folder,) = (tmp_path / "index").iterdir()
    other = tantivy.Index.open(str(folder)).writer(heap_size=15_000_000)
    assert not ranker.follow([change(2)], StorePosition("s", 1), StorePosition("s", 2))

    del other
    assert ranker.follow([change(2)], StorePosition("s", 1), StorePosition("s", 2))


def test_what_one_process_wrote_another_finds(ranker: TantivyRanker, tmp_path: Path) -> None:
    other = TantivyRanker(tmp_path / "index")
    ranker.follow([change(1)], NO_POSITION, StorePosition("s", 1))
    assert (other.mark(), keys(other, "owls")) == (StorePosition("s", 1), [1])
    ranker.follow([change(2)], StorePosition("s", 1), StorePosition("s", 2))
    assert (other.mark(), sorted(keys(other, "owls"))) == (StorePosition("s", 2), [1, 2])


def damaged_meta(folder: Path) -> None:
    (folder / "meta.json").write_text("{")


def lost_segment(folder: Path) -> None:
    next(folder.glob("*.term")).unlink()


def damaged_mark(folder: Path) -> None:
    (folder / "mark.json").write_bytes(b"\0\0")


@pytest.mark.parametrize("damage", [damaged_meta, lost_segment, damaged_mark, shutil.rmtree])
def test_what_is_lost_or_damaged_is_made_anew(
    store: Database, ranker: TantivyRanker, tmp_path: Path, damage: object
) -> None:
    ingest(store, a_paper("2502.00001", "Owls"))
    keep_up(store, ranker)
    (folder,) = (tmp_path / "index").iterdir()
    assert callable(damage)
    damage(folder)
    for one in (ranker, TantivyRanker(tmp_path / "index")):
        keep_up(store, one)
        assert len(keys(one, "owls")) == 1
    assert [path.name for path in (tmp_path / "index").iterdir()] == [folder.name]


def test_what_cannot_be_read_back_is_not_made_anew_for_ever(
    store: Database, ranker: TantivyRanker, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(store, a_paper("2502.00001", "Owls"))
    monkeypatch.setattr(TantivyRanker, "_load_index", lambda *_: (NO_POSITION, None))
    with pytest.raises(IndexFolderError, match="does not read back"):
        keep_up(store, ranker)


def test_an_index_of_another_version_goes_when_nobody_writes_it(
    store: Database, ranker: TantivyRanker, tmp_path: Path
) -> None:
    ingest(store, a_paper("2502.00001", "Owls"))
    keep_up(store, ranker)
    (ours,) = (tmp_path / "index").iterdir()
    old, vectors = ours.with_name("english-0-1"), ours.with_name("vectors")
    shutil.copytree(ours, old)
    vectors.mkdir()
    written = datetime.fromtimestamp((old / "mark.json").stat().st_mtime, UTC)

    Housekeeping(store, 0, 0, ranker=ranker).remove_old(written + timedelta(days=6))
    assert set(ours.parent.iterdir()) == {ours, old, vectors}, "somebody may run that version still"
    Housekeeping(store, 0, 0, ranker=ranker).remove_old(written + timedelta(days=8))
    assert set(ours.parent.iterdir()) == {ours, vectors}
    assert keys(ranker, "owls") == [1]


def test_it_follows_one_store_and_starts_anew_for_another(
    store: Database, ranker: TantivyRanker, tmp_path: Path
) -> None:
    ingest(store, a_paper("2502.00001", "Owls"), a_paper("2502.00002", "Owls"))
    keep_up(store, ranker)
    other = Database(f"sqlite:///{tmp_path}/other.db")
    other.upgrade()
    ingest(other, a_paper("2502.00003", "Larks"), a_paper("2502.00004", "Owls"))
    keep_up(other, ranker)
    assert (len(keys(ranker, "owls")), len(keys(ranker, "larks"))) == (1, 1)
    other.close()


def test_it_starts_anew_where_the_store_was_set_back(
    store: Database, ranker: TantivyRanker, tmp_path: Path
) -> None:
    ingest(store, a_paper("2502.00001", "Owls"))
    store.backup(tmp_path / "copy.db")
    ingest(store, a_paper("2502.00002", "Owls"))
    keep_up(store, ranker)
    copy = Database(f"sqlite:///{tmp_path}/copy.db")
    keep_up(copy, ranker)

    assert len(keys(ranker, "owls")) == 1
    copy.close()


def test_it_starts_anew_where_the_store_was_set_back_and_has_gone_on(
    store: Database, ranker: TantivyRanker, tmp_path: Path
) -> None:
    ingest(store, a_paper("2502.00001", "Owls"))
    store.backup(tmp_path / "copy.db")
    ingest(store, a_paper("2502.00002", "Larks"))
    keep_up(store, ranker)
    back = Database(f"sqlite:///{tmp_path}/copy.db")
    ingest(back, a_paper("2502.00003", "Wrens"))
    keep_up(back, ranker)

    assert (keys(ranker, "larks"), len(keys(ranker, "wrens")), len(keys(ranker, "owls"))) == ([], 1, 1)
    back.close()


def test_a_process_that_is_killed_leaves_nothing_missing_and_nothing_double(
    store: Database, ranker: TantivyRanker, tmp_path: Path
) -> None:
    ingest(store, a_paper("2502.00001", "Owls"))
    keep_up(store, ranker)
    ingest(store, a_paper("2502.00002", "Owls"), a_paper("2502.00003", "Owls"))
    command = [sys.executable, "-c", KILLED, f"sqlite:///{tmp_path}/papers.db", str(tmp_path / "index")]
    done = subprocess.run(command, cwd=ROOT, check=False, timeout=50)
    assert done.returncode == -signal.SIGKILL

    keep_up(store, ranker)
    assert sorted(keys(ranker, "owls")) == [1, 2, 3]


SMALL = st.sampled_from(["owls", "Larks", "hunt", "naïve", "語", "in-context", ""])
TEXT = st.lists(SMALL, max_size=6).map(" ".join)


@settings(max_examples=25, deadline=None)
@given(papers=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8), query=TEXT)
def test_it_finds_exactly_the_papers_with_a_word(
    tmp_path_factory: pytest.TempPathFactory, papers: list[tuple[str, str]], query: str
) -> None:
    ranker = TantivyRanker(tmp_path_factory.mktemp("index"))
    ranker.follow(
        [change(number, *texts) for number, texts in enumerate(papers, 1)],
        NO_POSITION,
        StorePosition("s", len(papers)),
    )
    wanted = set(stem_text(query))
    having = {
        number: wanted & {*stem_text(title), *stem_text(text)}
        for number, (title, text) in enumerate(papers, 1)
    }

    assert set(keys(ranker, query)) == {number for number, told in having.items() if told}
    assert set(keys(ranker, query, every=True)) == {
        number for number, told in having.items() if wanted and told == wanted
    }
    assert ranker.count(wanted) == sum(map(bool, having.values()))
