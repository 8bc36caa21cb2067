"""What planning works out of papers: once each, however many channels have them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from bot.digests.digest import Candidate
from bot.papers.paper import Paper
from bot.papers.summary import pick_sentence
from bot.topics.evaluate import PaperView, view_paper

CACHED_PAPERS = 1_000
"""Papers that are kept, 20 MB or so: the channels of one slot have many papers in common."""


class PaperCache:
    """Lives as long as one run of planning, or one answer."""

    def __init__(self) -> None:
        # An instance's own cache: a global one would keep papers alive between runs, in a process that idles
        # all day.
        self._view = lru_cache(CACHED_PAPERS)(view_paper)
        self.with_summary = lru_cache(CACHED_PAPERS)(_with_summary)
        """A paper with a summary: its own, or the one that its abstract gives."""

    def view_candidate(self, candidate: Candidate) -> PaperView:
        """The paper as queries see it, which is most of the work of a digest."""
        return self._view(candidate.paper, candidate.sources)


def _with_summary(paper: Paper) -> Paper:
    return paper if paper.summary else replace(paper, summary=pick_sentence(paper.title, paper.abstract))
