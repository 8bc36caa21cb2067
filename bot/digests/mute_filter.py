"""What muted clauses do to a digest: a paper is left out that only they brought.

A muted paper does not count as had, so that another topic, or another clause, can still bring it. Its
matches are let go when a digest has counted them in its receipt: unmuting starts with what comes then, and
floods nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from bot.channels.channel import Mute, Subscription
from bot.digests.digest import Candidate, Match
from bot.digests.paper_cache import PaperCache
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.topics.evaluate import PaperView, fits_paper, view_paper
from bot.topics.mute_clauses import clauses_to_mute, remove_clauses
from bot.topics.query import Query, is_decided_by_paper
from bot.topics.reasons import explain_match


@dataclass(frozen=True, slots=True)
class MuteResult:
    """What came of the candidates."""

    kept: tuple[Candidate, ...]
    """Each with the matches, and the reasons, that are not muted."""
    matches: tuple[Match, ...]
    """The matches that are."""

    @property
    def muted_papers(self) -> AbstractSet[PaperId]:
        """Papers that are left out."""
        return {match.paper_id for match in self.matches} - {one.paper.id for one in self.kept}


@dataclass(frozen=True, slots=True)
class ChannelTopics:
    """A channel's topics by subscription, and what its muted clauses leave of each."""

    whole: dict[int, Query]
    remaining: dict[int, Query]
    known: PaperCache

    @classmethod
    def from_subscriptions(
        cls, subscriptions: Iterable[Subscription], mutes: Iterable[Mute], known: PaperCache | None = None
    ) -> ChannelTopics:
        """The topics of these subscriptions; several channels can share what is `known`."""
        muted = {mute.clause for mute in mutes}
        whole = {sub.id: sub.topic for sub in subscriptions}
        left = {number: remove_clauses(topic, muted) for number, topic in whole.items()}
        heard = {number: topic for number, topic in left.items() if topic is not None}
        return cls(whole, heard, known or PaperCache())

    def drop_muted(self, candidates: Sequence[Candidate]) -> MuteResult:
        """The candidates that are not muted."""
        # Most channels mute nothing, and a view of each paper is most of the work of a digest.
        if self.whole == self.remaining:
            return MuteResult(tuple(candidates), ())
        kept, matches = [], []
        for candidate in candidates:
            seen = self.known.view_candidate(candidate)
            found = [(match, self._drop_muted_reasons(match, seen)) for match in candidate.matches]
            if heard := tuple(still for _, still in found if still):
                kept.append(replace(candidate, matches=heard))
            matches += [match for match, still in found if still is None]
        return MuteResult(tuple(kept), tuple(matches))

    def mutable_clauses(self, candidate: Candidate) -> tuple[Query, ...]:
        """The clauses that brought a candidate, and can be muted."""
        seen = self.known.view_candidate(candidate)
        topics = [
            self.remaining[m.subscription_id]
            for m in candidate.matches
            if m.subscription_id in self.remaining
        ]
        if len(topics) == 1:
            return clauses_to_mute(topics[0], seen)
        return tuple(dict.fromkeys(clause for topic in topics for clause in clauses_to_mute(topic, seen)))

    def clauses_bringing(self, paper: Paper, sources: Collection[str]) -> tuple[Query, ...]:
        """The clauses that bring any paper into this channel, as far as it tells by itself."""
        seen = view_paper(paper, sources)
        topics = [topic for topic in self.remaining.values() if is_decided_by_paper(topic)]
        return tuple(dict.fromkeys(clause for topic in topics for clause in clauses_to_mute(topic, seen)))

    def _drop_muted_reasons(self, match: Match, seen: PaperView) -> Match | None:
        """The match with its unmuted reasons; None where it has none. What cannot be told is heard."""
        whole, left = self.whole.get(match.subscription_id), self.remaining.get(match.subscription_id)
        # A match of a topic that is not asked about is for others to judge.
        if left is None:
            return None if whole is not None else match
        if left == whole or not is_decided_by_paper(left):
            return match
        return replace(match, reasons=explain_match(left, seen)) if fits_paper(left, seen) else None
