"""What Slack's refusals mean to a delivery. https://docs.slack.dev/reference/methods/chat.postMessage#errors"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import aiohttp
from slack_sdk.errors import SlackApiError

from adapters.http_headers import retry_after
from bot.errors import DeliveryError

NETWORK = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""What comes out of the client where no answer does: a request may or may not have been carried out."""

_REINSTALL = ("Slack no longer accepts Paperboy's token.", "Install the app again.")
_NOT_THERE = ("Paperboy is not in this channel.", "Invite it: /invite @Paperboy.")
PERMANENT: Mapping[str, tuple[str, str]] = {
    "account_inactive": _REINSTALL,
    "app_missing": _REINSTALL,
    "invalid_auth": _REINSTALL,
    "not_authed": _REINSTALL,
    "token_expired": _REINSTALL,
    "token_revoked": _REINSTALL,
    "team_access_not_granted": _REINSTALL,
    "org_login_required": ("Slack is migrating this workspace.", "Try again when that is done."),
    "channel_not_found": (
        "The channel does not exist, or it is private and Paperboy is not in it.",
        "Invite it: /invite @Paperboy.",
    ),
    "not_in_channel": _NOT_THERE,
    "is_archived": ("The channel is archived.", "Unarchive it, then invite Paperboy."),
    "restricted_action": ("A workspace rule prevents Paperboy from posting here.", "Ask an admin."),
    "restricted_action_read_only_channel": ("Only some people may post in this channel.", "Ask an admin."),
    "missing_scope": (
        "The app lacks a permission in Slack.",
        "`paperboy doctor` names it; add it and install the app again.",
    ),
    "no_permission": ("The app lacks a permission in Slack.", "`paperboy doctor` says more."),
    "user_not_found": ("Slack does not know this user.", ""),
    "messages_tab_disabled": ("The app's Messages tab is off.", "Turn it on in the app's settings."),
}

_SLOWER_SECONDS = 30.0
"""The wait of one who is asked to slow down and is told no time."""


def refusal_error(error: SlackApiError) -> DeliveryError:
    """A delivery's view of an answer that is not `ok`: everything unknown is worth another try."""
    status, headers, code = _answer_of(error)
    if code in PERMANENT:
        problem, hint = PERMANENT[code]
        return DeliveryError(f"{problem} ({code})", hint, permanent=True)
    wait = retry_after(headers.get("retry-after", ""), datetime.now(UTC))
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        wait = _SLOWER_SECONDS if wait is None else wait
        return DeliveryError("Slack is rate limiting Paperboy.", permanent=False, retry_after=wait)
    return DeliveryError(f"Slack answered {code or status}.", permanent=False, retry_after=wait)


def is_uncertain(error: SlackApiError) -> bool:
    """Whether the request may have been carried out all the same: an answer from before or behind Slack."""
    status, _, code = _answer_of(error)
    is_no_answer = status == 200 and not code
    return is_no_answer or status >= 500 or code in {"internal_error", "fatal_error", "request_timeout"}


def code_of(error: SlackApiError) -> str:
    """Slack's name of the refusal, or ""."""
    return _answer_of(error)[2]


def _answer_of(error: SlackApiError) -> tuple[int, dict[str, str], str]:
    """Status, headers and code; the client hands over aiohttp's own response where the body is no JSON."""
    answer = error.response
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0))
    headers = {str(name).lower(): str(value) for name, value in getattr(answer, "headers", {}).items()}
    data = getattr(answer, "data", None)
    return status, headers, str(data.get("error", "")) if isinstance(data, dict) else ""
