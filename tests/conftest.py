"""What tests everywhere share: the evening before a digest, and a PostgreSQL server."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apps import ListedSource, SetClock
from tests.databases import Server, serving
from tests.full import mark_full
from tests.quick_files import use_memory

_MEMORY = pytest.StashKey[Path | None]()
_OWN = re.compile(r"(PAPERBOY|SLACK|DISCORD)_")
_CONTROLS = {"PAPERBOY_REQUIRE_RECORDINGS"}
"""Variables that speak to the tests, and not to Paperboy."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the environment that of every test, before anything reads it."""
    # Compiling takes most of the start of a process: let those of the tests keep what they compile.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in [name for name in os.environ if _OWN.match(name) and name not in _CONTROLS]:
        del os.environ[name]
    # Workers have it from the process that starts them.
    config.stash[_MEMORY] = None if hasattr(config, "workerinput") else use_memory()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before pytest leaves out what `-m` does not ask for."""
    mark_full(items)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give back the memory that the files took."""
    if folder := config.stash.get(_MEMORY, None):
        shutil.rmtree(folder, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the seeds of tests that are random, also where all went well."""
    for report in itertools.chain.from_iterable(terminalreporter.stats.values()):
        for name, value in getattr(report, "user_properties", ()):
            if (name, report.when) == ("seed", "call"):
                terminalreporter.write_line(f"seed {value}: {report.nodeid}")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """The server of this test process, started when first asked for."""
    with serving() as server:
        yield server


@pytest.fixture
def clock() -> SetClock:
    """The evening before a Friday."""
    return SetClock("2025-10-09T18:00")


@pytest.fixture
def arxiv() -> ListedSource:
    """arXiv, with nothing announced yet."""
    return ListedSource("arxiv")
