"""A name for the static files as they are now. It is part of their address, so that browsers may keep them for ever."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import django_htmx

FOLDERS = (Path(__file__).parent / "static", Path(django_htmx.__file__).parent / "static")


def static_digest() -> str:
    """Changes when any of the files does.

    It goes into the path, not behind a `?`: then what a module imports by a relative address has it too.
    """
    digest = blake2b(digest_size=6)
    for folder in FOLDERS:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
