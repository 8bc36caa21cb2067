"""A sentence and key words out of a paper's own text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.summaries import first_sentence, most_said, nearness, recorded, share
from bot.papers.analyser import split_words
from bot.papers.summary import (
    ANSWER_LIMIT,
    SENTENCE_LIMIT,
    accept_answer,
    key_words,
    pick_sentence,
    split_sentences,
)
from bot.papers.text import clean_line
from tests.recorded import needs_recordings

TITLE = "Owls that plan their hunts"
ABSTRACT = (
    "Animals have long been watched. We show that owls plan their hunts from sounds alone. The code is open."
)


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        (TITLE, ABSTRACT, "We show that owls plan their hunts from sounds alone."),
        ("", "", ""),
        ("Owls", "One sentence without an end", "One sentence without an end"),
        ("Owls", "Same words. Same words.", "Same words."),
        ("Owls", "The of and. Is it?", "The of and."),
        (
            "Owls",
            "We show owls of Smith et al. (2020) vs. 3 larks, e.g. Those of Fig. 2. The end.",
            "We show owls of Smith et al. (2020) vs. 3 larks, e.g. Those of Fig. 2.",
        ),
        ("Owls", "Larks sing. This paper is of larks, e.g. those that sing.", None),
    ],
)
def test_the_sentence_that_says_most(title: str, abstract: str, expected: str | None) -> None:
    if expected is None:
        assert pick_sentence(title, abstract) == "This paper is of larks, e.g. those that sing."
    else:
        assert pick_sentence(title, abstract) == expected


def test_a_long_sentence_is_cut_at_a_word() -> None:
    cut = pick_sentence("Owls", "owls hunt " * 100)

    assert len(cut) <= SENTENCE_LIMIT
    assert cut.endswith(("owls…", "hunt…"))


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        ("", "", ()),
        ("A novel method", "We propose a novel method.", ()),
        ("Barn owls", "Barn owls hunt. A barn owl hears.", ("barn owls",)),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", "", ("\u0939\u093f\u0928\u094d\u0926\u0940",)),
        ("Sounds - owls\nhunt", "", ("owls hunt",)),
    ],
)
def test_key_words(title: str, abstract: str, expected: tuple[str, ...]) -> None:
    assert key_words(title, abstract)[: max(len(expected), 1)] == expected


@settings(max_examples=100)
@given(st.text(), st.text(max_size=2000))
def test_any_text_gives_a_part_of_itself_and_no_term_twice(title: str, text: str) -> None:
    abstract = clean_line(text)
    told = pick_sentence(title, abstract)
    assert len(told) <= SENTENCE_LIMIT
    assert told.removesuffix("…") in abstract
    terms = key_words(title, abstract)
    assert len(terms) == len(set(terms)) <= 6
    said = {*split_words(title), *split_words(abstract)}
    assert all(word in said for term in terms for word in term.split())


PLAIN = "Owls plan their hunts from sounds alone."


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (PLAIN, PLAIN),
        (f"{PLAIN} They are open about it.", f"{PLAIN} They are open about it."),
        (f'  "{PLAIN}"\n', PLAIN),
        ("The rate is 3.5% at 10 Hz, e.g. at night.", "The rate is 3.5% at 10 Hz, e.g. at night."),
        ("It fits $x < y$ in $O(n)$ steps.", "It fits x < y in O(n) steps."),
        ("Owls\u202e plan\x00 their hunts.", "Owls plan their hunts."),
        ("", ""),
        ("I cannot.", ""),
        (f"{PLAIN} {PLAIN} {PLAIN}", ""),
        ("owls " * 90, ""),
        ("Here it is:\nOwls plan their hunts.", ""),
        ("- Owls plan their hunts alone.", ""),
        ("1. Owls plan their hunts alone.", ""),
        ("# Owls plan their hunts alone.", ""),
        ("Owls **plan** their hunts alone.", ""),
        ("Read more at https://example.org/owls now.", ""),
        ("Read more at www.example.org about owls.", ""),
        ("Write to owl@example.org about owls.", ""),
        ("Owls plan, says @channel to all.", ""),
        ("Owls plan, says <!channel> to all.", ""),
        ("Owls [plan their hunts](http:x) alone.", ""),
        ("Owls <b>plan</b> their hunts alone.", ""),
        ("<|im_end|> Owls plan their hunts.", ""),
    ],
)
def test_what_a_model_may_say_on_a_card(answer: str, expected: str) -> None:
    assert accept_answer(answer) == expected


@settings(max_examples=100)
@given(st.text() | st.text("owls. @<>*[](:/-\n`", max_size=80))
def test_whatever_a_model_says_is_two_plain_sentences_or_nothing(answer: str) -> None:
    told = accept_answer(answer)
    assert len(told) <= ANSWER_LIMIT
    assert len(split_sentences(told)) <= 2
    assert clean_line(told) == told
    assert not any(sign in told for sign in ("://", "](", "`", "**", "<!"))


@needs_recordings
def test_it_says_more_of_what_people_read_than_the_first_sentence() -> None:
    papers = recorded(12)
    assert len(papers) > 100

    assert nearness(pick_sentence, papers) > 1.3 * nearness(first_sentence, papers)
    assert share(key_words, papers) > 1.5 * share(most_said, papers)
