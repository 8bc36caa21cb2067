"""What planning and delivering ask of the database; `bot.ports.store` has the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Protocol

from bot.channels.channel import Channel
from bot.digests.digest import Candidate, Digest, Match
from bot.papers.identity import PaperId
from bot.papers.paper import Paper


class Digests(Protocol):
    """Matches and digests."""

    def add_matches(self, matches: Iterable[Match]) -> int:
        """Store matches; one of a known paper and subscription is ignored. Returns how many were new."""
        ...

    def find_candidates(self, subscription_ids: Iterable[int]) -> Mapping[int, Sequence[Candidate]]:
        """Papers these subscriptions matched and no digest of their channel has listed, by channel."""
        ...

    def count_matched(
        self, channel_ids: Iterable[int], batches: Iterable[tuple[str, date]]
    ) -> Mapping[int, Mapping[tuple[str, date], AbstractSet[PaperId]]]:
        """The papers announced in each batch that match a channel, shown or not, by channel.

        Whatever batch it was in which they matched.
        """
        ...

    def papers_shown(self, papers: Mapping[int, AbstractSet[PaperId]]) -> Mapping[int, AbstractSet[PaperId]]:
        """Those of each channel's `papers` that a digest has shown there."""
        ...

    def papers_listed_before(
        self, channel_ids: Iterable[int], papers: Iterable[PaperId]
    ) -> Mapping[int, AbstractSet[PaperId]]:
        """Those of `papers` that a digest of the channel has listed, by channel."""
        ...

    def remove_matches(self, matches: Iterable[Match]) -> None:
        """Remove matches that a digest has counted as muted: unmuting does not bring them back."""
        ...

    def plan_digest(self, digest: Digest, channel: Channel) -> bool:
        """As `plan_all` of one; False where the slot has its digest already."""
        ...

    def plan_all(self, planned: Sequence[tuple[Digest, Channel]]) -> AbstractSet[int]:
        """In one transaction: store the digests, their entries and deliveries, and save the channels.

        Returns the ids of those channels whose slot was new; of another only the channel is saved.
        """
        ...

    def last_slot(self, channel_id: int) -> date | None:
        """The latest slot of the channel that has its digest, posted or empty; those at once do not count."""
        ...

    def next_number(self, channel_id: int, slot: date) -> int:
        """The number of the next digest that goes out at once on that day."""
        ...

    def end_wait(self, subscription_ids: Iterable[int]) -> None:
        """Note that the matches of these subscriptions wait no more to go out at once."""
        ...

    def unlisted_rest(self, channel_id: int) -> Sequence[Candidate]:
        """What the channel's latest digest listed past its cap, in rank order."""
        ...

    def latest_papers(self, channel_id: int) -> Sequence[Paper]:
        """All papers of the channel's latest digest that listed any, in rank order."""
        ...
