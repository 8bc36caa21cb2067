"""What an argument can be, while it is typed: for platforms that complete words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.channels.channel import Subscription
from bot.channels.schedule import DAY_NAMES, parse_days, parse_time, parse_zone, zones_like
from bot.commands.arguments import MORE, Argument, number_or_all, paper_or_more, topic, which
from bot.commands.model import COMMANDS
from bot.errors import UsageError
from bot.papers.paper import Paper
from bot.papers.ports import Papers
from bot.search.plan import Order, SearchPlan, as_search
from bot.search.typed import typed
from bot.topics.parser import parse as parse_query
from bot.topics.window import Window

MOST = 25
"""As many as a person looks through; Discord shows no more."""
LOOKED_AT = 300
"""Papers whose authors and categories are suggested."""
RECENT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A `value` to write, and how it is shown."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Known:
    """What suggestions are taken from."""

    papers: Papers
    subscriptions: Sequence[Subscription]
    """Of the channel in which something is typed."""
    today: date


def suggest(argument: Argument, text: str, known: Known) -> Sequence[Suggestion]:
    """At most `MOST` suggestions for what is typed so far, the best first; none where anything can be."""
    words = argument.choices or _WORDS.get(argument.parse, ())
    if words:
        return _alike(words, text)
    found = _SUGGESTERS.get(argument.parse, _nothing)(text, known)
    return list(dict.fromkeys(found))[:MOST]


def _nothing(_text: str, _known: Known) -> Iterable[Suggestion]:
    return ()


def _alike(words: Iterable[str], text: str) -> list[Suggestion]:
    wanted = text.strip().lower()
    return [Suggestion(word, word) for word in words if wanted in word][:MOST]


def _zones(text: str, _known: Known) -> Iterable[Suggestion]:
    return (Suggestion(name, name) for name in zones_like(text, MOST))


def _subscriptions(text: str, known: Known) -> Iterable[Suggestion]:
    wanted = text.strip().lower()
    for sub in known.subscriptions:
        label = f"#{sub.id} {sub.topic}"
        if wanted in label.lower():
            yield Suggestion(label, f"#{sub.id}")
    if len(known.subscriptions) > 1 and "all".startswith(wanted):
        yield Suggestion("all of them", "all")


def _topics(text: str, known: Known) -> Iterable[Suggestion]:
    """What the last word can become, then the channel's own topics."""
    before, _, last = text.rpartition(" ")
    field, colon, begun = last.partition(":")
    complete = _FIELDS.get(field.lower()) if colon else None
    for value in complete(begun.lower().lstrip('"'), _recent(known)) if complete else ():
        whole = f"{before} {value}".strip()
        yield Suggestion(whole, whole)
    wanted = text.strip().lower()
    for sub in known.subscriptions:
        if wanted in str(sub.topic).lower():
            yield Suggestion(str(sub.topic), str(sub.topic))


def _categories(begun: str, papers: Iterable[Paper]) -> Iterable[str]:
    found = {category for paper in papers for category in paper.categories}
    return sorted(f"cat:{category}" for category in found if category.lower().startswith(begun))


def _authors(begun: str, papers: Iterable[Paper]) -> Iterable[str]:
    found = {author for paper in papers for author in paper.authors if '"' not in author}
    return sorted(f'author:"{author}"' for author in found if f" {begun}" in f" {author.lower()}")


def _windows(begun: str, _papers: Iterable[Paper]) -> Iterable[str]:
    return (f"trending:{window}" for window in Window if window.startswith(begun))


def _papers(text: str, known: Known) -> Iterable[Suggestion]:
    if not text.strip():
        yield Suggestion("the rest of the latest digest", MORE)
    for paper in _found(text, known.papers) if text.strip() else _recent(known):
        yield Suggestion(paper.title, str(paper.id))


def _recent(known: Known) -> Iterable[Paper]:
    """The latest papers."""
    plan = SearchPlan(None, (), (), Order.DATE, known.today - RECENT)
    return (hit.paper for hit in known.papers.find(plan, LOOKED_AT).hits)


def _found(query: str, papers: Papers) -> Iterable[Paper]:
    """The best hits; half-typed text need not be a query."""
    try:
        return [hit.paper for hit in papers.find(as_search(typed(query)), MOST).hits]
    except UsageError:
        return ()


_FIELDS = {"cat": _categories, "author": _authors, "trending": _windows}
_WORDS: dict[Callable[[str], object], tuple[str, ...]] = {
    parse_days: ("daily", "weekdays", "weekly", "now", *DAY_NAMES),
    parse_time: tuple(f"{hour:02}:00" for hour in range(24)),
    str.lower: tuple(COMMANDS),
}
_SUGGESTERS: dict[Callable[[str], object], Callable[[str, Known], Iterable[Suggestion]]] = {
    parse_zone: _zones,
    which: _subscriptions,
    number_or_all: _subscriptions,
    parse_query: _topics,
    topic: _topics,
    typed: _topics,
    paper_or_more: _papers,
}
