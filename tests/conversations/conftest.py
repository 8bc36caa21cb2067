"""Conversations on both kinds of database, and an app of one source on the evening of 9 October."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import App
from tests.apps import ListedSource, SetClock, an_app
from tests.databases import ENGINES, new_database, put_in


@pytest.fixture(params=ENGINES)
def each_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Lets `an_app` in `tmp_path` keep everything in a database of each kind, which it names."""
    with new_database(request.param, request, tmp_path) as url:
        put_in(tmp_path, url)
        yield request.param


@pytest.fixture
def source(arxiv: ListedSource) -> ListedSource:
    """The only source of `app`."""
    return arxiv


@pytest.fixture
def app(tmp_path: Path, clock: SetClock, source: ListedSource) -> Iterator[App]:
    app = an_app(tmp_path, clock, source)
    yield app
    app.database.close()
