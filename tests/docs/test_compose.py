"""compose.yaml and docs/postgresql.md, against the compose specification, the Dockerfile and the code."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from typing import Any

import pytest

from bot.bootstrap import ROLES
from bot.process import WORK, parse_roles
from bot.settings import PREFIX, Settings
from storage.engine import database_url
from tests.docs.container import COMPOSE, PAGE, composed, env_file, environment, only, services

OURS = ("paperboy", "worker")


def typed() -> list[list[str]]:
    """The commands of `docker compose` that the page and the file itself show."""
    return [shlex.split(line) for line in re.findall(r"docker compose (.+)$", PAGE, re.MULTILINE)] + [
        shlex.split(line) for line in re.findall(r"docker compose (.+)$", COMPOSE.read_text(), re.MULTILINE)
    ]


def roles(name: str) -> frozenset[str]:
    """What a service does."""
    command = services()[name].get("command", ["run"])
    assert command[0] == "run"
    return parse_roles((word for word in command[1:] if word != "--role"), ROLES)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("read_only:", "read_onyl:"),
        ("init: true", "init: perhaps"),
        ("stop_grace_period: 30s", "stop_grace_period: a while"),
        ("condition: service_healthy", "condition: service_fine"),
        ("restart: unless-stopped", "restart: sometimes"),
        ("interval: 5s", "interval: soon"),
        ("    profiles:\n", "    profile:\n"),
    ],
)
def test_it_keeps_to_the_specification_and_a_slip_would_not(good: str, bad: str) -> None:
    text = COMPOSE.read_text("utf-8")
    assert good in text
    with pytest.raises(ValueError, match=bad.rsplit(maxsplit=1)[-1].rstrip(":")):
        composed(text.replace(good, bad))
    composed(text)


def test_what_a_service_names_is_there() -> None:
    found = composed(COMPOSE.read_text("utf-8")).to_dict()
    mounted = {str(one).partition(":")[0] for it in found["services"].values() for one in it["volumes"]}
    awaited = {other for it in found["services"].values() for other in it.get("depends_on", {})}

    assert mounted == set(found["volumes"])
    assert awaited <= set(found["services"])


@pytest.mark.parametrize("name", OURS)
def test_our_containers_are_locked_down(name: str) -> None:
    service = services()[name]
    expected: dict[str, Any] = {
        "read_only": True,
        "tmpfs": ["/tmp"],  # noqa: S108 - of the container
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "env_file": [{"path": ".env", "required": False}],
        "depends_on": {"database": {"condition": "service_healthy", "required": False}},
    }

    assert {key: service[key] for key in expected} == expected
    assert "cap_add" not in service


@pytest.mark.parametrize("name", OURS)
def test_what_has_to_last_is_in_a_volume(name: str) -> None:
    [volume] = services()[name]["volumes"]
    folder = PurePosixPath(volume.partition(":")[2])
    file = database_url(environment()["PAPERBOY_DATABASE_URL"]).database

    assert str(folder) == only("VOLUME")
    assert file
    assert PurePosixPath(file).parent == folder
    # The search index is there beside PostgreSQL: in the home of the image's user.
    assert f"--home-dir {folder} " in only("RUN")


def test_one_service_answers_people_and_the_other_can_be_many() -> None:
    assert roles("paperboy") == set(ROLES)
    assert roles("worker") == set(WORK)
    assert "profiles" not in services()["paperboy"]


def test_the_commands_name_what_there_is() -> None:
    profiles = {profile for service in services().values() for profile in service.get("profiles", [])}
    words = typed()
    asked = {line[at + 1] for line in words for at, word in enumerate(line) if word == "--profile"}
    scaled = {
        line[at + 1].partition("=")[0] for line in words for at, word in enumerate(line) if word == "--scale"
    }

    assert asked == profiles
    assert scaled == {"worker"}
    assert {line[-1] for line in words if "up" in line} <= {*services(), "--detach", "worker=3"}


def test_the_env_file_of_the_page_fits_the_database() -> None:
    told, made = env_file(), services()["database"]["environment"]
    url = database_url(told[f"{PREFIX}DATABASE_URL"])

    assert url.host == "database"
    assert (url.username, url.database) == (made["POSTGRES_USER"], made["POSTGRES_DB"])
    assert url.password == told["POSTGRES_PASSWORD"]
    assert made["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:-}"  # noqa: S105 - of the reader
    # Compose reads a dollar sign as the name of a variable, and an address several others.
    assert re.fullmatch(r"[a-z0-9]+", told["POSTGRES_PASSWORD"])
    ours = {name.removeprefix(PREFIX).lower() for name in told if name.startswith(PREFIX)}
    assert ours <= set(Settings.model_fields)
