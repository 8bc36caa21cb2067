"""What `paperboy doctor` looks at in Slack: the tokens, the scopes and the socket, each with the mend."""

from __future__ import annotations

from collections.abc import AsyncIterator

from slack_sdk.errors import SlackApiError

from adapters.slack.faults import NETWORK, code_of
from adapters.slack.required_settings import is_asked, missing_settings
from adapters.slack.scopes import OPTIONAL, SCOPES
from adapters.slack.workspaces import web_client
from bot.services.doctor import Finding
from bot.settings import Settings

SET_UP, BOT, SCOPE, SOCKET = "slack settings", "slack bot token", "slack scopes", "slack socket"


async def examine_slack(settings: Settings) -> AsyncIterator[Finding]:
    """By real requests; a token that is not set is not looked at."""
    for name, hint in missing_settings(settings) if is_asked(settings) else ():
        yield Finding(SET_UP, ok=False, detail=f"{name} is missing. {hint}")
    if token := settings.slack_bot_token.get_secret_value():
        async for finding in _examine_bot(settings.slack_api_url, token):
            yield finding
    if token := settings.slack_app_token.get_secret_value():
        yield await _examine_socket(settings.slack_api_url, token)


async def _examine_bot(api_url: str, token: str) -> AsyncIterator[Finding]:
    try:
        told = await web_client(api_url, token, patient=True).auth_test()
    except SlackApiError as error:
        hint = "Copy SLACK_BOT_TOKEN (xoxb-…) from OAuth & Permissions; install the app again if it is new."
        yield Finding(BOT, ok=False, detail=f"Slack answers {code_of(error)}. {hint}")
        return
    except NETWORK as error:
        yield _silent_logger(BOT, error)
        return
    yield Finding(BOT, ok=True, detail=f"{told.get('user')} in {told.get('team')}")
    granted = {scope.strip() for scope in told.headers.get("x-oauth-scopes", "").split(",")}
    lacking = {scope: f"{scope} ({why})" for scope, why in SCOPES.items() if scope not in granted}
    hint = "Add them under OAuth & Permissions and install the app again."
    if lacking.keys() - OPTIONAL:
        yield Finding(SCOPE, ok=False, detail=f"missing: {'; '.join(lacking.values())}. {hint}")
    elif lacking:
        yield Finding(SCOPE, ok=True, detail=f"it can do without: {'; '.join(lacking.values())}. {hint}")
    else:
        yield Finding(SCOPE, ok=True, detail=", ".join(SCOPES))


async def _examine_socket(api_url: str, token: str) -> Finding:
    try:
        await web_client(api_url, patient=True).apps_connections_open(app_token=token)
    except SlackApiError as error:
        hint = (
            "Turn Socket Mode on, and make SLACK_APP_TOKEN (xapp-…) under Basic Information with the scope "
            "connections:write."
        )
        return Finding(SOCKET, ok=False, detail=f"Slack answers {code_of(error)}. {hint}")
    except NETWORK as error:
        return _silent_logger(SOCKET, error)
    return Finding(SOCKET, ok=True, detail="can be opened")


def _silent_logger(what: str, error: BaseException) -> Finding:
    hint = "Look at the network, and at PAPERBOY_SLACK_API_URL."
    return Finding(what, ok=False, detail=f"Slack does not answer ({type(error).__name__}). {hint}")
