"""Events with fields, one line each."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logging(level: str = "INFO", *, plain: bool | None = None) -> None:
    """Say events on standard error; JSON unless a person sits there. No secrets ever."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    person = sys.stderr.isatty() if plain is None else plain
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = console if person else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
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
