"""What an argument can be, while it is typed: for platforms that complete words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from bot.channels.channel import Channel, Mute, Subscription
from bot.channels.schedule import DAY_NAMES, parse_days, parse_time, parse_zone, zones_like
from bot.commands.arguments import (
    MORE,
    Argument,
    clause_or_all,
    number_or_all,
    paper_or_more,
    parse_clause,
    parse_exported,
    parse_paper,
    parse_which,
    rated_or_all,
    saved_or_all,
)
from bot.commands.context import Caller
from bot.commands.model import COMMANDS
from bot.errors import UsageError
from bot.papers.paper import Paper
from bot.ports.store import Transaction
from bot.search.plan import Order, SearchPlan, plan_search
from bot.search.typed import parse_search
from bot.topics.mute_clauses import all_clauses
from bot.topics.parser import parse_query
from bot.topics.query import Not
from bot.topics.topic_text import ExportScope, read_topic, spell_topic
from bot.topics.window import Window

MOST = 25
"""As many as a person looks through; Discord shows no more."""
LOOKED_AT = 300
"""Papers whose authors and categories are suggested."""
REMEMBERED = 200
"""Papers that the channel was shown last, among which a title is looked for."""
RECENT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A `value` to write, and how it is shown."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class SuggestionScope:
    """What suggestions are taken from, each asked for where it is needed."""

    tx: Transaction
    caller: Caller
    channel: Channel | None
    """Where something is typed, if it is known."""
    today: date

    def subscriptions(self) -> Sequence[Subscription]:
        """Those of the channel."""
        return self.tx.channels.subscriptions(self.channel.id) if self.channel else ()

    def mutes(self) -> Sequence[Mute]:
        """What the channel has muted."""
        return self.tx.channels.mutes(self.channel.id) if self.channel else ()

    def shown_papers(self) -> Sequence[Paper]:
        """What digests of the channel showed last."""
        return self.tx.papers.shown_in(self.channel.id, REMEMBERED) if self.channel else ()

    def rated_papers(self) -> Sequence[Paper]:
        """What the caller has rated in the channel, the latest first."""
        every = self.tx.ratings.latest_ratings([self.channel.id]) if self.channel else {}
        mine = [one.paper for some in every.values() for one in some if one.user == self.caller.user]
        return mine[::-1]

    def saved_papers(self) -> Sequence[Paper]:
        """The caller's reading list, the latest first."""
        return self.tx.reading_lists.page_of(self.caller.reader, REMEMBERED)

    def recent_papers(self, limit: int) -> Iterator[Paper]:
        """The latest papers."""
        plan = SearchPlan(None, (), (), Order.DATE, self.today - RECENT)
        return (hit.paper for hit in self.tx.papers.find(plan, limit).hits)

    def matching_papers(self, query: str) -> Iterable[Paper]:
        """The best hits; half-typed text need not be a query."""
        try:
            return [hit.paper for hit in self.tx.papers.find(plan_search(parse_search(query)), MOST).hits]
        except UsageError:
            return ()


def suggest_values(argument: Argument, text: str, known: SuggestionScope) -> Sequence[Suggestion]:
    """At most `MOST` suggestions for what is typed so far, the best first; none where anything can be."""
    words = argument.choices or _WORDS.get(argument.parse, ())
    if words:
        return _matching_words(words, text)[:MOST]
    suggested: dict[Suggestion, None] = {}
    for one in _SUGGESTERS.get(argument.parse, _suggest_nothing)(text, known):
        suggested[one] = None
        if len(suggested) == MOST:
            break
    return list(suggested)


def _suggest_nothing(_text: str, _known: SuggestionScope) -> Iterable[Suggestion]:
    return ()


def _matching_words(words: Iterable[str], text: str) -> list[Suggestion]:
    wanted = text.strip().lower()
    return [Suggestion(word, word) for word in words if wanted in word]


def _suggest_zones(text: str, _known: SuggestionScope) -> Iterable[Suggestion]:
    return (Suggestion(name, name) for name in zones_like(text, MOST))


def _suggest_subscriptions(text: str, known: SuggestionScope) -> Iterable[Suggestion]:
    wanted = text.strip().lower()
    every = known.subscriptions()
    for sub in every:
        label = f"#{sub.id} {sub.topic}"
        if wanted in label.lower():
            yield Suggestion(label, f"#{sub.id}")
    yield from _all_of(every, wanted)


def _suggest_topics(text: str, known: SuggestionScope) -> Iterable[Suggestion]:
    """What the last word can become, then the channel's own topics."""
    before, _, last = text.rpartition(" ")
    field, colon, begun = last.partition(":")
    complete = _FIELDS.get(field.lower()) if colon else None
    for value in complete(begun.lower().lstrip('"'), known.recent_papers(LOOKED_AT)) if complete else ():
        whole = f"{before} {value}".strip()
        yield Suggestion(whole, whole)
    wanted = text.strip().lower()
    for sub in known.subscriptions():
        if wanted in str(sub.topic).lower():
            yield Suggestion(str(sub.topic), spell_topic(str(sub.topic)))


def _suggest_clauses(text: str, known: SuggestionScope) -> Iterable[Suggestion]:
    """What the channel's topics are made of, but for what is muted already."""
    wanted, muted = text.strip().lower(), {one.clause for one in known.mutes()}
    for found in (part for sub in known.subscriptions() for part in all_clauses(sub.topic)):
        if not isinstance(found, Not) and found not in muted and wanted in str(found).lower():
            yield Suggestion(str(found), spell_topic(str(found)))


def _suggest_muted(text: str, known: SuggestionScope) -> Iterable[Suggestion]:
    wanted, every = text.strip().lower(), known.mutes()
    for one in every:
        if wanted in str(one.clause).lower():
            yield Suggestion(str(one.clause), spell_topic(str(one.clause)))
    yield from _all_of(every, wanted)


def _all_of(every: Sequence[object], wanted: str) -> Iterator[Suggestion]:
    if len(every) > 1 and "all".startswith(wanted):
        yield Suggestion("all of them", "all")


def _complete_category(begun: str, papers: Iterable[Paper]) -> Iterable[str]:
    found = {category for paper in papers for category in paper.categories}
    return sorted(f"cat:{category}" for category in found if category.lower().startswith(begun))


def _complete_author(begun: str, papers: Iterable[Paper]) -> Iterable[str]:
    found = {author for paper in papers for author in paper.authors if '"' not in author}
    return sorted(f'author:"{author}"' for author in found if f" {begun}" in f" {author.lower()}")


def _complete_window(begun: str, _papers: Iterable[Paper]) -> Iterable[str]:
    return (f"trending:{window}" for window in Window if window.startswith(begun))


def _suggest_papers(text: str, known: SuggestionScope) -> Iterable[Suggestion]:
    """What the channel was shown lately, then what else is found or, where nothing is typed, new."""
    yield from _papers_named(text, known.shown_papers())
    yield from map(
        _paper_suggestion, known.matching_papers(text) if text.strip() else known.recent_papers(MOST)
    )


def _papers_or_more(text: str, known: SuggestionScope) -> Iterable[Suggestion]:
    if not text.strip():
        yield Suggestion("the rest of the latest digest", MORE)
    yield from _suggest_papers(text, known)


def _suggest_saved(text: str, known: SuggestionScope) -> Iterable[Suggestion]:
    every = known.saved_papers()
    return chain(_papers_named(text, every), _all_of(every, text.strip().lower()))


def _suggest_rated(text: str, known: SuggestionScope) -> Iterable[Suggestion]:
    every = known.rated_papers()
    return chain(_papers_named(text, every), _all_of(every, text.strip().lower()))


def _suggest_exported(text: str, known: SuggestionScope) -> Iterable[Suggestion]:
    return chain(
        _matching_words(ExportScope, text), _suggest_topics(text, known), _suggest_papers(text, known)
    )


def _papers_named(text: str, papers: Iterable[Paper]) -> Iterator[Suggestion]:
    """Those of which the title or the id has what is typed."""
    wanted = " ".join(text.lower().split())
    return (_paper_suggestion(one) for one in papers if wanted in f"{one.title} {one.id}".lower())


def _paper_suggestion(one: Paper) -> Suggestion:
    return Suggestion(one.title or str(one.id), str(one.id))


_FIELDS = {"cat": _complete_category, "author": _complete_author, "trending": _complete_window}
_WORDS: dict[Callable[[str], object], tuple[str, ...]] = {
    parse_days: ("daily", "weekdays", "weekly", "now", *DAY_NAMES),
    parse_time: tuple(f"{hour:02}:00" for hour in range(24)),
    str.lower: tuple(COMMANDS),
}
_SUGGESTERS: dict[Callable[[str], object], Callable[[str, SuggestionScope], Iterable[Suggestion]]] = {
    parse_zone: _suggest_zones,
    parse_which: _suggest_subscriptions,
    number_or_all: _suggest_subscriptions,
    parse_query: _suggest_topics,
    read_topic: _suggest_topics,
    parse_search: _suggest_topics,
    parse_clause: _suggest_clauses,
    clause_or_all: _suggest_muted,
    parse_exported: _suggest_exported,
    parse_paper: _suggest_papers,
    paper_or_more: _papers_or_more,
    rated_or_all: _suggest_rated,
    saved_or_all: _suggest_saved,
}
