"""How near extracts are to what others made of the same papers: `python -m benchmarks.summaries`.

A sentence is held against the summary that came with a recorded paper, by the cosine of their stems, and key
words against those that came with it, of which many do not stand in its text.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bot.papers.analyser import split_words, stem_text, stem_word
from bot.papers.stop_words import STOP_WORDS
from bot.papers.summary import SENTENCE_LIMIT, key_words, pick_sentence, split_sentences
from bot.papers.text import clean_line
from tests.recorded import DATA

SILENT = frozenset(map(stem_word, STOP_WORDS))


@dataclass(frozen=True, slots=True)
class Summed:
    """A recorded paper with the summary and the key words that came with it."""

    title: str
    abstract: str
    summary: str
    terms: Sequence[str]


def main() -> None:
    """Measure and print."""
    if not DATA.is_dir():
        sys.exit("The recorded data (../shared/data beside the project) is not on this machine.")
    papers = recorded()
    print(f"{len(papers)} papers")
    first, ours = nearness(first_sentence, papers), nearness(pick_sentence, papers)
    print(f"nearness to the summary: first sentence {first:.3f}, ours {ours:.3f}")
    said, terms = share(most_said, papers), share(key_words, papers)
    print(f"among the key words: words said most {said:.3f}, ours {terms:.3f}")
    for name, made in (("summary", pick_sentence), ("key words", key_words)):
        start = time.perf_counter()
        for paper in papers:
            made(paper.title, paper.abstract)
        print(f"{name}: {(time.perf_counter() - start) / len(papers) * 1000:.2f} ms a paper")


def recorded(days: int | None = None) -> list[Summed]:
    """The papers of the last `days` recorded days; None is all."""
    paths = sorted(DATA.glob("hf_daily_papers/*.json"))
    items = (
        item["paper"] for path in paths[-days if days else 0 :] for item in json.loads(path.read_bytes())
    )
    return [
        Summed(
            clean_line(item["title"]),
            clean_line(item["summary"]),
            clean_line(item["ai_summary"]),
            item["ai_keywords"],
        )
        for item in items
        if item.get("ai_summary") and item.get("ai_keywords")
    ]


def nearness(choose: Callable[[str, str], str], papers: Sequence[Summed]) -> float:
    """The mean cosine of what is chosen of title and abstract, and the summary."""
    return statistics.mean(_near(choose(paper.title, paper.abstract), paper.summary) for paper in papers)


def share(choose: Callable[[str, str], Collection[str]], papers: Sequence[Summed]) -> float:
    """The mean share of chosen terms that came with the paper, whole."""
    return statistics.mean(_share(choose(paper.title, paper.abstract), paper.terms) for paper in papers)


def first_sentence(_: str, abstract: str) -> str:
    """What a card would begin with otherwise."""
    return split_sentences(abstract)[0][:SENTENCE_LIMIT]


def most_said(title: str, abstract: str) -> list[str]:
    """The six words that are said most."""
    said = Counter(
        word for word in split_words(f"{title} {abstract}") if word not in STOP_WORDS and len(word) > 1
    )
    return [word for word, _ in said.most_common(6)]


def _near(text: str, other: str) -> float:
    one, two = (Counter(told for told in stem_text(side) if told not in SILENT) for side in (text, other))
    length = math.sqrt(sum(n * n for n in one.values()) * sum(n * n for n in two.values()))
    return sum(one[told] * two[told] for told in one) / length if length else 0.0


def _share(terms: Collection[str], wanted: Sequence[str]) -> float:
    known = {tuple(stem_text(term)) for term in wanted}
    return sum(tuple(stem_text(term)) in known for term in terms) / len(terms) if terms else 0.0


if __name__ == "__main__":
    main()
