"""The lexical index on tantivy: BM25 over the tokens of `bot.papers.analyser`, in a folder of its own.

A folder holds one sub-folder for each version of analyser and schema, with the index and, in `mark.json`, how
far it follows which store. The mark is written after tantivy's commit: a process that is killed in between
has the same changes taken over once more, which changes nothing. What cannot be read is thrown away.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from errno import EIO
from pathlib import Path
from uuid import uuid4

import tantivy
from tantivy import Occur, Query

from bot.errors import IndexFolderError
from bot.papers import analyser
from bot.papers.paper import Paper
from bot.search.changes import NO_POSITION, PaperChange, StorePosition
from bot.search.plan import TITLE_WEIGHT

_SCHEMA = 1
"""Counts up with every change of what is indexed and how."""
_HEAP = 50_000_000
"""Bytes that the writer gathers before it writes a segment."""
_SPACES = "spaces"
_MARK = "mark.json"


class TantivyRanker:
    """`bot.ports.search.Ranker` in `folder`. Nothing is opened before it is used.

    Threads and processes share it.
    """

    def __init__(self, folder: Path) -> None:
        self._home = folder
        self._folder = folder / f"{analyser.ANALYSER_VERSION}-{_SCHEMA}"
        self._schema = _index_schema()
        self._opening, self._writing = threading.Lock(), threading.Lock()
        self._open: tuple[StorePosition, tantivy.Searcher | None] = (NO_POSITION, None)
        self._seen: tuple[int, int] | None = None
        """What `_stamp` was when the index was opened."""

    def mark(self) -> StorePosition:
        with self._opening:
            stamp = self._write_stamp()
            if stamp != self._seen:
                self._open, self._seen = self._load_index(self._read_mark()), stamp
            return self._open[0]

    def follow(self, changes: Sequence[PaperChange], since: StorePosition, mark: StorePosition) -> bool:
        if not self._writing.acquire(blocking=False):
            return False
        try:
            with self._explain_fault():
                return self._follow_changes(changes, since, mark)
        finally:
            self._writing.release()

    def drop_others(self, before: datetime) -> None:
        for mark in self._home.glob(f"*/{_MARK}"):
            with suppress(OSError):
                if mark.parent != self._folder and mark.stat().st_mtime < before.timestamp():
                    shutil.rmtree(mark.parent)

    def rank(
        self,
        stems: Mapping[str, int],
        limit: int,
        among: Collection[int] | None = None,
        *,
        every: bool = False,
    ) -> Sequence[tuple[int, float]]:
        searcher = self._open[1]
        if searcher is None or not stems or limit < 1:
            return []
        query = self._build_query(stems, among, Occur.Must if every else Occur.Should)
        with self._explain_fault():
            found = searcher.search(query, limit, count=False).hits
            keys = searcher.fast_field_values("key", [address for _, address in found])
        return [(key, score) for key, (score, _) in zip(keys, found, strict=True)]  # type: ignore[misc]

    def count(self, stems: Collection[str], among: Collection[int] | None = None) -> int:
        searcher = self._open[1]
        if searcher is None or not stems:
            return 0
        with self._explain_fault():
            query = Query.const_score_query(
                self._build_query(dict.fromkeys(stems, 1), among, Occur.Should), 0.0
            )
            counted: int = searcher.search(query, 1).count  # type: ignore[attr-defined]
            return counted

    def words(self, prefix: str = "") -> Sequence[tuple[str, int]]:
        searcher = self._open[1]
        if searcher is None:
            return []
        with self._explain_fault():
            return searcher.terms_with_prefix("forms", prefix)

    def _build_query(self, stems: Mapping[str, int], among: Collection[int] | None, occur: Occur) -> Query:
        clauses = [(occur, self._term_query(stem, times)) for stem, times in stems.items()]
        words = Query.boolean_query(clauses) if len(clauses) > 1 else clauses[0][1]
        if among is None:
            return words
        kept = Query.const_score_query(Query.term_set_query(self._schema, "key", list(among)), 0.0)
        return Query.boolean_query([(Occur.Must, words), (Occur.Must, kept)])

    def _term_query(self, stem: str, times: int) -> Query:
        term = Query.term_query(self._schema, "text", stem, "freq")
        return Query.boost_query(term, float(times)) if times > 1 else term

    def _load_index(self, mark: StorePosition) -> tuple[StorePosition, tantivy.Searcher | None]:
        if mark == NO_POSITION:
            return NO_POSITION, None
        try:
            index = tantivy.Index.open(str(self._folder))
            index.config_reader(reload_policy="manual")
            index.reload()
            return mark, index.searcher()
        except (OSError, ValueError):
            self._discard_index()
            return NO_POSITION, None

    def _follow_changes(
        self, changes: Sequence[PaperChange], since: StorePosition, mark: StorePosition
    ) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        if since == NO_POSITION and not tantivy.Index.exists(str(self._folder)):
            self._mark_file.unlink(missing_ok=True)
        index = tantivy.Index(self._schema, str(self._folder))
        index.register_tokenizer(_SPACES, _split_spaces())
        try:
            writer = index.writer(heap_size=_HEAP, num_threads=1)
        except ValueError as error:
            if "LockBusy" in str(error):
                return False
            raise
        with writer:
            if self._read_mark() != since and since != NO_POSITION:
                return False
            _write_documents(writer, changes, anew=since == NO_POSITION)
        self._write_mark(mark)
        if self.mark() == NO_POSITION:
            raise OSError(EIO, "what was written does not read back")
        return True

    @property
    def _mark_file(self) -> Path:
        return self._folder / _MARK

    def _write_stamp(self) -> tuple[int, int] | None:
        """What differs from one mark to the next: each is a new file."""
        try:
            told = self._mark_file.stat()
        except OSError:
            return None
        return told.st_ino, told.st_mtime_ns

    def _read_mark(self) -> StorePosition:
        try:
            told = json.loads(self._mark_file.read_bytes())
            return StorePosition(str(told["store"]), int(told["number"]))
        except (OSError, ValueError, KeyError, TypeError):
            return NO_POSITION

    def _write_mark(self, mark: StorePosition) -> None:
        new = self._mark_file.with_suffix(f".{uuid4().hex}")
        new.write_text(json.dumps({"store": mark.store, "number": mark.number}))
        new.replace(self._mark_file)

    def _discard_index(self) -> None:
        """Throw the index away; it is made anew by whoever follows the store next."""
        # Renamed first, so that nobody opens what is half removed.
        gone = self._folder.with_name(f"gone-{uuid4().hex}")
        try:
            self._folder.rename(gone)
        except OSError:
            return
        shutil.rmtree(gone, ignore_errors=True)

    @contextmanager
    def _explain_fault(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            hint = "Free some space or make the folder writable. It is safe to delete; Paperboy rebuilds it."
            raise IndexFolderError(f"The search index {self._home} cannot be used: {said}.", hint) from error


def _index_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("key", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=_SPACES, index_option="freq")
    builder.add_text_field("forms", tokenizer_name=_SPACES, index_option="basic")
    return builder.build()


def _split_spaces() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _write_documents(writer: tantivy.IndexWriter, changes: Sequence[PaperChange], *, anew: bool) -> None:
    if anew:
        writer.delete_all_documents()
    for change in changes:
        if not anew:
            writer.delete_documents_by_term("key", change.key)
        if change.paper:
            writer.add_document(_make_document(change.key, change.paper))
    writer.commit()


def _make_document(key: int, paper: Paper) -> tantivy.Document:
    title, abstract = analyser.split_words(paper.title), analyser.split_words(paper.abstract)
    document = tantivy.Document()
    document.add_integer("key", key)
    document.add_text("text", " ".join(analyser.stem_words(title * TITLE_WEIGHT + abstract)))
    document.add_text("forms", " ".join({*title, *abstract}))
    return document
