"""What tests everywhere share: the evening before a digest, and a PostgreSQL server."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

from tests.apps import ListedSource, SetClock
from tests.databases import Server, serving


def pytest_configure() -> None:
    """Let the processes of the tests keep what they compile: compiling takes most of the start of each."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


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
