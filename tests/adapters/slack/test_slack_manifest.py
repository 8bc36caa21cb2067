"""The manifest against the code, and against Slack's limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from typer.testing import CliRunner

from adapters.slack.app import COMMAND, SHORTCUT, make_app
from adapters.slack.manifest import EVENTS, app_manifest, as_yaml
from adapters.slack.oauth import forget_when_removed
from adapters.slack.scopes import SCOPES
from adapters.slack.workspaces import OneWorkspace, web_client
from bot.cli.main import cli
from bot.commands.model import COMMANDS
from bot.errors import UsageError
from tests.standins.slack_web_api import METHODS


def app() -> AsyncApp:
    here = "http://127.0.0.1:1/api/"
    bolt = make_app(None, web_client(here), OneWorkspace(here, "xoxb-1").authorize)  # type: ignore[arg-type]
    forget_when_removed(bolt, None)  # type: ignore[arg-type]
    return bolt


@pytest.mark.parametrize(
    "body",
    [
        *({"type": "event_callback", "event": {"type": name}} for name in EVENTS),
        {"type": "message_action", "callback_id": SHORTCUT},
        {"command": COMMAND},
    ],
)
async def test_everything_named_is_listened_to(body: dict[str, Any]) -> None:
    request = AsyncBoltRequest(body=body, mode="socket_mode")
    heard = [
        await listener.async_matches(req=request, resp=BoltResponse(status=200))
        for listener in app()._async_listeners
    ]
    assert heard.count(True) == 1


def test_the_hint_names_every_command() -> None:
    [command] = app_manifest()["features"]["slash_commands"]
    assert all(name in command["usage_hint"] for name in COMMANDS if name != "search")


def test_every_scope_is_one_that_a_method_or_an_event_needs() -> None:
    needed = {scope for method in METHODS.values() for scope in method.scopes}
    by_features = {"commands", "chat:write.public", "links:read"}

    assert set(SCOPES) <= needed | by_features
    assert app_manifest()["oauth_config"]["scopes"]["bot"] == list(SCOPES)


def test_slacks_limits() -> None:
    shown = app_manifest()
    about, features = shown["display_information"], shown["features"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert len(features["unfurl_domains"]) <= 5
    assert len(features["slash_commands"][0]["usage_hint"]) <= 1_000
    assert len(features["shortcuts"][0]["name"]) <= 24


def test_http_mode_has_its_addresses() -> None:
    assert app_manifest()["settings"]["socket_mode_enabled"] is True
    shown = app_manifest("https://papers.example.org")
    events = "https://papers.example.org/slack/events"

    assert shown["settings"]["socket_mode_enabled"] is False
    assert shown["settings"]["event_subscriptions"]["request_url"] == events
    assert shown["settings"]["interactivity"]["message_menu_options_url"] == events
    assert shown["features"]["slash_commands"][0]["url"] == events
    assert shown["oauth_config"]["redirect_urls"] == ["https://papers.example.org/slack/oauth_redirect"]


def test_yaml_reads_back() -> None:
    """A reader of the little YAML that is written: maps, lists, and JSON's scalars."""
    for address in ("", "https://papers.example.org"):
        assert read(as_yaml(app_manifest(address)).splitlines()) == app_manifest(address)


def read(lines: list[str]) -> Any:
    indent = len(lines[0]) - len(lines[0].lstrip())
    starts = [n for n, line in enumerate(lines) if line[indent] != " "]
    groups = [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    if lines[0].lstrip().startswith("- "):
        return [item(group, indent) for group in groups]
    found = {}
    for first, *rest in groups:
        name, _, scalar = first.strip().partition(":")
        found[name] = read(rest) if rest else json.loads(scalar)
    return found


def item(group: list[str], indent: int) -> Any:
    text = group[0][indent + 2 :]
    if text.startswith('"'):
        return json.loads(text)
    return read([" " * (indent + 2) + text, *group[1:]])


def test_the_command_line_prints_it() -> None:
    run = CliRunner().invoke(cli, ["slack", "manifest", "--url", "https://papers.example.org/"])

    assert run.exit_code == 0
    assert run.output == as_yaml(app_manifest("https://papers.example.org"))
    refused = CliRunner().invoke(cli, ["slack", "manifest", "--url", "http://papers.example.org"])
    assert isinstance(refused.exception, UsageError)
