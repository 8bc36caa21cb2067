"""The commands. A dataclass is a command's specification: its fields, types, help and defaults make the text
usage, the help page and a platform's native options, so that every door gives equal commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, ClassVar, TypeAlias, get_args

from bot.channels.permissions import Policy
from bot.channels.schedule import Days, parse_days, parse_time, parse_until, parse_zone
from bot.commands.arguments import (
    ALL,
    Anew,
    Argument,
    Shape,
    Which,
    Whole,
    choice_of,
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
from bot.messages.blocks import Layout
from bot.papers.identity import PaperId
from bot.search.export import ExportFormat
from bot.search.plan import Order
from bot.search.typed import TypedSearch, parse_search
from bot.topics.parser import parse_query
from bot.topics.query import Query
from bot.topics.strictness import Strictness
from bot.topics.topic_text import ExportScope, read_topic
from bot.topics.window import Window

_DAYS = Argument(
    "On which days: daily, weekdays, weekly, days such as mon,thu or tue-fri, or now for at once",
    parse_days,
    Shape.OPTION,
    "days",
)
_AT = Argument("The local time of this channel's digest", parse_time, Shape.OPTION, "time")
_UNTIL = Argument(
    "When it resumes by itself: a date or a duration, such as 2026-12-01, 3d or 2w",
    parse_until,
    Shape.OPTION,
    "day",
)
_ZONE = Argument("This channel's time zone", parse_zone, Shape.OPTION, "zone")
_LIMIT = Argument("The most papers a digest shows", Whole(1, 100), Shape.OPTION, "number")
_LAYOUT = Argument(
    "How digests look: full, compact with the details in a thread, or each a post of a forum",
    choice_of(Layout),
    Shape.OPTION,
    "layout",
    tuple(Layout),
)
_POLICY = Argument(
    "Who may subscribe channels and change other people's subscriptions; set by admins",
    choice_of(Policy),
    Shape.OPTION,
    "policy",
    tuple(Policy),
)
_STRICTNESS = Argument(
    "How closely papers must match the meaning of the topic",
    choice_of(Strictness),
    Shape.OPTION,
    "strictness",
    tuple(Strictness),
)
_SORT = Argument("What comes first", choice_of(Order), Shape.OPTION, "order", tuple(Order))
_PAGE = Argument("Which page", Whole(1, 1000), Shape.OPTION, "number")
_TOPIC = Argument("What the papers are about", parse_query, placeholder="topic")
_SUBSCRIBED = Argument("What the papers are about, or trending", read_topic, placeholder="topic")
_CLAUSE = Argument('A part of a topic, such as author:"Owain Evans"', parse_clause, placeholder="clause")
_PAPER = Argument("Its id or address", parse_paper, placeholder="paper")
_SAVED = Argument("Its id or address, or all", saved_or_all, placeholder="paper|all")
_RATED = Argument("Its id or address, or all", rated_or_all, placeholder="paper|all")
_NUMBER = Argument("The number of a subscription, or all", number_or_all, placeholder="number")


@dataclass(frozen=True, slots=True)
class Search:
    """Search the stored papers."""

    query: Annotated[
        TypedSearch, Argument("Words, phrases and filters, or a question", parse_search, placeholder="query")
    ]
    sort: Annotated[Order, _SORT] = Order.RELEVANCE
    page: Annotated[int, _PAGE] = 1


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Get new papers on a topic in this channel's digest."""

    topic: Annotated[Query, _SUBSCRIBED]
    days: Annotated[Days | None, _DAYS] = None
    at: Annotated[time | None, _AT] = None
    tz: Annotated[str | None, _ZONE] = None
    strictness: Annotated[Strictness | None, _STRICTNESS] = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Remove a subscription from this channel."""

    which: Annotated[
        Which, Argument("Its number, its topic, or all", parse_which, placeholder="number|topic|all")
    ]


@dataclass(frozen=True, slots=True)
class List:
    """Show this channel's subscriptions and when its next digest is due."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Show what a topic would have matched; without a topic, preview this channel's next digest."""

    topic: Annotated[Query | None, _SUBSCRIBED] = None
    strictness: Annotated[Strictness | None, _STRICTNESS] = None


@dataclass(frozen=True, slots=True)
class Trending:
    """Show the papers people are voting for."""

    window: Annotated[
        Window, Argument("Announced within", choice_of(Window), Shape.CHOICE, "window", tuple(Window))
    ] = Window.WEEK
    topic: Annotated[Query | None, _TOPIC] = None


@dataclass(frozen=True, slots=True)
class Show:
    """Show one paper, or the rest of the latest digest."""

    paper: Annotated[
        PaperId | None,
        Argument("The id or address of a paper, or “more”", paper_or_more, placeholder="paper|more"),
    ]


@dataclass(frozen=True, slots=True)
class Save:
    """Save a paper to your reading list."""

    paper: Annotated[PaperId, _PAPER]


@dataclass(frozen=True, slots=True)
class Saved:
    """Show your reading list; only you can see it."""

    page: Annotated[int, _PAGE] = 1


@dataclass(frozen=True, slots=True)
class Unsave:
    """Remove a paper from your reading list."""

    paper: Annotated[PaperId | None, _SAVED]


@dataclass(frozen=True, slots=True)
class Like:
    """👍: rank papers like this higher in this channel's digests."""

    paper: Annotated[PaperId, _PAPER]


@dataclass(frozen=True, slots=True)
class Dislike:
    """👎: rank papers like this lower in this channel's digests."""

    paper: Annotated[PaperId, _PAPER]


@dataclass(frozen=True, slots=True)
class Unlike:
    """Remove your 👍 or 👎 from a paper."""

    paper: Annotated[PaperId | None, _RATED]


@dataclass(frozen=True, slots=True)
class Feedback:
    """Show what this channel's 👍 and 👎 have taught Paperboy, or reset them."""

    action: Annotated[
        Anew | None,
        Argument("To forget all of them", choice_of(Anew), Shape.CHOICE, "action", tuple(Anew)),
    ] = None


@dataclass(frozen=True, slots=True)
class Export:
    """Export your reading list, the latest digest or a topic as BibTeX, RIS, CSV or JSON Lines."""

    format: Annotated[
        ExportFormat,
        Argument("As what", choice_of(ExportFormat), Shape.CHOICE, "format", tuple(ExportFormat)),
    ] = ExportFormat.BIBTEX
    what: Annotated[
        ExportScope | PaperId | Query,
        Argument("saved, digest, a paper, or a topic", parse_exported, placeholder="saved|digest|topic"),
    ] = ExportScope.SAVED
    page: Annotated[int, _PAGE] = 1


@dataclass(frozen=True, slots=True)
class Mute:
    """Leave out papers that only this part of a topic matches; without a clause, list what is muted."""

    clause: Annotated[Query | None, _CLAUSE] = None


@dataclass(frozen=True, slots=True)
class Unmute:
    """Stop muting a clause."""

    clause: Annotated[Query | None, Argument("The clause, or all", clause_or_all, placeholder="clause|all")]


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause this channel's digest or one subscription; matches are kept."""

    which: Annotated[Which, _NUMBER] = ALL
    until: Annotated[date | timedelta | None, _UNTIL] = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Resume after a pause."""

    which: Annotated[Which, _NUMBER] = ALL


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """Show or change when this channel's digest is posted, how it looks and who may change it."""

    WORD: ClassVar = "settings"

    at: Annotated[time | None, _AT] = None
    tz: Annotated[str | None, _ZONE] = None
    limit: Annotated[int | None, _LIMIT] = None
    layout: Annotated[Layout | None, _LAYOUT] = None
    policy: Annotated[Policy | None, _POLICY] = None


@dataclass(frozen=True, slots=True)
class Help:
    """List the commands, or explain one of them."""

    command: Annotated[str | None, Argument("Which command", str.lower, Shape.CHOICE, "command")] = None


Command: TypeAlias = (
    Search
    | Subscribe
    | Unsubscribe
    | List
    | Preview
    | Trending
    | Show
    | Save
    | Saved
    | Unsave
    | Like
    | Dislike
    | Unlike
    | Feedback
    | Export
    | Mute
    | Unmute
    | Pause
    | Resume
    | ChannelSettings
    | Help
)


def word_of(kind: type[Command]) -> str:
    """The word that a command begins with: its class's name, or its `WORD` where that reads better."""
    return str(getattr(kind, "WORD", kind.__name__.lower()))


COMMANDS: Mapping[str, type[Command]] = {word_of(kind): kind for kind in get_args(Command)}
"""Every command by its word, in the order in which help lists them."""
