from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs

SECRETS = [
    "xoxb-" + "1234-5678-abcdefghij",
    "xapp-" + "1-A0-1-abcdef",
    "M" + "a" * 23 + "." + "b" * 6 + "." + "c" * 27,
]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_reaches_the_log(secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_logs("info", "json")
    log = structlog.get_logger("bot.somewhere")

    text = f"posting with {secret}"
    log.info(text, bot_token="abc", nested={"password": "abc", "list": [secret]})  # noqa: S106 - made up
    log.info("failed", error=ValueError(secret))
    log.info("crashed", exc_info=ValueError(secret))
    logging.getLogger("some.library").warning("body %s", secret)

    written = capsys.readouterr().err
    assert secret not in written
    assert "abc" not in written.replace("abcdef", "")
    assert written.count(logs.HIDDEN) >= 6
    assert all(json.loads(line)["level"] for line in written.splitlines())


def test_passwords_in_addresses_are_hidden() -> None:
    assert logs.hide_secrets("postgresql://me:hunter2@db/papers") == "postgresql://***@db/papers"
    assert logs.hide_secrets(("Bearer abc.def", 3)) == ["Bearer ***", 3]


def test_the_console_form_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_logs("warning", "console")

    structlog.get_logger().info("unheard")
    structlog.get_logger().warning("heard", channel="terminal:local")

    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert "channel=terminal:local" in written
