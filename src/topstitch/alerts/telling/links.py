"""Addresses of screens, for messages: from the configured base, as a message is not made while somebody asks for a page."""

from __future__ import annotations

from django.conf import settings


def report_link(run_id: str) -> str:
    """The records of a run that did not go through."""
    return f"{settings.BASE_URL}/reports/?q={run_id}&status=trouble"


def run_link(run_id: str) -> str:
    """A run with its log."""
    return f"{settings.BASE_URL}/runs/{run_id}"


def service_link(service_id: int) -> str:
    """A service."""
    return f"{settings.BASE_URL}/services/{service_id}"
