"""Structured logs on standard error, with secrets redacted before anything is written."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog
from structlog.typing import Processor, WrappedLogger

HIDDEN = "***"
_SECRET_KEY = re.compile(
    r"token|secret|password|passwd|authorization|cookie|signature|api[_-]?key", re.IGNORECASE
)
_SECRET_VALUE = re.compile(
    r"(?:xox[a-z]|xapp)-[\w-]+"  # Slack tokens
    r"|[MNO][\w-]{23,28}\.[\w-]{6}\.[\w-]{27,}"  # Discord bot tokens
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in a URL
    r"|(?<=Bearer )\S+"
    r"|(?<=[?&]code=)[^&\s]+"  # an OAuth code
    r"|(?<=hooks\.slack\.com/services/)\S+",
    re.IGNORECASE,
)


def redact_event(
    _logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor: hide the values of secret-looking keys, and secrets inside any value."""
    return {
        key: HIDDEN if _SECRET_KEY.search(key) and value else hide_secrets(value)
        for key, value in event.items()
    }


def hide_secrets(value: Any) -> Any:
    """`value` with what looks like a secret replaced, inside texts, lists and mappings."""
    if isinstance(value, str):
        return _SECRET_VALUE.sub(HIDDEN, value)
    if isinstance(value, dict):
        return dict(redact_event(None, "", value))
    if isinstance(value, list | tuple):
        return [hide_secrets(item) for item in value]
    return _SECRET_VALUE.sub(HIDDEN, str(value)) if isinstance(value, BaseException) else value


def configure_logs(level: str, form: Literal["console", "json"]) -> None:
    """Send our logs and those of every library through one pipeline to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Before `redact_event`: a traceback is text from there on, and secrets stand in texts of exceptions
        # too.
        structlog.processors.format_exc_info,
        redact_event,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for noisy in ("apscheduler", "alembic", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # What it warns of, whoever tries again says in words of their own.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def show_only_warnings() -> None:
    """Keep from a conversation what is not for it; who asked for all of the log still gets it."""
    root = logging.getLogger()
    if root.level == logging.INFO:
        root.setLevel(logging.WARNING)
