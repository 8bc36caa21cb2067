"""The app's manifest, made from what the code answers to. https://docs.slack.dev/reference/app-manifest"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from adapters.slack.app import COMMAND, SHORTCUT
from adapters.slack.scopes import SCOPES
from adapters.slack.unfurl import DOMAINS
from bot.commands.model import COMMANDS

HINT = 1_000
EVENTS = ("app_home_opened", "app_uninstalled", "link_shared", "member_joined_channel", "tokens_revoked")


def app_manifest(address: str = "") -> dict[str, Any]:
    """The manifest for Socket Mode, or with an `address` (`https://papers.example.org`) for HTTP mode."""
    events = {"request_url": f"{address}/slack/events"} if address else {}
    command = {
        "command": COMMAND,
        "description": "Search research papers, and subscribe this channel to topics",
        "usage_hint": f"<words> or {', '.join(name for name in COMMANDS if name != 'search')}"[:HINT],
        "should_escape": False,
    }
    oauth: dict[str, Any] = {"scopes": {"bot": list(SCOPES)}}
    if address:
        command["url"] = f"{address}/slack/events"
        oauth["redirect_urls"] = [f"{address}/slack/oauth_redirect"]
    return {
        "display_information": {
            "name": "Paperboy",
            "description": "New research papers in your channels: nothing missed silently, none twice",
        },
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True}
            | {"messages_tab_read_only_enabled": True},
            "bot_user": {"display_name": "Paperboy", "always_online": True},
            "shortcuts": [
                {
                    "name": "Find related papers",
                    "type": "message",
                    "callback_id": SHORTCUT,
                    "description": "Papers on what a message is about",
                }
            ],
            "slash_commands": [command],
            "unfurl_domains": list(DOMAINS),
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": events | {"bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True} | events | _menu_items(address),
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }


def _menu_items(address: str) -> dict[str, str]:
    return {"message_menu_options_url": f"{address}/slack/events"} if address else {}


def as_yaml(value: dict[str, Any]) -> str:
    """The manifest as YAML; every string is quoted as JSON does, which YAML reads the same."""
    return "\n".join(_yaml_lines(value)) + "\n"


def _yaml_lines(value: Any, indent: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inside in value.items():
            if isinstance(inside, dict | list):
                yield f"{indent}{name}:"
                yield from _yaml_lines(inside, indent + "  ")
            else:
                yield f"{indent}{name}: {json.dumps(inside, ensure_ascii=False)}"
    else:
        for inside in value:
            if isinstance(inside, dict):
                first, *rest = _yaml_lines(inside, indent + "  ")
                yield f"{indent}- {first.lstrip()}"
                yield from rest
            else:
                yield f"{indent}- {json.dumps(inside, ensure_ascii=False)}"
