"""`/metrics` for Prometheus: docs/operating.md explains each, docs/monitoring/ has alerts and a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from bot.delivery.delivery import DeliveryState
from bot.ports.clock import Clock
from bot.services.stats import Figures


class Metrics:
    """The metrics of one process: what it did itself, and at each look what the database says."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.registry = CollectorRegistry()
        self._attempts = Counter(
            "paperboy_attempts",
            "Attempts at deliveries, by outcome.",
            ["platform", "state"],
            registry=self.registry,
        )
        self._ticked = self._add_gauge(
            "paperboy_tick_success_timestamp_seconds", "A tick's last success.", "tick"
        )
        self._states = self._add_gauge(
            "paperboy_deliveries", "Deliveries that are not sent, by state.", "state"
        )
        self._age = self._add_gauge("paperboy_queue_age_seconds", "How long the oldest due delivery waits.")
        self._due = self._add_gauge("paperboy_slots_due", "Channels whose digest is due and not planned.")
        self._slot_lag = self._add_gauge(
            "paperboy_slot_lag_seconds", "How long the longest of them has been due."
        )
        self._batch_lag = self._add_gauge("paperboy_batch_lag_days", "Days behind the calendar.", "source")
        self._failures = self._add_gauge("paperboy_source_failures", "Failures in a row.", "source")

    def count_attempt(self, platform: str, state: DeliveryState) -> None:
        """Count an attempt at a delivery."""
        self._attempts.labels(platform, state.value).inc()

    def count_tick(self, tick: str) -> None:
        """Note that a tick went well."""
        self._ticked.labels(tick).set(self._clock().timestamp())

    def metrics_page(self, figures: Figures) -> bytes:
        """All of them, in Prometheus' text format."""
        queue = figures.queue
        counts = {state.value: queue.states.get(state, 0) for state in DeliveryState}
        del counts[DeliveryState.SENT.value]
        _set_gauge(self._states, counts)
        self._age.set(_seconds_since(queue.oldest, figures.now))
        self._due.set(queue.due)
        self._slot_lag.set(_seconds_since(queue.due_since, figures.now))
        _set_gauge(self._batch_lag, figures.batch_lag_days)
        _set_gauge(self._failures, figures.source_failures)
        return generate_latest(self.registry)

    def _add_gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, registry=self.registry)


def _set_gauge(gauge: Gauge, values: Mapping[str, int]) -> None:
    gauge.clear()
    for label, value in values.items():
        gauge.labels(label).set(value)


def _seconds_since(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
