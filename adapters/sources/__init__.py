"""The sources by name. A new one is a module here and a line in `SOURCES`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from adapters.http import HttpClient
from adapters.http_rate_limits import Turns
from adapters.sources.arxiv import ArxivLookup, ArxivSource, arxiv_lane
from adapters.sources.huggingface import HuggingFaceSource
from bot.errors import SettingsError
from bot.ports.clock import Clock
from bot.ports.sources import Lookup, Source, Voters
from bot.settings import Settings

Factory = Callable[[Settings, HttpClient, Clock], Source]


def utc_now() -> datetime:
    """The clock of the wall."""
    return datetime.now(UTC)


def _make_arxiv(settings: Settings, http: HttpClient, clock: Clock) -> Source:
    if not settings.arxiv_categories:
        raise SettingsError(
            "PAPERBOY_ARXIV_CATEGORIES is empty.",
            "Name some, such as cs.CL, or take arxiv out of PAPERBOY_SOURCES.",
        )
    return ArxivSource(
        http,
        arxiv_lane(settings.arxiv_pace_seconds),
        rss_url=settings.arxiv_rss_url,
        oai_url=settings.arxiv_oai_url,
        categories=settings.arxiv_categories,
        clock=clock,
    )


def _make_huggingface(settings: Settings, http: HttpClient, clock: Clock) -> Source:
    return HuggingFaceSource(http, url=settings.huggingface_url, clock=clock)


SOURCES: Mapping[str, Factory] = {"arxiv": _make_arxiv, "huggingface": _make_huggingface}


def http_client(settings: Settings, turns: Turns | None = None) -> HttpClient:
    """The client that all sources share; with `turns` its pace is kept over all processes."""
    return HttpClient(timeout_seconds=settings.http_timeout_seconds, contact=settings.contact, turns=turns)


def make_sources(settings: Settings, http: HttpClient, clock: Clock = utc_now) -> tuple[Source, ...]:
    """The sources that the settings name, each once, in their order.

    Raises SettingsError for an unknown name, and for arxiv without categories.
    """
    names = dict.fromkeys(settings.sources)
    if unknown := [name for name in names if name not in SOURCES]:
        raise SettingsError(
            f"PAPERBOY_SOURCES: “{unknown[0]}” is not a known source.",
            f"There are: {', '.join(sorted(SOURCES))}.",
        )
    return tuple(SOURCES[name](settings, http, clock) for name in names)


def vote_sources(sources: Iterable[Source]) -> tuple[Voters, ...]:
    """Those of them that tell of votes again."""
    return tuple(source for source in sources if isinstance(source, HuggingFaceSource))


def make_lookup(settings: Settings, http: HttpClient) -> Lookup:
    """Where single papers are asked for."""
    return ArxivLookup(http, arxiv_lane(settings.arxiv_pace_seconds), api_url=settings.arxiv_api_url)
