"""Which settings of Slack belong together."""

from __future__ import annotations

from bot.settings import Settings


def is_asked(settings: Settings) -> bool:
    """Whether any setting asks for Slack."""
    tokens = (settings.slack_bot_token, settings.slack_app_token)
    return any(tokens) or bool(settings.slack_client_id or settings.slack_port)


def missing_settings(settings: Settings) -> list[tuple[str, str]]:
    """The settings that the chosen way of serving Slack lacks, each with the mend."""
    by_oauth = "Installs over OAuth need it; leave SLACK_CLIENT_ID out to serve one workspace."
    by_http = "HTTP mode needs it; leave PAPERBOY_SLACK_PORT out for Socket Mode."
    by_socket = "Socket Mode needs it; set PAPERBOY_SLACK_PORT for HTTP mode."
    if settings.slack_client_id:
        needs = {
            "SLACK_CLIENT_SECRET": (settings.slack_client_secret, by_oauth),
            "PAPERBOY_SLACK_PORT": (settings.slack_port, by_oauth),
            "SLACK_SIGNING_SECRET": (settings.slack_signing_secret, by_oauth),
            "PAPERBOY_SECRET_KEYS": (settings.secret_keys, by_oauth),
        }
    elif settings.slack_port:
        needs = {
            "SLACK_BOT_TOKEN": (settings.slack_bot_token, by_http),
            "SLACK_SIGNING_SECRET": (settings.slack_signing_secret, by_http),
        }
    else:
        needs = {
            "SLACK_BOT_TOKEN": (settings.slack_bot_token, by_socket),
            "SLACK_APP_TOKEN": (settings.slack_app_token, by_socket),
        }
    return [(name, hint) for name, (value, hint) in needs.items() if not value]
