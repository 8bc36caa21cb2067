"""Alerts, dashboard and documentation name the metrics that there are, and all of them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import promql_parser
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.web.metrics import Metrics
from bot.bootstrap import ROLES
from bot.delivery.delivery import DeliveryState, OutboxStatus
from bot.services.stats import Figures
from tests.environment import ROOT

DOCS = ROOT / "docs"
_NAME = re.compile(r"\bpaperboy_[a-z_]+\b")


def metric_names() -> set[str]:
    """What Prometheus is given, by the names under which it is asked for."""
    metrics = Metrics(lambda: datetime(2026, 11, 23, tzinfo=UTC))
    return {
        family.name + ("_total" if family.type == "counter" else "") for family in metrics.registry.collect()
    }


@pytest.mark.parametrize("page", ["operating.md", "monitoring/alerts.yaml", "monitoring/dashboard.json"])
def test_the_metrics_named_are_those_that_there_are(page: str) -> None:
    assert set(_NAME.findall((DOCS / page).read_text("utf-8"))) == metric_names()


def expressions() -> list[str]:
    """All that Prometheus is asked."""
    board = json.loads((DOCS / "monitoring/dashboard.json").read_text("utf-8"))
    rules = (DOCS / "monitoring/alerts.yaml").read_text("utf-8")
    shown = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return [*re.findall(r"^ +expr: (.+)$", rules, re.MULTILINE), *shown]


def test_there_is_an_expression_for_every_alert() -> None:
    rules = (DOCS / "monitoring/alerts.yaml").read_text("utf-8")

    assert rules.count("- alert: ") == rules.count(" expr: ") == rules.count(" severity: ") > 0
    assert rules.count("- alert: ") < len(expressions())


@pytest.mark.parametrize("expression", expressions())
def test_what_prometheus_is_asked_can_be_read_by_it(expression: str) -> None:
    """By Prometheus's own grammar, which also knows the functions and the types of their arguments."""
    promql_parser.parse(expression)


def labels_shown() -> dict[str, set[str]]:
    """The labels of each metric, by its name, on a page that has them all."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    metrics = Metrics(lambda: now)
    metrics.count_attempt("slack", DeliveryState.SENT)
    metrics.count_tick("plan")
    page = metrics.metrics_page(
        Figures(now, OutboxStatus({}, None, 0, None), {"arxiv": 0}, {"arxiv": 0})
    ).decode()
    families = text_string_to_metric_families(page)
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


@pytest.mark.parametrize("expression", expressions())
def test_the_labels_asked_for_are_those_of_the_metrics(expression: str) -> None:
    shown = labels_shown()
    grouped = {
        label.strip() for some in re.findall(r"by \(([^)]+)\)", expression) for label in some.split(",")
    }
    asked = grouped | set(re.findall(r"[{,](\w+)(?:!=|=~|!~|=)", expression))
    named = _NAME.findall(expression)

    assert named
    assert asked <= set.intersection(*(shown[name] for name in named))


def test_the_labels_that_an_alert_tells_are_left_by_its_expression() -> None:
    rules = (DOCS / "monitoring/alerts.yaml").read_text("utf-8").split("- alert: ")[1:]

    for rule in rules:
        told = set(re.findall(r"\$labels\.(\w+)", rule))
        assert all(re.search(rf"by \({label}\)", rule) for label in told), rule


def test_the_states_and_ticks_named_exist() -> None:
    text = (DOCS / "monitoring/alerts.yaml").read_text("utf-8")
    named = {state for found in re.findall(r'state[=!]~?"([a-z|]+)"', text) for state in found.split("|")}

    assert named <= {state.value for state in DeliveryState}
    assert re.findall(r'tick!="(\w+)"', text) == ["tidy"]


def test_the_dashboard_can_be_read() -> None:
    board = json.loads((DOCS / "monitoring/dashboard.json").read_text("utf-8"))

    assert all(panel["targets"] and panel["title"] for panel in board["panels"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_every_role_and_state_is_explained() -> None:
    text = (DOCS / "operating.md").read_text("utf-8")

    assert [role for role in ROLES if f"`{role}`" not in text] == []
    unsent = [state for state in DeliveryState if state is not DeliveryState.SENT]
    assert [state for state in unsent if f"\n| `{state}` |" not in text] == []
