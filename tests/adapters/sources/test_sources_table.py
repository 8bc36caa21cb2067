"""The table of sources."""

from __future__ import annotations

import pytest

from adapters.sources import SOURCES, http_client, make_sources, utc_now
from bot.errors import SettingsError
from bot.settings import Settings
from tests.recorded import needs_recordings
from tests.standins.sources import standin_in_thread


def test_each_source_is_called_as_in_the_table() -> None:
    settings = Settings(_env_file=None, sources=tuple(SOURCES))
    made = make_sources(settings, http_client(settings))
    assert [source.name for source in made] == list(SOURCES)


def test_a_source_named_twice_is_made_once() -> None:
    settings = Settings(_env_file=None, sources=("huggingface", "arxiv", "huggingface"))
    assert [source.name for source in make_sources(settings, http_client(settings))] == [
        "huggingface",
        "arxiv",
    ]


def test_an_unknown_source_lists_the_known() -> None:
    settings = Settings(_env_file=None, sources=("arxiv", "arvix"))
    with pytest.raises(SettingsError) as caught:
        make_sources(settings, http_client(settings))
    assert (
        str(caught.value) == "PAPERBOY_SOURCES: “arvix” is not a known source. There are: arxiv, huggingface."
    )


def test_arxiv_needs_a_category() -> None:
    settings = Settings(_env_file=None, sources=("arxiv",), arxiv_categories=())
    with pytest.raises(SettingsError) as caught:
        make_sources(settings, http_client(settings))
    assert str(caught.value) == (
        "PAPERBOY_ARXIV_CATEGORIES is empty. Name some, such as cs.CL, or take arxiv out of PAPERBOY_SOURCES."
    )
    make_sources(settings.model_copy(update={"sources": ("huggingface",)}), http_client(settings))


@needs_recordings
async def test_the_settings_lead_to_the_stand_in() -> None:
    with standin_in_thread() as standin:
        settings = standin.settings(sources=("arxiv",), arxiv_categories=("cs.CL",))
        async with http_client(settings) as http:
            (source,) = make_sources(settings, http, utc_now)
            (batch,) = [batch async for batch in source.fetch()]
    assert batch.complete
