"""The one place that knows which database Topstitch uses: a server of the user's, or the embedded one."""

from __future__ import annotations

import os
from pathlib import Path

from topstitch.errors import ConfigError
from topstitch.runtime.home import topstitch_home
from topstitch.runtime.postgres.server import cluster_of, ensure_running

VARIABLE = "TOPSTITCH_DATABASE_URL"


def database_url(*, start: bool = False) -> str:
    """The URL of the database: `TOPSTITCH_DATABASE_URL`, what the file `TOPSTITCH_DATABASE_URL_FILE` holds, or the
    embedded cluster of the home, which is started first only if `start` is true.

    Raises ConfigError if that file cannot be read, if the URL is not PostgreSQL's, or if the cluster does not start.
    """
    given = _given()
    if given:
        return given
    home = topstitch_home()
    return (ensure_running(home) if start else cluster_of(home)).dsn()


def _given() -> str:
    url, file = os.environ.get(VARIABLE, "").strip(), os.environ.get(f"{VARIABLE}_FILE", "")
    place = VARIABLE
    if not url and file:
        place = f"{VARIABLE}_FILE"
        url = _read(Path(file), place)
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise ConfigError("This must be the URL of a PostgreSQL database: postgresql://user@host/name.", place=place)
    return url


def _read(file: Path, place: str) -> str:
    try:
        url = file.read_text().strip()
    except OSError as error:
        raise ConfigError(f"The file {file} cannot be read: {error.strerror}.", place=place) from error
    if not url:
        raise ConfigError(f"The file {file} is empty.", place=place)
    return url
