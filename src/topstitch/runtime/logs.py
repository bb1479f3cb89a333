"""What the processes say about themselves: to standard error, so that standard output is only what was asked for."""

from __future__ import annotations

import logging
import sys

import structlog


def log_to_stderr() -> None:
    """Say what is at least of the level that the standard library's own logging has."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLogger().level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
