"""Four ways to match standing topics against a day of papers, each over the words of our analyser.

An engine is prepared with the topics before the day begins. What it returns then takes the day's papers and
gives, for each topic, the numbers of the papers that it fits, in any order. Everything that depends on the
day's papers, their tokenising too, falls into that call.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import tantivy

from bot.papers.analyser import stem_word, stem_words
from bot.papers.paper import Paper
from bot.topics.evaluate import PaperView, fits_paper, view_paper
from bot.topics.matching import TopicSet
from bot.topics.query import And, Author, Category, Field, Not, Or, Phrase, Prefix, Query, Word

Answers: TypeAlias = Sequence[Sequence[int]]
Engine: TypeAlias = Callable[[Iterable[Query]], Callable[[Sequence[Paper]], Answers]]

_GAP = "\ue000"
"""A word between two texts of one column, which keeps phrases from running on."""


def paperboy(topics: Iterable[Query]) -> Callable[[Sequence[Paper]], Answers]:
    """Bit sets over the day's papers."""
    compiled = TopicSet(topics)
    return lambda papers: compiled.match_papers([view_paper(paper) for paper in papers])


def loop(topics: Iterable[Query]) -> Callable[[Sequence[Paper]], Answers]:
    """Every topic on every paper."""
    known = list(topics)

    def match(papers: Sequence[Paper]) -> Answers:
        views = [view_paper(paper) for paper in papers]
        return [[number for number, seen in enumerate(views) if fits_paper(topic, seen)] for topic in known]

    return match


def fts5(topics: Iterable[Query]) -> Callable[[Sequence[Paper]], Answers]:
    """SQLite FTS5 over the day's papers, in memory, a query a topic.

    All words stand in one column, marked by their field, and the index is merged before the first query:
    unmerged, queries take three times as long.
    """
    expressions = [_expression(topic) for topic in topics]

    def match(papers: Sequence[Paper]) -> Answers:
        base = sqlite3.connect(":memory:")
        base.execute("CREATE VIRTUAL TABLE day USING fts5(words, content='', tokenize='ascii')")
        rows = ((number, _marked_words(view_paper(paper))) for number, paper in enumerate(papers))
        with base:
            base.executemany("INSERT INTO day(rowid, words) VALUES (?, ?)", rows)
            base.execute("INSERT INTO day(day) VALUES ('optimize')")
        find = "SELECT rowid FROM day WHERE day MATCH ?"
        return [[number for (number,) in base.execute(find, (text,))] for text in expressions]

    return match


def tantivy_index(topics: Iterable[Query]) -> Callable[[Sequence[Paper]], Answers]:
    """tantivy over the day's papers, in memory, a prepared query a topic, without scores (its quickest)."""
    schema = _schema()
    queries = [tantivy.Query.const_score_query(_prepared(topic, schema), 1.0) for topic in topics]

    def match(papers: Sequence[Paper]) -> Answers:
        index = tantivy.Index(schema)
        spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer("whitespace", spaces)
        writer = index.writer(heap_size=50_000_000, num_threads=1)
        for paper in papers:
            writer.add_document(_document(view_paper(paper)))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        searcher = index.searcher()
        assert searcher.num_segments == 1, "a document's address is its number in one segment alone"
        size = len(papers)
        return [[at.doc for _, at in searcher.search(query, size, count=False).hits] for query in queries]

    return match


ENGINES: dict[str, Engine] = {
    "paperboy": paperboy,
    "tantivy": tantivy_index,
    "SQLite FTS5": fts5,
    "loop": loop,
}


_STEMS = {Field.ANY: "text", Field.TITLE: "title", Field.ABSTRACT: "abstract"}
_FORMS = {Field.ANY: "text_forms", Field.TITLE: "title_forms", Field.ABSTRACT: "abstract_forms"}
_NAMES = (*_STEMS.values(), *_FORMS.values(), "authors")
_MARKS = {name: chr(0xE001 + number) for number, name in enumerate((*_NAMES, "categories", "every"))}


def _texts(seen: PaperView) -> dict[str, str]:
    """The words of each of `_NAMES`, joined by spaces."""
    title, abstract = " ".join(seen.title.stems), " ".join(seen.abstract.stems)
    title_forms, abstract_forms = " ".join(seen.title.forms), " ".join(seen.abstract.forms)
    return {
        "text": f"{title} {_GAP} {abstract}",
        "title": title,
        "abstract": abstract,
        "text_forms": f"{title_forms} {_GAP} {abstract_forms}",
        "title_forms": title_forms,
        "abstract_forms": abstract_forms,
        "authors": f" {_GAP} ".join(" ".join(name) for name in seen.authors),
    }


def _marked_words(seen: PaperView) -> str:
    marked = [_marked(name, text.split()) for name, text in _texts(seen).items()]
    categories = _marked("categories", map(_one_token, seen.categories))
    return f" {_GAP} ".join((*marked, categories, _marked("every", ["1"])))


def _marked(name: str, words: Iterable[str]) -> str:
    return " ".join(_MARKS[name] + word for word in words)


def _one_token(category: str) -> str:
    return re.sub(r"[^0-9a-z]", _GAP, category)


def _expression(query: Query) -> str:
    """`query` in FTS5's own language."""
    every = f'"{_marked("every", ["1"])}"'
    match query:
        case Word(word, field):
            return f'"{_marked(_STEMS[field], [stem_word(word)])}"'
        case Phrase(words, field):
            return f'"{_marked(_STEMS[field], stem_words(list(words)))}"'
        case Prefix(text, field):
            return f'"{_marked(_FORMS[field], [text])}"*'
        case Author(words):
            return f'"{_marked("authors", words)}"'
        case Category(pattern):
            return f'"{_marked("categories", [_one_token(pattern.lower())])}"'
        case And(parts):
            wanted = [_expression(part) for part in parts if not isinstance(part, Not)] or [every]
            excluded = "".join(f" NOT {_expression(part.part)}" for part in parts if isinstance(part, Not))
            return f"(({' AND '.join(wanted)}){excluded})"
        case Or(parts):
            return f"({' OR '.join(map(_expression, parts))})"
        case Not(part):
            return f"({every} NOT {_expression(part)})"
    raise AssertionError(query)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in _NAMES:
        builder.add_text_field(name, tokenizer_name="whitespace")
    builder.add_text_field("categories", tokenizer_name="raw", index_option="basic")
    return builder.build()


def _document(seen: PaperView) -> tantivy.Document:
    return tantivy.Document(**_texts(seen), categories=list(seen.categories))


def _prepared(query: Query, schema: tantivy.Schema) -> tantivy.Query:
    match query:
        case Word(word, field):
            return _run(schema, _STEMS[field], [stem_word(word)])
        case Phrase(words, field):
            return _run(schema, _STEMS[field], stem_words(list(words)))
        case Prefix(text, field):
            return tantivy.Query.regex_query(schema, _FORMS[field], f"{text}.*")
        case Author(words):
            return _run(schema, "authors", list(words))
        case Category(pattern):
            return tantivy.Query.term_query(schema, "categories", pattern.lower(), "basic")
        case And(parts):
            return tantivy.Query.boolean_query([_clause(part, schema) for part in parts])
        case Or(parts):
            return tantivy.Query.boolean_query(
                [(tantivy.Occur.Should, _prepared(part, schema)) for part in parts]
            )
    raise AssertionError(query)


def _clause(part: Query, schema: tantivy.Schema) -> tuple[tantivy.Occur, tantivy.Query]:
    if isinstance(part, Not):
        return tantivy.Occur.MustNot, _prepared(part.part, schema)
    return tantivy.Occur.Must, _prepared(part, schema)


def _run(schema: tantivy.Schema, field: str, words: list[str]) -> tantivy.Query:
    if len(words) == 1:
        return tantivy.Query.term_query(schema, field, words[0], "basic")
    return tantivy.Query.phrase_query(schema, field, [*words])
