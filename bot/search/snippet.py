"""The sentence of a paper that says most of what was searched for, with the words marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.papers.analyser import stem, words
from bot.papers.summary import sentences
from bot.papers.text import harmless

LIMIT = 240
"""Characters."""
_LEAD = 60
"""Characters before the first marked word of a sentence that is too long."""
_WORD = re.compile(r"[^\W_]+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """Some text of a paper, and where the words stand in it: (start, end) of each, in order."""

    text: str
    marks: tuple[Span, ...]


def snippet(text: str, stems: Collection[str]) -> Snippet | None:
    """The sentence of `text` with most of `stems`, the first of equals; None where no sentence has any."""
    plain = harmless(text)
    # Distinct stems count, not occurrences: a sentence that repeats one word says less than one that has them
    # all.
    best: tuple[int, str, list[Span]] = (0, "", [])
    for sentence in sentences(plain):
        found = list(_found(sentence, frozenset(stems)))
        distinct = len({told for told, _ in found})
        if distinct > best[0]:
            best = distinct, sentence, [span for _, span in found]
    return _cut(best[1], best[2]) if best[0] else None


def _found(sentence: str, stems: frozenset[str]) -> Iterator[tuple[str, Span]]:
    for match in _WORD.finditer(sentence):
        for word in words(match[0]):
            if (told := stem(word)) in stems:
                yield told, match.span()
                break


def _cut(sentence: str, spans: list[Span]) -> Snippet:
    """At most `LIMIT` characters around the first marked word."""
    if len(sentence) <= LIMIT:
        return Snippet(sentence, tuple(spans))
    first = spans[0][0]
    start = sentence.rfind(" ", 0, max(first - _LEAD, 0)) + 1 if first > LIMIT - _LEAD else 0
    lead = "…" if start else ""
    end = start + LIMIT - len(lead) - 1
    if end < len(sentence):
        end = max(sentence.rfind(" ", start, end), spans[0][1] if spans[0][1] <= end else start)
    shown = f"{lead}{sentence[start:end].rstrip()}{'…' if end < len(sentence) else ''}"
    shift = start - len(lead)
    kept = [(left - shift, right - shift) for left, right in spans if left >= start and right <= end]
    return Snippet(shown, tuple(kept))
