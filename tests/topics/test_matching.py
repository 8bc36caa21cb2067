from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.papers.analyser import split_words
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.topics.evaluate import fits_paper, view_paper
from bot.topics.matching import TopicSet, match_batch
from bot.topics.parser import parse_query
from bot.topics.query import Query
from tests.recorded import DATA, needs_recordings
from tests.topics.strategies import answered_query, papers


@settings(max_examples=200, deadline=None)
@given(
    st.lists(answered_query, max_size=8),
    st.lists(st.tuples(papers, st.sampled_from(((), ("arxiv",), ("arxiv", "my-papers.2")))), max_size=6),
)
def test_the_matcher_agrees_with_the_plain_evaluator(
    topics: list[Query], batch: list[tuple[Paper, tuple[str, ...]]]
) -> None:
    views = [view_paper(paper, sources) for paper, sources in batch]
    expected = [
        tuple(number for number, seen in enumerate(views) if fits_paper(topic, seen)) for topic in topics
    ]
    assert TopicSet(topics).match_papers(views) == expected


@pytest.mark.parametrize("size", [1, 7, 79, 80, 81, 200, 1001])
def test_papers_are_numbered_right_in_batches_of_any_size(size: int) -> None:
    views = [view_paper(Paper(PaperId("arxiv", str(number)), f"w{number % 3} all")) for number in range(size)]
    found = TopicSet(map(parse_query, ("all", "w0", "w1 OR w2", "all -w0", "none", "-none"))).match_papers(
        views
    )
    some = [tuple(range(first, size, 3)) for first in range(3)]
    both = tuple(sorted(some[1] + some[2]))
    assert found == [tuple(range(size)), some[0], both, both, (), tuple(range(size))]


def test_a_topic_set_serves_one_batch_after_another() -> None:
    topics = TopicSet([parse_query("emerg* -survey")])
    first, second = (
        view_paper(Paper(PaperId.from_text("2301.00001"), "Emergence")),
        view_paper(Paper(PaperId.from_text("2301.00002"), "A survey")),
    )
    assert len(topics) == 1
    assert topics.match_papers([first, second]) == [(0,)]
    assert topics.match_papers([second]) == [()]
    assert topics.match_papers([]) == [()]


def test_a_batch_yields_keys_of_topics_and_views_of_papers() -> None:
    one, two = (
        Paper(PaperId.from_text("2301.00001"), "Models learn"),
        Paper(PaperId.from_text("2301.00002"), "Models forget"),
    )
    topics = {
        7: parse_query("models"),
        3: parse_query("source:arxiv"),
        5: parse_query("forgotten -learn OR forget"),
    }
    found = match_batch(topics, [one, two], {two.id: ("arxiv",)})
    assert [(key, seen.paper) for key, seen in found] == [(7, one), (7, two), (3, two), (5, two)]
    assert [key for key, _ in match_batch({1: parse_query("source:arxiv")}, [one, two])] == []
    assert list(match_batch({}, [one])) == []


def test_a_batch_refuses_topics_by_meaning() -> None:
    with pytest.raises(UsageError, match="needs the semantic index"):
        list(match_batch({1: parse_query("about:safety")}, []))


@needs_recordings
def test_topics_from_titles_match_a_recorded_day_as_the_plain_evaluator_does() -> None:
    day = (DATA / "arxiv_bulk_daily" / "2025-10-07.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in day.split("\n") if line]
    views = [
        view_paper(
            Paper(
                PaperId.from_text(r["id"]),
                r["title"],
                r["summary"],
                tuple(r["authors"]),
                tuple(r["categories"]),
            )
        )
        for r in rows[:150]
    ]
    topics = [parse_query(_topic(random.Random(number), rows)) for number in range(300)]
    found = TopicSet(topics).match_papers(views)
    assert found == [
        tuple(number for number, seen in enumerate(views) if fits_paper(topic, seen)) for topic in topics
    ]
    assert sum(map(len, found)) > 1000


def _topic(rng: random.Random, rows: list[dict[str, str]]) -> str:
    title = split_words(rng.choice(rows)["title"])
    start = rng.randrange(len(title))
    run = " ".join(title[start : start + rng.randrange(1, 5)])
    word, other = rng.choice(title), rng.choice(title)
    forms = (
        '"{0}"',
        '{1} "{0}"',
        "{1} OR {2}",
        "{1} -{2}",
        "title:{1}",
        "{1}* {2}",
        '("{0}" OR {1}) -title:{2}',
    )
    return rng.choice(forms[: 5 if len(word) < 2 else None]).format(run, word, other)
