"""Every setting, read once from the environment and `.env` into one frozen object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Annotated, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.channels.schedule import parse_time, parse_zone
from bot.errors import SettingsError, UsageError
from bot.papers.text import clean_line

PREFIX = "PAPERBOY_"
SHORTEST_KEPT_DAYS = 60
LONGEST_KEPT_DAYS = 36_500
"""A day that is farther back may be none of the calendar."""

T = TypeVar("T")

Names = Annotated[tuple[str, ...], NoDecode]
"""Comma-separated in the environment."""
Numbers = Annotated[tuple[int, ...], NoDecode]
"""As `Names`, of whole numbers."""
Secrets = Annotated[tuple[SecretStr, ...], NoDecode]
"""As `Names`, and hidden."""


class Settings(BaseSettings):
    """The settings. In the environment a field is its alias, else `PAPERBOY_` and the field in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    # A server's URL holds a password.
    database_url: str = Field("sqlite:///paperboy.db", repr=False, description="Where everything is kept.")
    search_folder: str = Field(
        "",
        description="Where the search index and the file of vectors are kept: "
        "beside the database's file, or in `~/.cache`.",
    )
    timezone: str = Field("UTC", description="The time zone of a channel that has not chosen one.")
    digest_at: time = Field(time(9), description="The local time of a channel's digest until it chooses one.")
    digest_limit: int = Field(20, ge=1, le=100, description="The most papers a digest shows.")
    batch_wait_minutes: int = Field(
        180,
        ge=0,
        le=1440,
        description="How long a digest waits for a late batch before it is posted without it.",
    )
    ingest_minutes: int = Field(30, ge=5, le=1440, description="How often `paperboy run` polls the sources.")
    sources: Names = Field(("arxiv", "huggingface"), description="Which sources to use.")
    arxiv_categories: Names = Field(
        ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "stat.ML"), description="The arXiv categories to follow."
    )
    arxiv_rss_url: str = Field("https://rss.arxiv.org", description="arXiv's announcement feeds.")
    arxiv_api_url: str = Field("https://export.arxiv.org/api/query", description="arXiv's query API.")
    arxiv_oai_url: str = Field("https://oaipmh.arxiv.org/oai", description="arXiv's OAI-PMH, for back-fill.")
    arxiv_pace_seconds: float = Field(3.0, ge=0, description="Seconds between two requests to arXiv.")
    huggingface_url: str = Field("https://huggingface.co", description="Hugging Face's site and API.")
    http_timeout_seconds: float = Field(60.0, gt=0, description="How long one request may take.")
    meaning: bool = Field(
        default=True,
        description="Whether papers are embedded, for search and topics by meaning; it takes 250 MB.",
    )
    summary_url: str = Field(
        "",
        description="An OpenAI-compatible endpoint that summarises papers, such as `http://127.0.0.1:8000/v1`.",
    )
    summary_model: str = Field("", description="The model to use there.")
    summary_key: SecretStr = Field(
        SecretStr(""), description="The API key of that endpoint, if it needs one."
    )
    contact: str = Field("", description="An e-mail address that sources may write to, sent as User-Agent.")
    slack_bot_token: SecretStr = Field(
        SecretStr(""),
        validation_alias="SLACK_BOT_TOKEN",
        description="Slack's bot token, `xoxb-…`; with it and the app token Slack is served.",
    )
    slack_app_token: SecretStr = Field(
        SecretStr(""),
        validation_alias="SLACK_APP_TOKEN",
        description="Slack's app-level token, `xapp-…`, for Socket Mode.",
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias="SLACK_SIGNING_SECRET",
        description="Slack's signing secret, for HTTP mode.",
    )
    slack_client_id: str = Field(
        "", validation_alias="SLACK_CLIENT_ID", description="Slack's client id, for installs by OAuth."
    )
    slack_client_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias="SLACK_CLIENT_SECRET",
        description="Slack's client secret, for installs by OAuth.",
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API.")
    slack_host: str = Field("127.0.0.1", description="Where Slack's HTTP mode listens.")
    slack_port: int = Field(0, ge=0, le=65535, description="Its port; 0 turns it off.")
    discord_token: SecretStr = Field(
        SecretStr(""),
        validation_alias="DISCORD_TOKEN",
        description="Discord's bot token; with it Discord is served.",
    )
    discord_api_url: str = Field(
        "https://discord.com/api/v10", description="Discord's API, which also names the gateway."
    )
    discord_style: Literal["components", "embeds"] = Field(
        "components", description="How messages look on Discord: components, or classic embeds."
    )
    discord_shard_ids: Numbers = Field(
        (), description="The shards that this process serves; none for all of them."
    )
    discord_shard_count: int = Field(
        0, ge=0, description="The total number of shards over all processes; 0 lets Discord choose."
    )
    secret_keys: Secrets = Field(
        (), description="Fernet keys that encrypt the tokens of installed workspaces; the first encrypts."
    )
    keep_deliveries_days: int = Field(
        90,
        ge=0,
        le=LONGEST_KEPT_DAYS,
        description="How many days posted messages are kept; 0 keeps them forever.",
    )
    keep_papers_days: int = Field(
        0,
        ge=0,
        le=LONGEST_KEPT_DAYS,
        description="How many days papers that matched nothing are kept; 0 keeps them forever.",
    )
    keep_matches_days: int = Field(
        400,
        ge=0,
        le=LONGEST_KEPT_DAYS,
        description="How many days a match waits for a digest while nothing is posted or all is muted; "
        "0 is forever.",
    )
    health_host: str = Field("127.0.0.1", description="Where `/healthz`, `/readyz` and `/metrics` listen.")
    health_port: int = Field(8080, ge=0, le=65535, description="Its port; 0 turns it off.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["console", "json"] = Field("console", description="How the log is written.")

    @field_validator("sources", "arxiv_categories", "secret_keys", "discord_shard_ids", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("summary_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("an endpoint's address begins with http:// or https://")
        return value

    @field_validator("summary_model")
    @classmethod
    def _check_name(cls, value: str, info: ValidationInfo) -> str:
        if bool(value) != bool(info.data.get("summary_url", value)):
            raise ValueError(f"set it together with {PREFIX}SUMMARY_URL, or neither of them")
        return clean_line(value)

    @field_validator("summary_key")
    @classmethod
    def _check_used(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if value.get_secret_value() and info.data.get("summary_url") == "":
            raise ValueError(f"it is the key of {PREFIX}SUMMARY_URL, which is not set")
        return value

    @field_validator("keep_deliveries_days", "keep_papers_days", "keep_matches_days")
    @classmethod
    def _long_enough(cls, value: int) -> int:
        # Back-fill, back-tests and late digests look back about so far.
        if 0 < value < SHORTEST_KEPT_DAYS:
            raise ValueError(f"at least {SHORTEST_KEPT_DAYS} days are kept; 0 keeps all forever")
        return value

    @field_validator("digest_at", mode="before")
    @classmethod
    def _time(cls, value: object) -> object:
        return _as_value_error(parse_time, value) if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return _as_value_error(parse_zone, value)


def environment_name(field: str) -> str:
    """The name of a field, or of its alias, in the environment."""
    known = Settings.model_fields.get(field)
    alias = known.validation_alias if known else field
    return str(alias or PREFIX + field.upper())


def _as_value_error(parse: Callable[[str], T], value: str) -> T:
    try:
        return parse(value)
    except UsageError as error:
        raise ValueError(str(error)) from error


def load() -> Settings:
    """The settings of this process.

    Raises SettingsError, naming the variable.
    """
    try:
        return Settings()
    except UnicodeDecodeError as error:
        raise SettingsError("`.env` cannot be read as text.", "Save it as UTF-8.") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = environment_name(str(first["loc"][0]))
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from error
