"""Personal data in what goes out by mail: masked, whatever the screens show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from topstitch.errors import ConfigError
from topstitch.redact import MASK, mask_personal
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.values.paths import occurring

_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
#: Numbers as people write telephone numbers: order numbers and barcodes begin with neither + nor 0 followed by blanks.
_PHONE = re.compile(r"(?<![\w.])(?:\+\d|0\d{1,4}[ /-])[\d ()/-]{6,18}\d(?!\w)")
_QUOTED = re.compile(r"'[^']{2,200}'|\"[^\"]{2,200}\"")
_SHORTEST = 3


def personal_paths(system: str, entity: str) -> frozenset[str]:
    """The fields of an entity that hold personal data."""
    try:
        return frozenset(field.path for field in CATALOGUE.get(system).fields(entity) if "personal" in field.flags)
    except ConfigError:
        return frozenset()


def personal_values(record: Any, paths: frozenset[str]) -> set[str]:
    """What a record has in these fields."""
    if not paths or not isinstance(record, dict):
        return set()
    found = (str(value) for path, value in occurring(record) if path in paths and isinstance(value, str | int))
    return {value for value in found if len(value) >= _SHORTEST}


def masked(text: str, values: Iterable[str] = (), *, quoted: bool = False) -> str:
    """The text without these values, e-mail addresses and telephone numbers; with `quoted` also without what it quotes."""
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, str(mask_personal(value)))
    if quoted:
        text = _QUOTED.sub(lambda found: f"{found[0][0]}{MASK}{found[0][-1]}", text)
    text = _EMAIL.sub(lambda found: str(mask_personal(found[0])), text)
    return _PHONE.sub(lambda found: str(mask_personal(found[0])), text)
