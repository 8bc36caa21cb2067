from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.papers.analyser import split_words
from bot.search.plan import plan_search
from bot.search.typed import LONGEST_SEARCH, parse_search
from bot.topics.parser import parse_query

SENTENCES = (
    "what is the state of the art in slip-flow (or: high-speed flow)?",
    "is there a boundary layer in two -dimensional flow of the air / water",
    'how do the "large" models learn in a context of their own',
    "Why does it fail?",
    "jet interference with supersonic flow -dash experimental papers .",
    "the effect of 5% CO2: a note on the x/y ratio of it",
    "role of the NOT gate in a circuit of the 1960s",
    "a (b of the c in",
    "Authors:Smith on the drag of a wing",
    "We propose (as in source:sink models) an end to the title:wars of the field " * 20,
)


@pytest.mark.parametrize("text", SENTENCES)
def test_every_word_of_a_sentence_ranks_whatever_its_signs(text: str) -> None:
    plan = plan_search(parse_search(text))

    assert parse_search(text).loose
    assert plan.required is None
    assert plan.text == " ".join(text.split())
    told = {word.text for word in plan.ranked}
    assert told <= set(split_words(text))
    assert told.isdisjoint({"the", "of", "a", "in"})


@pytest.mark.parametrize(
    ("text", "ranked", "required"),
    [
        ("emergent misalignment", "emergent misalignment", ""),
        ("theory of learning", "theory learning", ""),
        ("to be or not", "to be or not", ""),
        ("in-context learning", "context learning", ""),
        ("slip-flow x/y 10.5", "slip flow x y 10 5", ""),
        ('in-context "few shot"', "", '"in context" "few shot"'),
        ("owls -larks", "owls", "-larks"),
        ("models of the brain in the wild -survey", "models brain wild", "-survey"),
        ("what of the owls cat:cs.CL", "owls", "cat:cs.CL"),
        ("owl* title:larks", "", "owl* title:larks"),
        ("owls OR larks", "", "owls OR larks"),
        ("2502.17424", "", "id:2502.17424"),
        # What is no query of the language is words.
        ("note:paper", "note paper", ""),
        ('5" gun', "5 gun", ""),
        ("smile :)", "smile", ""),
        ("a) owls b) larks", "owls b larks", ""),
    ],
)
def test_bare_words_rank_and_the_rest_filters(text: str, ranked: str, required: str) -> None:
    plan = plan_search(parse_search(text))

    assert " ".join(word.text for word in plan.ranked) == ranked
    assert str(plan.required or "") == required


@pytest.mark.parametrize("text", ["auther:hinton", "upvotes:many", "(owls OR larks", "(((", "owls AND"])
def test_what_is_meant_as_the_language_must_be_right(text: str) -> None:
    with pytest.raises(QueryError):
        parse_search(text)


def test_a_question_keeps_how_often_it_says_a_word() -> None:
    plan = plan_search(parse_search("How does the flow of the air meet the flow of water?"))

    assert [str(leaf) for leaf in plan.scored].count("flow") == 2


def test_a_long_passage_is_read() -> None:
    passage = "The flow of the air over a wing. " * 1000
    search = parse_search(passage)

    assert LONGEST_SEARCH - 10 < len(search.text) <= LONGEST_SEARCH
    assert {str(word) for word in plan_search(search).ranked} == {"flow", "air", "wing"}


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("owls -larks", "owls -larks"),
        ('What do "owls" hunt in the night?', 'about:"What do owls hunt in the night?"'),
    ],
)
def test_what_was_searched_for_can_be_subscribed_to(text: str, topic: str) -> None:
    assert parse_query(parse_search(text).topic) == parse_query(topic)


@given(st.text(max_size=200))
def test_a_sentence_is_never_an_error(noise: str) -> None:
    text = f"what is the {noise.replace(':', '')} of the owls in it?"
    plan = plan_search(parse_search(text))

    assert any(word.text == "owls" for word in plan.ranked)
    assert parse_query(parse_search(text).topic)
