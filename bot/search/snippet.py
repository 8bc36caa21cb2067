"""The sentence of a paper that says most of what was searched for, with the words marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.papers.analyser import split_words, stem_word
from bot.papers.summary import split_sentences
from bot.papers.text import clean_line

SNIPPET_LIMIT = 240
"""Characters."""
_LEAD_CHARS = 60
"""Characters before the first marked word of a sentence that is too long."""
_WORD = re.compile(r"[^\W_]+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """Some text of a paper, and where the words stand in it: (start, end) of each, in order."""

    text: str
    marks: tuple[Span, ...]


def find_snippet(text: str, stems: Collection[str]) -> Snippet | None:
    """The sentence of `text` with most of `stems`, the first of equals; None where no sentence has any."""
    plain = clean_line(text)
    # Distinct stems count, not occurrences: a sentence that repeats one word says less than one that has them
    # all.
    best: tuple[int, str, list[Span]] = (0, "", [])
    for sentence in split_sentences(plain):
        found = list(_find_words(sentence, frozenset(stems)))
        distinct = len({stem for stem, _ in found})
        if distinct > best[0]:
            best = distinct, sentence, [span for _, span in found]
    return _cut_around_words(best[1], best[2]) if best[0] else None


def _find_words(sentence: str, stems: frozenset[str]) -> Iterator[tuple[str, Span]]:
    for match in _WORD.finditer(sentence):
        for word in split_words(match[0]):
            if (stem := stem_word(word)) in stems:
                yield stem, match.span()
                break


def _cut_around_words(sentence: str, spans: list[Span]) -> Snippet:
    """At most `SNIPPET_LIMIT` characters around the first marked word."""
    if len(sentence) <= SNIPPET_LIMIT:
        return Snippet(sentence, tuple(spans))
    first = spans[0][0]
    start = (
        sentence.rfind(" ", 0, max(first - _LEAD_CHARS, 0)) + 1 if first > SNIPPET_LIMIT - _LEAD_CHARS else 0
    )
    lead = "…" if start else ""
    end = start + SNIPPET_LIMIT - len(lead) - 1
    if end < len(sentence):
        end = max(sentence.rfind(" ", start, end), spans[0][1] if spans[0][1] <= end else start)
    shown = f"{lead}{sentence[start:end].rstrip()}{'…' if end < len(sentence) else ''}"
    shift = start - len(lead)
    kept = [(left - shift, right - shift) for left, right in spans if left >= start and right <= end]
    return Snippet(shown, tuple(kept))
