"""A day of recorded papers, and standing topics drawn from recorded titles."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.papers.analyser import split_words
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.papers.text import clean_line

_DAYS = Path(__file__).resolve().parents[2] / "shared" / "data" / "arxiv_bulk_daily"
_SEED = 20251001
_COMMON = frozenset(
    split_words(
        "a an and are as at be by do does for from how in into is it its not of on or our that the"
        " their this to toward towards under using via we what when where which while with without"
    )
)


def recorded_papers() -> list[Paper]:
    """Every paper of the recorded arXiv days, once, in the order of their listing."""
    if not _DAYS.is_dir():
        sys.exit("The recorded data (../shared/data beside the project) is not on this machine.")
    papers: dict[str, Paper] = {}
    for path in sorted(_DAYS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line and (row := json.loads(line))["id"] not in papers:
                papers[row["id"]] = Paper(
                    PaperId.from_text(row["id"]),
                    clean_line(row["title"]),
                    clean_line(row["summary"]),
                    tuple(row["authors"]),
                    tuple(row["categories"]),
                )
    return list(papers.values())


def standing_topics(papers: Sequence[Paper], number: int) -> list[str]:
    """`number` distinct topics of 1 to 4 terms from the titles, authors and categories of `papers`.

    A topic of one term is a phrase; of the other terms 40% are phrases, 5% prefixes and the rest words that
    say something; 10% are bound to a field. 20% of the topics are alternatives, 10% a term and alternatives;
    12% exclude a word, 8% are bound to a category, 3% watch an author too.
    """
    rng = random.Random(_SEED)
    titles = [found for paper in papers if len(found := split_words(paper.title)) > 3]
    told = [word for title in titles for word in title if len(word) > 2 and word not in _COMMON]
    people = [name for paper in papers for author in paper.authors if len(name := split_words(author)) > 1]
    categories = [category for paper in papers for category in paper.categories if "." in category]
    topics: dict[str, None] = {}
    while len(topics) < number:
        terms = list(_terms(rng, rng.choice(titles)))
        text = _joined(rng, terms)
        if rng.random() < 0.12:
            text = f"({text}) -{rng.choice(told)}"
        if rng.random() < 0.08:
            text = f"({text}) cat:{rng.choice(categories).split()[0]}"
        if rng.random() < 0.03:
            text = f'({text}) OR author:"{" ".join(rng.choice(people))}"'
        topics[text] = None
    return list(topics)


def _terms(rng: random.Random, title: list[str]) -> Iterator[str]:
    telling = [word for word in title if len(word) > 2 and word not in _COMMON] or title
    (count,) = rng.choices((1, 2, 3, 4), (25, 40, 25, 10))
    for _ in range(count):
        kind = rng.random()
        if count == 1 or kind < 0.4:
            start = rng.randrange(len(title) - 1)
            term = f'"{" ".join(title[start : start + rng.choice((2, 2, 2, 3, 3, 4))])}"'
        elif kind < 0.45:
            word = rng.choice(telling)
            term = f"{word[: max(4, len(word) - rng.randrange(4))]}*" if len(word) > 1 else word
        else:
            term = rng.choice(telling)
        yield rng.choice(("title:", "abstract:")) + term if rng.random() < 0.1 else term


def _joined(rng: random.Random, terms: list[str]) -> str:
    kind = rng.random()
    if kind < 0.2:
        return " OR ".join(terms)
    return f"{terms[0]} ({' OR '.join(terms[1:])})" if kind < 0.3 and len(terms) > 2 else " ".join(terms)
