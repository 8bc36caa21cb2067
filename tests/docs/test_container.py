"""The container files, read as text: no engine and no YAML parser is at hand where the tests run."""

from __future__ import annotations

import re

import pytest

from bot.settings import PREFIX, Settings
from tests.environment import ROOT


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, " ".join(rest.split())) for name, _, rest in (line.partition(" ") for line in lines)]


def final_stage() -> list[tuple[str, str]]:
    """The instructions after the last FROM."""
    every = instructions()
    return every[max(at for at, (name, _) in enumerate(every) if name == "FROM") :]


def only(name: str) -> str:
    """The one instruction of that name in the final stage."""
    (found,) = [rest for instruction, rest in final_stage() if instruction == name]
    return found


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
    environment = dict(pair.split("=", 1) for pair in only("ENV").split())

    assert environment["PAPERBOY_DATABASE_URL"] == "sqlite:////data/paperboy.db"
    assert environment["PAPERBOY_HEALTH_HOST"] == "0.0.0.0"  # noqa: S104 - inside the container
    assert (
        environment["PAPERBOY_HEALTH_PORT"]
        == only("EXPOSE")
        == str(Settings.model_fields["health_port"].default)
    )
    ours = {name.removeprefix(PREFIX).lower() for name in environment if name.startswith(PREFIX)}
    assert ours <= set(Settings.model_fields)


def test_the_health_check_asks_the_health_page() -> None:
    check = only("HEALTHCHECK")

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


@pytest.mark.parametrize(
    "lines",
    [
        "    read_only: true",
        "    tmpfs:\n      - /tmp",
        "    cap_drop:\n      - ALL",
        "    security_opt:\n      - no-new-privileges:true",
        "    volumes:\n      - data:/data",
        "    env_file:\n      - path: .env\n        required: false",
        '      test: ["CMD", "pg_isready", "--host", "127.0.0.1", "--username", "paperboy"]',
        "volumes:\n  data:",
    ],
)
def test_compose_locks_the_container_down(lines: str) -> None:
    assert f"\n{lines}\n" in (ROOT / "compose.yaml").read_text("utf-8")
