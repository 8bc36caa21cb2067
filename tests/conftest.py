"""What tests everywhere share: the PostgreSQL server of this test process, started when first asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import Server, serving


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with serving() as server:
        yield server
