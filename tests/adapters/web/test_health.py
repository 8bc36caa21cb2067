from __future__ import annotations

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.web.health import health_page
from adapters.web.metrics import Metrics
from bot.delivery.delivery import DeliveryState, OutboxStatus
from bot.errors import PaperboyError, StorageError
from bot.services.stats import Figures

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def well() -> None:
    return


def ill() -> None:
    raise StorageError("The database is locked.", "Stop the other process.")


def no_metrics() -> bytes:
    return b""


def ill_metrics() -> bytes:
    ill()
    return b""


async def answer(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/{path}") as response,
    ):
        return response.status, await response.text()


async def test_a_healthy_process_says_so() -> None:
    async with health_page("127.0.0.1", 0, well, no_metrics) as port:
        assert await answer(port, "healthz") == (200, "ok\n")
        assert await answer(port, "readyz") == (200, "ok\n")


async def test_a_broken_database_is_said_and_the_process_lives() -> None:
    async with health_page("127.0.0.1", 0, ill, ill_metrics) as port:
        assert await answer(port, "healthz") == (200, "ok\n")
        for path in ("readyz", "metrics"):
            assert await answer(port, path) == (503, "The database is locked. Stop the other process.\n")


async def test_what_prometheus_reads() -> None:
    metrics = Metrics(lambda: NOW)
    metrics.count_attempt("slack", DeliveryState.SENT)
    metrics.count_tick("deliver")
    queue = OutboxStatus({DeliveryState.DEAD: 2}, NOW - timedelta(seconds=90), 3, NOW - timedelta(hours=1))
    figures = Figures(NOW, queue, {"arxiv": 2}, {"arxiv": 4})
    async with health_page("127.0.0.1", 0, well, lambda: metrics.metrics_page(figures)) as port:
        status, text = await answer(port, "metrics")

    assert status == 200
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
    assert samples == {
        ("paperboy_attempts_total", "slack", "sent"): 1,
        ("paperboy_tick_success_timestamp_seconds", "deliver"): NOW.timestamp(),
        ("paperboy_deliveries", "pending"): 0,
        ("paperboy_deliveries", "sending"): 0,
        ("paperboy_deliveries", "failed"): 0,
        ("paperboy_deliveries", "dead"): 2,
        ("paperboy_deliveries", "unknown"): 0,
        ("paperboy_queue_age_seconds",): 90,
        ("paperboy_slots_due",): 3,
        ("paperboy_slot_lag_seconds",): 3600,
        ("paperboy_batch_lag_days", "arxiv"): 2,
        ("paperboy_source_failures", "arxiv"): 4,
    }


async def test_a_port_in_use_names_the_setting() -> None:
    async with health_page("127.0.0.1", 0, well, no_metrics) as port:
        with pytest.raises(PaperboyError, match=f"127.0.0.1:{port} is in use. Set PAPERBOY_HEALTH_PORT"):
            async with health_page("127.0.0.1", port, well, no_metrics):
                raise AssertionError("two pages on one port")


async def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(PaperboyError, match="cannot be listened on"):
        async with health_page("192.0.2.1", 0, well, no_metrics):
            raise AssertionError("listens on an address of another machine")
