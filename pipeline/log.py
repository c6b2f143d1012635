"""Events with fields, one line each."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

from pipeline.sentry import HIDDEN, reporter

_LEAST_SECRET = 6
"""Characters: what is shorter stands in too many other words."""


def set_up_logging(
    level: str = "INFO", *, plain: bool | None = None, secrets: Iterable[str] = (), sentry: str = ""
) -> None:
    """Say events on standard error; JSON unless a person sits there. None of the secrets, not in a trace either.

    `sentry` is the DSN to which errors are told, too. Raises Missing `sentry_missing`.
    """
    hidden = sorted({one for one in secrets if len(one) >= _LEAST_SECRET}, key=len, reverse=True)

    def hide(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {name: _without(hidden, value) for name, value in event.items()} if hidden else event

    tell = _telling(sentry, hidden)
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    person = sys.stderr.isatty() if plain is None else plain
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = console if person else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *tell,
            structlog.processors.format_exc_info,
            hide,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def log_of(room: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of one room; a job's id is bound by `structlog.contextvars`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(room=room)
    return logger


def _telling(dsn: str, hidden: list[str]) -> list[structlog.typing.Processor]:
    """Nothing where nobody is to be told; the library is asked for only then."""
    if not dsn:
        return []

    tell = reporter(dsn, hidden)

    def pass_on(_logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        tell(method, event)
        return event

    return [pass_on]


def _without(hidden: list[str], value: Any) -> Any:
    """Text without them; what is no text is looked at as it would be written."""
    text = value if isinstance(value, str) else repr(value)
    if not any(secret in text for secret in hidden):
        return value
    for secret in hidden:
        text = text.replace(secret, HIDDEN)
    return text
