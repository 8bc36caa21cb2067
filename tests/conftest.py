"""What tests everywhere share: the PostgreSQL server of this test process, started when first asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.databases import Server, serving


def pytest_configure() -> None:
    """Let the processes of the tests keep what they compile: compiling takes most of the start of each."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with serving() as server:
        yield server
