"""Which tests only `make chaos` runs: the rest of a product of which `make test` has every pair.

A test has the mark `full` where a rule below says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zlib import crc32

import pytest

Params = Mapping[str, object]

ON_BOTH_ENGINES = ("test_a_team", "test_at_once.py", "test_feedback", "test_many_processes", "test_repair")
"""Conversations of which the statements are all that others ask too; `tests/storage` runs on both engines."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Tests whose id begins with `begins`, in the cases that `chosen` picks."""

    begins: str
    chosen: Callable[[str, Params], bool]


def _every(_node: str, _params: Params) -> bool:
    return True


def _on_postgresql(_node: str, params: Params) -> bool:
    return "postgresql" in params.values()


def _half(_node: str, params: Params) -> bool:
    """Half of a product, with each pair in it: engine and platform, engine and point, platform and point."""
    points = [str(value) for name, value in params.items() if name not in {"database_url", "platform"}]
    odd = ("postgresql" in params.values()) + ("discord" in params.values()) + crc32(repr(points).encode())
    return bool(points) and odd % 2 == 1


def _conversation(node: str, params: Params) -> bool:
    return _on_postgresql(node, params) and not any(name in node for name in ON_BOTH_ENGINES)


RULES = (
    # Kills and faults at random, for a minute; every crash point has a test of its own.
    Rule("tests/chaos/test_chaos.py", _every),
    Rule("tests/chaos/test_crash_points.py::test_a_crash", _half),
    Rule("tests/chaos/test_crash_points.py::test_recording", _half),
    Rule("tests/chaos/test_stopped.py", _half),
    # What is tried is the clock, and not the SQL.
    Rule("tests/chaos/test_clock_moves.py", _on_postgresql),
    Rule("tests/chaos/test_roles.py", _on_postgresql),
    Rule("tests/chaos/test_the_command.py", _half),
    # How quick something is, `make bench` says; these show that its engines agree.
    Rule("tests/test_benchmarks.py", _every),
    Rule("tests/conversations/", _conversation),
)


def mark_full(items: list[pytest.Item]) -> None:
    """Give the mark `full` to the tests of the rules."""
    for item in items:
        call = getattr(item, "callspec", None)
        params = call.params if call else {}
        if any(item.nodeid.startswith(rule.begins) and rule.chosen(item.nodeid, params) for rule in RULES):
            item.add_marker("full")
