"""What planning works out of papers: once each, however many channels have them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from bot.digests.digest import Candidate
from bot.papers.paper import Paper
from bot.papers.summary import summary
from bot.topics.evaluate import View, view

MOST = 1_000
"""Papers that are kept, 20 MB or so: the channels of one slot have many papers in common."""


class Known:
    """Lives as long as one run of planning, or one answer."""

    def __init__(self) -> None:
        # An instance's own cache: a global one would keep papers alive between runs, in a process that idles
        # all day.
        self._view = lru_cache(MOST)(view)
        self.told = lru_cache(MOST)(_told)
        """A paper with a summary: its own, or the one that its abstract gives."""

    def view(self, candidate: Candidate) -> View:
        """The paper as queries see it, which is most of the work of a digest."""
        return self._view(candidate.paper, candidate.sources)


def _told(paper: Paper) -> Paper:
    return paper if paper.summary else replace(paper, summary=summary(paper.title, paper.abstract))
