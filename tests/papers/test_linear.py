"""What text from outside costs: four times the text costs about four times as much, whatever it holds."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from bot.papers.identity import find_id
from bot.papers.names import split_names
from bot.papers.text import clean_line, clean_text
from tests.environment import ROOT

LENGTH = 1_200
BARELY = 0.02
"""Seconds of processor time that are too few to compare."""
UNITS = (
    *("(", ")", "((a", "a and ", " ", "\t", ", ", "; ", "a", "\u0301", "<", "<a ", '<a x="', "&", "&#", "``"),
    *("\\", "$", "{", "}", "^", "~", "$a", "$\\", "\\a{", "\\frac{", "\\sqrt[", "\\href{", "\\href{a}{"),
    *("\\begin{a}", "\\footnote[\\]", "\\textcolor[", "\\text\\]", "[\\cite\\]", "10.1234/", "arxiv:", "%"),
)
READERS: tuple[Callable[[str], object], ...] = (clean_text, split_names, clean_line, find_id)


def seconds(read: Callable[[str], object], text: str) -> float:
    """The least processor time of two readings: what else the machine does only adds to it."""
    found = []
    for _ in range(2):
        start = time.process_time()
        read(text)
        found.append(time.process_time() - start)
    return min(found)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("end", ["", "]"])
def test_four_times_the_text_costs_about_four_times_as_much(read: Callable[[str], object], end: str) -> None:
    costly = {}
    for unit in UNITS:
        text = unit * (LENGTH // len(unit)) + end * LENGTH
        once, four = seconds(read, text), seconds(read, text * 4)
        if four > BARELY and four > 16 * max(once, BARELY / 4):
            costly[unit] = (once, four)
    assert not costly


@pytest.mark.parametrize(
    "unit", ["\\frac{", "\\sqrt[", "\\href{", "\\textcolor[", "\\footnote[\\]", "[\\cite\\]"]
)
def test_a_short_title_cannot_stop_the_process(unit: str) -> None:
    plain = seconds(clean_text, "A title of some words on $x^2$ and \\emph{more} " * 4)
    assert seconds(clean_text, unit * 25) < 20 * max(plain, 0.005)


def test_text_that_is_given_up_as_tex_is_still_shown() -> None:
    assert clean_text("\\frac{" * 30 + "agents").endswith("agents")


def test_a_field_of_many_authors_is_read_whole() -> None:
    names = [f"Author Number{number}" for number in range(5_000)]
    assert split_names(", ".join(names)) == tuple(names)
    assert split_names("A. One and B. Two") == ("A. One", "B. Two")
    assert split_names("A. One\n and\tB. Two") == ("A. One", "B. Two")


def test_bad_tex_says_nothing_in_the_log() -> None:
    script = (
        "from bot.logs import configure_logs; configure_logs('info', 'console'); "
        "from bot.papers.text import clean_text; clean_text('\\\\frac{' * 30)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
