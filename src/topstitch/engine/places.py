"""Where a part of a service's specification stands, and errors that say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from topstitch.errors import ConfigError

#: Where a part of the specification stands, by the way to it: ("mapping", 3) -> "orders.yaml:12".
Place = Callable[..., str]


@contextmanager
def placed(place: Place, *parts: str | int) -> Iterator[None]:
    """Gives the errors of what is inside the place of these parts."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(
            str(error), place=place(*parts), key=error.key, hint=error.hint, detail=error.detail
        ) from error
