"""The settings of summaries are set together, and the key stays hidden."""

from __future__ import annotations

import pytest

from bot.errors import SettingsError
from bot.settings import load

URL = {"PAPERBOY_SUMMARY_URL": "http://127.0.0.1:8000/v1"}
MODEL = {"PAPERBOY_SUMMARY_MODEL": "small-1"}
KEY = {"PAPERBOY_SUMMARY_KEY": "s3cret"}
TOGETHER = "PAPERBOY_SUMMARY_MODEL: set it together with PAPERBOY_SUMMARY_URL, or neither of them"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (URL, TOGETHER),
        (MODEL, TOGETHER),
        (KEY, "PAPERBOY_SUMMARY_KEY: it is the key of PAPERBOY_SUMMARY_URL, which is not set"),
        (
            {"PAPERBOY_SUMMARY_URL": "127.0.0.1:8000"} | MODEL,
            "PAPERBOY_SUMMARY_URL: an endpoint's address begins with http:// or https://",
        ),
    ],
)
def test_half_of_them_is_said_in_one_line(
    told: dict[str, str], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value) == problem


def test_all_of_them_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (URL | MODEL | KEY).items():
        monkeypatch.setenv(name, value)
    made = load()
    assert (made.summary_url, made.summary_model) == (URL["PAPERBOY_SUMMARY_URL"], "small-1")
    assert made.summary_key.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(made)
