"""A new system's folder, made from templates: a plain REST system that works against its own practice server.

What only its author can know is left open. The conformance run names every such place: it is the to-do list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from topstitch.errors import ConfigError

TEMPLATES = Path(__file__).parent / "templates"
#: Templates are Python, TOML and so on with this ending, so that no tool takes them for the project's own.
ENDING = ".txt"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")


def scaffold(slug: str, home: Path, *, name: str = "") -> list[Path]:
    """Make the folder `home/slug` and give its files. `name` is shown to people, by default the slug with a capital.

    Raises ConfigError for a slug that is no Python name in small letters, and where the folder exists.
    """
    if not _NAME.fullmatch(slug):
        raise ConfigError(f"{slug!r} cannot be a slug: small letters, digits and _ only, a letter first", key="slug")
    folder = home / slug
    if folder.exists():
        raise ConfigError(f"there is a folder {folder} already", key="slug", hint="Choose another name, or remove it.")
    shown = name or slug.replace("_", " ").capitalize()
    return [_write(folder, source, slug, shown) for source in _templates()]


def _templates() -> Iterator[Path]:
    return (path for path in sorted(TEMPLATES.rglob(f"*{ENDING}")))


def _write(folder: Path, source: Path, slug: str, name: str) -> Path:
    """Templates are written for `acme`, Acme; both are exchanged, in the file's name too."""
    place = source.relative_to(TEMPLATES).as_posix().removesuffix(ENDING)
    target = folder / place.replace("acme", slug)
    target.parent.mkdir(parents=True, exist_ok=True)
    text = source.read_text("utf-8").replace("acme", slug).replace("Acme", name)
    target.write_text(text, "utf-8")
    return target
