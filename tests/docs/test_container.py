"""The Dockerfile, against the code: no engine is at hand where the tests run."""

from __future__ import annotations

import re

import pytest

from bot.settings import PREFIX, Settings
from tests.docs.container import environment, health_check, instructions, only
from tests.environment import ROOT


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("FROM", "python:3.13-slim"),
        ("USER", "10001:10001"),
        ("VOLUME", "/data"),
        ("WORKDIR", "/data"),
        ("ENTRYPOINT", '["paperboy"]'),
        ("CMD", '["run"]'),
    ],
)
def test_the_image(name: str, expected: str) -> None:
    assert only(name) == expected


def test_the_image_is_built_from_the_lock_alone() -> None:
    runs = [rest for name, rest in instructions() if name == "RUN"]
    installs = [part for run in runs for part in re.split(r"\s*&&\s*", run) if " install " in part]
    pip = [part for part in installs if "/pip " in part]

    assert [("--require-hashes" in part, "--no-deps" in part) for part in pip] == [
        (True, True),
        (False, True),
    ]


def test_the_environment_of_the_image() -> None:
    told = environment()

    assert told["PAPERBOY_DATABASE_URL"] == "sqlite:////data/paperboy.db"
    assert told["PAPERBOY_HEALTH_HOST"] == "0.0.0.0"  # noqa: S104 - inside the container
    assert told["PAPERBOY_HEALTH_PORT"] == only("EXPOSE") == str(Settings.model_fields["health_port"].default)
    ours = {name.removeprefix(PREFIX).lower() for name in told if name.startswith(PREFIX)}
    assert ours <= set(Settings.model_fields)


def test_the_health_check_asks_the_health_page() -> None:
    check = " ".join(health_check())

    assert "/readyz" in check
    assert "PAPERBOY_HEALTH_PORT" in check


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    kept = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    copied = {
        path
        for name, rest in instructions()
        if name == "COPY" and not rest.startswith("--from")
        for path in rest.split()[:-1]
    }

    assert "*" in ignore
    assert copied == kept
    assert [path for path in copied if not (ROOT / path).exists()] == []
