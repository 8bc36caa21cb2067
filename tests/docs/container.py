"""The container files as data."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any

from compose_spec import PyCompose, PyOptions
from dotenv import dotenv_values

from tests.environment import ROOT

COMPOSE = ROOT / "compose.yaml"
PAGE = (ROOT / "docs" / "postgresql.md").read_text("utf-8")
"""What says how to use it."""


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


def environment() -> dict[str, str]:
    """What the image sets."""
    return dict(pair.split("=", 1) for pair in only("ENV").split())


def health_check() -> list[str]:
    """The command that says whether the container is well."""
    words: list[str] = json.loads(only("HEALTHCHECK").partition(" CMD ")[2])
    return words


def composed(text: str) -> PyCompose:
    """A compose file, by its specification.

    Raises ValueError where it does not keep to it.
    """
    # Compose reads YAML's merges, which the library does only when asked to.
    found = PyOptions(apply_merge=True).from_yaml(text)
    found.validate()
    return found


def services() -> dict[str, dict[str, Any]]:
    """The services of compose.yaml by name, as they stand there."""
    found: dict[str, dict[str, Any]] = composed(COMPOSE.read_text("utf-8")).to_dict()["services"]
    return found


def env_file() -> dict[str, str]:
    """The `.env` that the page has for containers."""
    [text] = re.findall(r"^```ini\n# \.env\n(POSTGRES_PASSWORD=.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text)).items()}
