"""docs/settings.md lists every setting as the code has it."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import PREFIX, Settings, environment_name
from tests.environment import ROOT

PAGE = ROOT / "docs" / "settings.md"
_ROW = re.compile(r"^\| `(?P<name>[A-Z_]+)` \| (?P<default>.*?) \| (?P<meaning>.*) \|$", re.MULTILINE)
_EXAMPLE = re.compile(r"^```ini\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)


def shown(default: object) -> str:
    """A default as one would write it into the environment."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    elif isinstance(default, tuple):
        default = ",".join(default)
    elif isinstance(default, time):
        default = default.isoformat("minutes")
    return f"`{default}`" if default != "" else "(empty)"


def test_the_table_is_the_settings() -> None:
    rows = [match.group("name", "default", "meaning") for match in _ROW.finditer(PAGE.read_text("utf-8"))]

    assert rows == [
        (environment_name(name), shown(field.default), field.description)
        for name, field in Settings.model_fields.items()
    ]


def test_the_example_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = _EXAMPLE.search(PAGE.read_text("utf-8"))
    assert example is not None
    (tmp_path / ".env").write_text(example["lines"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    named = re.findall(rf"^{PREFIX}([A-Z_]+)=", example["lines"], re.MULTILINE)
    assert named
    assert {name.lower() for name in named} == Settings().model_fields_set
