"""Answering at a `response_url`: five times in 30 minutes, ephemeral unless said otherwise."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.faults import NETWORK, code_of
from adapters.slack.render import render_message
from adapters.slack.splitting import SlackMessage
from adapters.slack.workspaces import TIMEOUT_SECONDS, logger
from bot.messages.blocks import Message, Note

MOST = 5

log = structlog.get_logger()


async def send_reply(
    url: str, parts: Sequence[SlackMessage], *, in_channel: bool = False, replace: bool = False
) -> None:
    """Send an answer; with `replace` its first part takes the place of the message that was acted on."""
    client = AsyncWebhookClient(url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=logger())
    for number, part in enumerate(fit_reply(parts)):
        body = part.payload() | {
            "response_type": "in_channel" if in_channel else "ephemeral",
            "replace_original": replace and number == 0,
        }
        try:
            answer = await client.send_dict(body)
        except (SlackApiError, *NETWORK) as error:
            log.warning("answer not delivered", problem=type(error).__name__)
            return
        if answer.status_code != 200:
            log.warning("answer not delivered", status=answer.status_code, problem=answer.body[:100])
            return


def fit_reply(parts: Sequence[SlackMessage]) -> list[SlackMessage]:
    """As many parts as one URL takes; where there are more, the last says so."""
    if len(parts) <= MOST:
        return list(parts)
    left = len(parts) - MOST + 1
    rest = Message("", (Note(f"{left} more messages did not fit in one answer. Narrow your search."),))
    return [*parts[: MOST - 1], *render_message(rest)]


async def quietly(call: Awaitable[object]) -> bool:
    """Whether it could be done; a refusal is logged by its name, without what was sent."""
    try:
        await call
    except SlackApiError as error:
        log.warning("Slack refused", problem=code_of(error))
    except NETWORK as error:
        log.warning("Slack did not answer", problem=type(error).__name__)
    else:
        return True
    return False
