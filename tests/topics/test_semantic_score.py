from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.analyser import stem_text
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.topics.query import About
from bot.topics.semantic_score import FEWEST_PAPERS, Background, MeaningQuery, StemCounts, embedded_text
from bot.topics.strictness import Strictness
from bot.vectors import Floats
from tests.topics.strategies import papers


def a_paper(number: int, title: str = "Something", abstract: str = "") -> Paper:
    return Paper(PaperId("arxiv", f"2502.{number:05}"), title, abstract)


def asked(text: str, *vector: float) -> MeaningQuery:
    return MeaningQuery(About(text), text, unit(*vector), tuple(stem_text(text)))


def unit(*numbers: float) -> Floats:
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


def spread(size: int) -> tuple[list[Paper], Floats]:
    """Papers without a common word whose cosines with the first axis are spread evenly from -0.5 to 0.5."""
    cosines = np.linspace(-0.5, 0.5, size)
    rows = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1)
    return [a_paper(number, f"filler{number} filling") for number in range(size)], rows.astype(np.float32)


def score(background: Background, topic: MeaningQuery, paper: Paper, cosine: float) -> float:
    cosines = np.array([cosine], np.float32)
    return float(background.scorer_for(topic).score_papers(StemCounts([paper]), cosines)[0])


def test_a_score_counts_deviations_from_the_background() -> None:
    known, vectors = spread(400)
    background = Background(known, vectors)
    deviation = float(np.linspace(-0.5, 0.5, 400).std())

    # None of the words occurs anywhere, so that only the cosine tells.
    assert score(background, asked("owls", 1, 0), a_paper(1), 0.0) == pytest.approx(0, abs=1e-3)
    assert score(background, asked("owls", 1, 0), a_paper(1), 2 * deviation) == pytest.approx(1.4, abs=1e-3)


def test_a_word_that_nobody_else_has_counts_up_to_its_limit() -> None:
    known, vectors = spread(400)
    background = Background(known, vectors)

    without = score(background, asked("owls", 1, 0), a_paper(1, "Larks"), 0.3)
    assert score(background, asked("owls", 1, 0), a_paper(1, "Owls"), 0.3) == pytest.approx(without + 0.3 * 8)
    common = score(background, asked("filling", 1, 0), a_paper(1, "Filling"), 0.3)
    assert without < common < without + 0.3 * 8


def test_with_few_papers_the_cosine_alone_counts() -> None:
    known, vectors = spread(FEWEST_PAPERS - 1)
    for background in (Background(known, vectors), Background([], np.empty((0, 0), np.float32))):
        for title in ("Owls", "Larks"):
            assert score(background, asked("owls", 1, 0), a_paper(1, title), 0.45) == pytest.approx(2.1)


def test_narrow_takes_less_than_normal_and_wide_more() -> None:
    thresholds = [one.threshold for one in (Strictness.WIDE, Strictness.NORMAL, Strictness.NARROW)]

    assert thresholds == [2.2, 2.7, 3.3]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(papers, min_size=1, max_size=6),
    st.dictionaries(st.sampled_from(("learn", "model", "or")), st.floats(0, 9)),
)
def test_bm25_is_the_one_of_the_books(told: list[Paper], weights: dict[str, float]) -> None:
    found = StemCounts(told).score_bm25(weights, typical=5.0)

    assert found == pytest.approx([plain_bm25(paper, weights, 5.0) for paper in told])


def plain_bm25(paper: Paper, weights: dict[str, float], typical: float) -> float:
    """Robertson and Zaragoza, 2009, equation 3.15, with k1 = 1.2 and b = 0.75; the title counts twice."""
    text = stem_text(paper.title) * 2 + stem_text(paper.abstract)
    counts = Counter(text)
    norm = 1.2 * (0.25 + 0.75 * len(text) / typical)
    return math.fsum(weight * counts[stem] * 2.2 / (counts[stem] + norm) for stem, weight in weights.items())


@pytest.mark.parametrize(
    ("title", "abstract", "expected"), [("Owls", "They hunt.", "Owls. They hunt."), ("Owls", "", "Owls")]
)
def test_title_and_abstract_are_embedded(title: str, abstract: str, expected: str) -> None:
    assert embedded_text(a_paper(1, title, abstract)) == expected


def test_equal_topics_are_measured_alike_whatever_the_batch() -> None:
    known, vectors = spread(50)
    topic = asked("owls filling", 1, 0)
    batch: Sequence[Paper] = [a_paper(number, f"Owls {number}") for number in range(5)]
    cosines = np.array([0.1, 0.2, 0.3, 0.4, 0.5], np.float32)
    background = Background(known, vectors)
    together = background.scorer_for(topic).score_papers(StemCounts(batch), cosines)

    alone = [
        score(background, topic, paper, float(cosine)) for paper, cosine in zip(batch, cosines, strict=True)
    ]
    assert together == pytest.approx(alone, abs=1e-5)
