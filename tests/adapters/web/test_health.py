from __future__ import annotations

import aiohttp
import pytest

from adapters.web.health import health_page
from bot.errors import PaperboyError, StorageError


def well() -> None:
    return


def ill() -> None:
    raise StorageError("The database is locked.", "Stop the other process.")


async def answer(port: int) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/healthz") as response,
    ):
        return response.status, await response.text()


async def test_a_healthy_process_says_so() -> None:
    async with health_page("127.0.0.1", 0, well) as port:
        assert await answer(port) == (200, "ok\n")


async def test_a_broken_database_is_said() -> None:
    async with health_page("127.0.0.1", 0, ill) as port:
        assert await answer(port) == (503, "The database is locked. Stop the other process.\n")


async def test_a_port_in_use_names_the_setting() -> None:
    async with health_page("127.0.0.1", 0, well) as port:
        with pytest.raises(PaperboyError, match=f"127.0.0.1:{port} is in use. Set PAPERBOY_HEALTH_PORT"):
            async with health_page("127.0.0.1", port, well):
                raise AssertionError("two pages on one port")


async def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(PaperboyError, match="cannot be listened on"):
        async with health_page("192.0.2.1", 0, well):
            raise AssertionError("listens on an address of another machine")
