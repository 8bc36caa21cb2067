"""Which check belongs to which method of the Web API."""

from __future__ import annotations

from typing import Any

from tests.standins.slack_payloads import check_blocks, check_message, check_options, check_view


def violations_of(method: str, args: dict[str, Any]) -> list[str]:
    """What Slack would refuse in a call, in a post to a response URL, or in an acknowledgement."""
    match method:
        case "chat.postMessage" | "response_url in channel":
            return check_message(args)
        case "chat.postEphemeral" | "chat.update":
            return check_message(args, fresh=False)
        case "response_url" | "slash_commands":
            return [] if set(args) <= {"delete_original"} else check_message(args, fresh=False)
        case "views.open" | "views.update" | "views.push" | "views.publish":
            return check_view(args.get("view") or {})
        case "view_submission":
            return check_view(args["view"]) if "view" in args else []
        case "block_suggestion":
            return check_options(args)
        case "chat.unfurl":
            unfurls = (args.get("unfurls") or {}).values()
            return [problem for one in unfurls for problem in check_blocks(one.get("blocks") or [])]
        case _:
            return []
