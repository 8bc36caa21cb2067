"""What a digest says: pure functions from what matched to a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, zip_longest

from bot.channels.channel import Subscription
from bot.digests.card_actions import actions_by_words, card_actions
from bot.digests.digest import Candidate, DigestEntry
from bot.digests.mute_filter import ChannelTopics
from bot.digests.paper_cache import PaperCache
from bot.feedback.preferences import Preferences
from bot.messages.blocks import Block, Button, Buttons, Heading, Message, Note, PaperCard, Receipt
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.papers.summary import signed_summary
from bot.topics.evaluate import PaperView, text_fits
from bot.topics.query import Phrase, Prefix, Query, Text, Word, leaves_of, split_trending

VOTES_LIKE_A_TITLE = 100
"""So many votes weigh as much as all of the topic's words in the title."""
_LONGEST_TITLE = 80
"""Of a paper that is named on the card of another."""


@dataclass(frozen=True, slots=True)
class Section:
    """One topic's papers, the best first: `shown` in full, `more` only counted."""

    subscription: Subscription
    shown: tuple[Candidate, ...]
    not_shown: tuple[Candidate, ...]
    lift_reasons: Mapping[PaperId, str] = field(default_factory=dict)
    """Why papers stand higher than their topic alone would place them."""


def build_sections(
    subscriptions: Sequence[Subscription],
    candidates: Iterable[Candidate],
    limit: int,
    known: PaperCache,
    preferences: Preferences | None = None,
) -> list[Section]:
    """The candidates by topic, at most `limit` shown in all.

    A paper stands under the first subscription that it matched. The places go round the topics, so that a
    broad one cannot crowd out a narrow one. Preferences move papers within their topic.
    """
    matched: dict[int, list[Candidate]] = {sub.id: [] for sub in subscriptions}
    for candidate in candidates:
        matched[candidate.matches[0].subscription_id].append(candidate)
    ordered = {
        sub.id: _order_candidates(sub.topic, matched[sub.id], known, preferences) for sub in subscriptions
    }
    ranked = {number: found for number, (found, _) in ordered.items()}
    # Round robin: by score alone the topic with the most papers would take all places, since scores do not
    # compare from topic to topic.
    turns = chain.from_iterable(zip_longest(*ranked.values()))
    chosen = {candidate.paper.id for candidate in [turn for turn in turns if turn][:limit]}
    return [
        Section(
            sub,
            tuple(candidate for candidate in ranked[sub.id] if candidate.paper.id in chosen),
            tuple(candidate for candidate in ranked[sub.id] if candidate.paper.id not in chosen),
            ordered[sub.id][1],
        )
        for sub in subscriptions
        if ranked[sub.id]
    ]


def _order_candidates(
    topic: Query, candidates: Sequence[Candidate], known: PaperCache, preferences: Preferences | None
) -> tuple[list[Candidate], Mapping[PaperId, str]]:
    """The candidates of one topic, the best first, and why some stand higher than without the preferences."""
    if split_trending(topic):
        # What trends comes in its own order.
        return list(candidates), {}
    words = _topic_words(topic)

    def topic_order(candidate: Candidate) -> tuple[float, str]:
        return _topic_order(words, candidate.paper, known.view_candidate(candidate))

    plain = sorted(candidates, key=topic_order)
    boosts = preferences.boosts_for([candidate.paper for candidate in plain]) if preferences else {}
    if not boosts:
        return plain, {}

    def boosted_order(candidate: Candidate) -> tuple[float, str]:
        score, name = topic_order(candidate)
        return score - boosts[candidate.paper.id].amount, name

    found = sorted(plain, key=boosted_order)
    before = {candidate.paper.id: place for place, candidate in enumerate(plain)}
    # Said only where it changed the place: a reason that explains nothing visible makes readers doubt the
    # others.
    higher = [one.paper.id for place, one in enumerate(found) if place < before[one.paper.id]]
    return found, {
        name: f"ranked up: like “{_cut_title(boosts[name].similar_title)}”, which this channel 👍"
        for name in higher
        if boosts[name].amount > 0 and boosts[name].similar_title
    }


def list_entries(found: Iterable[Section]) -> tuple[DigestEntry, ...]:
    """Every candidate's place, by rank."""
    placed = [
        (candidate, section, shown)
        for section in found
        for shown, part in ((True, section.shown), (False, section.not_shown))
        for candidate in part
    ]
    return tuple(
        DigestEntry(candidate.paper.id, section.subscription.id, rank, shown)
        for rank, (candidate, section, shown) in enumerate(placed, 1)
    )


def digest_message(
    slot: date, found: Sequence[Section], topics: ChannelTopics, coverage: Receipt, *, by_meaning: bool
) -> Message:
    """The digest as it is posted; with no section, one line that says so, and the receipt.

    Its cards search by meaning where `by_meaning` says that it can be done here.
    """
    shown = sum(len(section.shown) for section in found)
    title = f"{count_noun(shown, 'paper')} for {slot:%A} {slot.day} {slot:%B %Y}"
    blocks: list[Block] = []
    for section in found:
        blocks.append(Heading(topic_heading(section.subscription.topic)))
        blocks += [
            candidate_card(
                candidate, topics, section.lift_reasons.get(candidate.paper.id, ""), by_meaning=by_meaning
            )
            for candidate in section.shown
        ]
        if section.not_shown:
            blocks.append(Note(f"and {len(section.not_shown)} more"))
    if not found:
        blocks.append(Note("Nothing new on this channel's topics."))
    if any(section.not_shown for section in found):
        blocks.append(Buttons((Button("Show the rest", "show more"),)))
    return Message(title, (*blocks, coverage))


def topic_heading(topic: Query) -> str:
    """The topic above its papers: `Trending this week · cat:cs.CL`, or as it is written."""
    found = split_trending(topic)
    if found is None:
        return str(topic)
    window, rest = found
    named = f"Trending {window.as_phrase}"
    return f"{named} · {rest}" if rest else named


def candidate_card(
    candidate: Candidate, topics: ChannelTopics, lifted: str = "", *, by_meaning: bool = True
) -> PaperCard:
    """A matched paper with the reasons of all topics that it matched, each of which can be muted.

    `lifted` says why it stands as high as it does.
    """
    first = candidate.matches[0]
    reasons = list(first.reasons)
    for match in candidate.matches[1:]:
        reasons += [reason for reason in match.reasons if reason not in reasons]
    reasons += [lifted] if lifted else []
    paper = topics.known.with_summary(candidate.paper)
    return paper_card(
        paper, first.day, tuple(reasons), topics.mutable_clauses(candidate), by_meaning=by_meaning
    )


def paper_card(
    paper: Paper,
    announced: date | None = None,
    reasons: tuple[str, ...] = (),
    mutable: tuple[Query, ...] = (),
    *,
    by_meaning: bool = True,
) -> PaperCard:
    """A paper as it is shown anywhere; `mutable` are the clauses of the channel's topics that brought it."""
    actions = card_actions(paper.id, mutable)
    return PaperCard(
        id=str(paper.id),
        url=paper.url,
        title=paper.title,
        authors=paper.authors,
        categories=paper.categories,
        announced=announced,
        upvotes=paper.signals.upvotes,
        stars=paper.signals.stars,
        code_url=paper.code_url,
        summary=signed_summary(paper),
        reasons=reasons,
        actions=actions if by_meaning else actions_by_words(actions),
    )


def count_noun(number: int, noun: str) -> str:
    """`1 paper`, `1,200 papers`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _topic_words(topic: Query) -> list[Text]:
    """The topic's words, wherever they stand."""
    return [leaf for leaf in leaves_of(topic, positive=True) if isinstance(leaf, Word | Phrase | Prefix)]


def _topic_order(words: Sequence[Text], paper: Paper, seen: PaperView) -> tuple[float, str]:
    # A share, not a number, so that a topic of many words does not outweigh the votes.
    share = sum(text_fits(word, seen.title) for word in words) / len(words) if words else 0.0
    votes = min(paper.signals.upvotes or 0, VOTES_LIKE_A_TITLE) / VOTES_LIKE_A_TITLE
    return -(share + votes), str(paper.id)


def _cut_title(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"
