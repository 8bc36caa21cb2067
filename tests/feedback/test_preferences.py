"""The model of a channel, on papers made of few words and on vectors of few dimensions."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.feedback.preferences import (
    DISLIKE_WEIGHT,
    LIFT_PER_DEVIATION,
    MOST_DEVIATIONS,
    Preferences,
    RecentPapers,
)
from bot.feedback.rating import Rating, Thumb
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.vectors import Floats

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORDS = ("owl", "lark", "bank", "ledger", "robot", "arm", "the", "of", "naïve", "模型")
WIDTH = 4


def a_paper(number: int, title: str, abstract: str = "") -> Paper:
    return Paper(PaperId("arxiv", f"2502.{number:05}"), title, abstract)


def rated(paper: Paper, thumb: Thumb = Thumb.UP, user: str = "ada") -> Rating:
    return Rating(paper, user, thumb, NOW)


texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
papers = st.lists(st.tuples(texts, texts), max_size=12).map(
    lambda found: [a_paper(number, *text) for number, text in enumerate(found)]
)
numbers = st.floats(-1, 1, width=32, allow_subnormal=False)
vectors = st.dictionaries(
    st.integers(0, 40), st.lists(numbers, min_size=WIDTH, max_size=WIDTH), max_size=30
).map(lambda found: {number: unit(vector) for number, vector in found.items()})


def unit(vector: Sequence[float]) -> Floats:
    array = np.array(vector, np.float32)
    return array / max(float(np.linalg.norm(array)), 1.0)


def by_id(found: Sequence[Paper], known: Mapping[int, Floats]) -> dict[PaperId, Floats]:
    return {one.id: known[at] for at, one in enumerate(found) if at in known}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Rating], list[Paper], RecentPapers, dict[PaperId, Floats]]:
    """Ratings, candidates, recent papers, and vectors of some of all."""
    every = draw(papers)
    thumbs = st.tuples(
        st.sampled_from(every or [a_paper(0, "")]), st.sampled_from(Thumb), st.sampled_from("ab")
    )
    ratings = [
        rated(*one) for one in draw(st.lists(thumbs, max_size=8, unique_by=lambda one: (one[0].id, one[2])))
    ]
    known = by_id(every, draw(vectors))
    ground = [
        a_paper(100 + number, *text)
        for number, text in enumerate(draw(st.lists(st.tuples(texts, texts), max_size=30)))
    ]
    grounded = by_id(ground, draw(vectors))
    return ratings, every, RecentPapers(ground, grounded), known


@settings(max_examples=150, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_a_leaning_is_a_number_whatever_the_order(
    world: tuple[list[Rating], list[Paper], RecentPapers, dict[PaperId, Floats]], rng: object
) -> None:
    ratings, candidates, recent, known = world
    taste = Preferences(ratings, recent, known)
    found = taste.boosts_for(candidates)
    assert found.keys() == (set() if taste.is_empty else {one.id for one in candidates})
    assert all(
        math.isfinite(one.amount) and abs(one.amount) <= LIFT_PER_DEVIATION * MOST_DEVIATIONS
        for one in found.values()
    )

    shuffled, others = list(ratings), list(candidates)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    rng.shuffle(others)  # type: ignore[attr-defined]
    again = Preferences(shuffled, recent, known).boosts_for(others)
    assert {name: one.amount for name, one in again.items()} == pytest.approx(
        {name: one.amount for name, one in found.items()}, abs=1e-6
    )


@settings(max_examples=50, deadline=None)
@given(worlds())
def test_a_lesson_can_be_read(
    world: tuple[list[Rating], list[Paper], RecentPapers, dict[PaperId, Floats]],
) -> None:
    ratings, _, recent, known = world
    lesson = Preferences(ratings, recent, known).describe_learned(5, 2)
    titles = {one.paper.title for one in ratings}
    assert len(lesson.liked_words) <= 5
    assert len(lesson.disliked_words) <= 5
    assert not {*lesson.liked_words} & {*lesson.disliked_words}
    assert {*lesson.liked_titles, *lesson.disliked_titles} <= titles
    assert not {"the", "of"} & {*lesson.liked_words, *lesson.disliked_words}


GROUND = [
    a_paper(100 + number, f"robot arm {WORDS[number % 4]}", "the arm of a robot") for number in range(24)
]
OWL, BANK = a_paper(1, "owl owl lark"), a_paper(2, "bank ledger")


def lifts(
    ratings: Sequence[Rating], *found: Paper, known: Mapping[PaperId, Floats] | None = None
) -> list[float]:
    leanings = Preferences(ratings, RecentPapers(GROUND, {}), known).boosts_for(found)
    return [leanings[one.id].amount if leanings else 0.0 for one in found]


def test_votes_that_cancel_each_other_out_are_none() -> None:
    ratings = [rated(OWL), rated(OWL, Thumb.DOWN, "bob")]
    assert Preferences(ratings, RecentPapers(GROUND, {})).is_empty
    assert lifts(ratings, a_paper(11, "owl"), a_paper(12, "bank")) == [0.0, 0.0]
    ratings.append(rated(OWL, user="eve"))
    assert lifts(ratings, a_paper(11, "owl")) == lifts([rated(OWL)], a_paper(11, "owl"))


def test_what_is_like_the_liked_rises_and_what_is_like_the_disliked_sinks() -> None:
    owl, bank, arm = (
        a_paper(10 + number, title) for number, title in enumerate(("an owl", "a bank", "an arm"))
    )
    up = lifts([rated(OWL)], owl, bank, arm)
    assert up[0] > max(up[1:])
    down = lifts([rated(BANK, Thumb.DOWN)], owl, bank, arm)
    assert down[1] < min(down[0], down[2])
    both = lifts([rated(OWL), rated(BANK, Thumb.DOWN)], owl, bank, arm)
    assert both[0] > both[2] > both[1]


def test_meaning_says_what_words_do_not() -> None:
    strix, coin = a_paper(11, "strix"), a_paper(12, "coin")
    assert len(set(lifts([rated(OWL)], strix, coin))) == 1
    known = {OWL.id: unit([1, 0, 0, 0]), strix.id: unit([0.9, 0.1, 0, 0]), coin.id: unit([0, 0, 1, 0])}
    near, far = lifts([rated(OWL)], strix, coin, known=known)
    assert near > far


def test_of_another_topic_a_like_says_little() -> None:
    owls = [a_paper(10 + number, f"owl {word}") for number, word in enumerate(("lark", "night", "wing"))]
    arms = [
        a_paper(20 + number, f"robot {word}") for number, word in enumerate(("arm lark", "night", "wing"))
    ]
    at_home, away = lifts([rated(OWL)], *owls), lifts([rated(OWL)], *arms)
    assert max(away) - min(away) < (max(at_home) - min(at_home)) / 2


def test_the_nearest_liked_paper_is_named_and_never_the_paper_itself() -> None:
    taste = Preferences([rated(OWL), rated(BANK)], RecentPapers(GROUND, {}))
    found = taste.boosts_for([a_paper(11, "ledger of a bank"), OWL, a_paper(12, "nothing")])
    assert [one.similar_title for one in found.values()] == [BANK.title, "", ""]


def test_the_words_that_are_shown_are_the_papers_own() -> None:
    taste = Preferences(
        [rated(a_paper(1, "Nightly owls", "Owls and an owl; larks")), rated(BANK, Thumb.DOWN)],
        RecentPapers(GROUND, {}),
    )
    lesson = taste.describe_learned(3, 1)
    assert "owls" in lesson.liked_words
    assert "owl" not in lesson.liked_words, "it is the same word"
    assert {*lesson.disliked_words} == {"bank", "ledger"}
    assert lesson.liked_titles == ("Nightly owls",)
    assert lesson.disliked_titles == (BANK.title,)


def test_ratings_are_learned_from_whenever_they_were_given() -> None:
    late = Rating(OWL, "ada", Thumb.UP, NOW + timedelta(days=900))
    assert lifts([late], a_paper(11, "owl")) == lifts([rated(OWL)], a_paper(11, "owl"))


def test_a_dislike_weighs_less_than_a_like() -> None:
    assert 0 < DISLIKE_WEIGHT < 1


def test_a_broad_topic_takes_room_for_its_papers_words_and_not_for_all_by_all() -> None:
    found = [
        a_paper(number, f"owl {' '.join(f'w{number}x{at}' for at in range(60))}") for number in range(10, 410)
    ]
    tracemalloc.start()
    try:
        lifts([rated(OWL), rated(BANK, Thumb.DOWN)], *found)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 40 * 2**20, "a table of 400 papers by 24,000 words is 73 MB"
