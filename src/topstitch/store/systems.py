"""Systems that users made from a file, put into the catalogue of this process."""

from __future__ import annotations

import structlog

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.models import UserSystem

logger = structlog.get_logger()


def load_user_systems() -> None:
    """Add every user-made system. One that this version cannot read is logged, and its services say so when they run."""
    for row in UserSystem.objects.order_by("slug"):
        try:
            CATALOGUE.add(system_from_data(row.definition, place=row.slug))
        except ConfigError as error:
            logger.error("user_system_unreadable", system=row.slug, error=str(error))
