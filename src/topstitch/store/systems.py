"""Systems that users made from a file, put into the catalogue of this process and kept as they are in the database."""

from __future__ import annotations

from datetime import datetime

import structlog

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.models import UserSystem

logger = structlog.get_logger()
_loaded: dict[str, datetime] = {}


def load_user_systems() -> None:
    """Add every user-made system that is new or has changed since it was loaded: they come while processes run.

    One that this version cannot read is logged, and its services say so when they run.
    """
    for row in UserSystem.objects.order_by("slug"):
        if _loaded.get(row.slug) == row.updated_at:
            continue
        try:
            CATALOGUE.add(system_from_data(row.definition, place=row.slug))
        except ConfigError as error:
            logger.error("user_system_unreadable", system=row.slug, error=str(error))
        _loaded[row.slug] = row.updated_at
