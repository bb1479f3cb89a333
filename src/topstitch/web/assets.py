"""Addresses of static files that change when the file does, so that browsers may keep them for ever."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static


@lru_cache(maxsize=256)
def asset(path: str) -> str:
    """The address of a static file, with a digest of its content."""
    found = finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(f"there is no static file {path}")
    return f"{static(path)}?v={blake2b(Path(found).read_bytes(), digest_size=6).hexdigest()}"
