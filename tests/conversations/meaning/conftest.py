"""A Paperboy that has embedded some papers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.services.semantic import Meaning
from tests.apps import ListedSource, SetClock, an_app, batch
from tests.conversations.meaning.liars import (
    FILLER,
)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Meaning]:
    """A folder with a Paperboy that has embedded some papers, and the model that it has read."""
    folder = tmp_path_factory.mktemp("prepared")
    source = ListedSource("arxiv", batch("arxiv", "2025-10-08", FILLER))
    app = an_app(folder, SetClock("2025-10-08T18:00"), source, meaning=True)
    asyncio.run(app.make_rounds().ingest_all())
    asyncio.run(app.make_rounds().embed_papers())
    app.database.close()
    assert app.meaning is not None
    return folder, app.meaning


@pytest.fixture
def app(
    tmp_path: Path, clock: SetClock, arxiv: ListedSource, prepared: tuple[Path, Meaning]
) -> Iterator[App]:
    folder, meaning = prepared
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    app = replace(an_app(tmp_path, clock, arxiv), meaning=Meaning(meaning.embedder))
    yield app
    app.database.close()
