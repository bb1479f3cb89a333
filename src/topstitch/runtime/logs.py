"""What the processes say about themselves: to standard error, so that standard output is only what was asked for."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback


def log_to_stderr() -> None:
    """Say what is at least of the level that the standard library's own logging has.

    Tracebacks are plain: the values of variables, which structlog would show, may be records and secrets.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLogger().level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
