"""The catalogue: every system found in the `systems` folder, in plug-ins and in user-made files.

A folder is all there is to a system; nothing registers it. Manifests are read without importing the system's Python.
"""

from __future__ import annotations

import importlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from topstitch.errors import ConfigError
from topstitch.sdk.fields import Field, load_fields
from topstitch.sdk.model import Entity, System
from topstitch.sdk.practice.app import Practice

HOME = Path(__file__).resolve().parent.parent / "systems"
PACKAGE = "topstitch.systems"
REQUIRED = ("slug", "name", "category", "confidence")


@dataclass(frozen=True)
class Entry:
    """One system of the catalogue: its manifest at once, its Python, fields and samples when asked for."""

    slug: str
    manifest: Mapping[str, Any]
    folder: Path | None = None
    module: str = ""
    #: For systems made from a file: everything is here already.
    made: System | None = None
    made_fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name shown to people."""
        return str(self.manifest["name"])

    @cached_property
    def system(self) -> System:
        """The system itself; imports its folder. Raises ConfigError when it has none."""
        if self.made:
            return self.made
        found = getattr(importlib.import_module(f"{self.module}.system"), "SYSTEM", None)
        if not isinstance(found, System):
            raise ConfigError(f"{self.module}.system has no SYSTEM", place=self.slug)
        return found

    def entity(self, name: str) -> Entity:
        """The entity of this name; raises ConfigError naming those that exist."""
        return self.system.entity(name)

    def fields(self, entity: str) -> tuple[Field, ...]:
        """The field list of an entity, empty when there is none."""
        if entity in self.made_fields:
            return self.made_fields[entity]
        return self._fields_from_folder.get(entity, ())

    @cached_property
    def _fields_from_folder(self) -> dict[str, tuple[Field, ...]]:
        return {p.stem: load_fields(p) for p in sorted(self._files("fields", "*.toml"))}

    def samples(self, entity: str) -> list[dict[str, Any]]:
        """Realistic records with invented values."""
        found = [p for p in self._files("samples", "*.json") if p.stem == entity]
        return list(json.loads(found[0].read_text("utf-8"))) if found else []

    def _files(self, folder: str, pattern: str) -> Iterator[Path]:
        return (self.folder / folder).glob(pattern) if self.folder else iter(())

    @property
    def has_practice(self) -> bool:
        """Whether the system comes with a practice server."""
        return bool(self.folder and (self.folder / "practice.py").exists())

    @cached_property
    def practice(self) -> Practice | None:
        """The practice server's description; None where the system has none (or is not reached over HTTP)."""
        if not self.has_practice:
            return None
        found = getattr(importlib.import_module(f"{self.module}.practice"), "PRACTICE", None)
        return found if isinstance(found, Practice) else None

    @property
    def practice_files(self) -> Callable[..., AbstractContextManager[Any]] | None:
        """For a system of files: `serve_files(folder, port=)` of its practice module, a context manager."""
        if not self.has_practice or self.practice:
            return None
        serve = getattr(importlib.import_module(f"{self.module}.practice"), "serve_files", None)
        return serve if callable(serve) else None

    @property
    def practice_settings(self) -> Mapping[str, Any]:
        """The connector settings that work with the practice server."""
        if not self.has_practice:
            return {}
        module = importlib.import_module(f"{self.module}.practice")
        return self.practice.settings if self.practice else getattr(module, "SETTINGS", {})


def read_manifest(path: Path) -> dict[str, Any]:
    """A system's manifest.toml; raises ConfigError naming the file and what is missing."""
    try:
        manifest = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the manifest ({error})", place=str(path)) from error
    missing = [name for name in REQUIRED if not manifest.get(name)]
    if missing:
        raise ConfigError(f"the manifest lacks {', '.join(missing)}", place=f"{path.parent.name}/manifest.toml")
    return manifest


class Catalogue:
    """All systems by slug."""

    def __init__(self, home: Path = HOME) -> None:
        self.home = home
        self._made: dict[str, Entry] = {}

    @cached_property
    def _found(self) -> dict[str, Entry]:
        entries = {}
        for path in sorted(self.home.glob("*/manifest.toml")):
            manifest = read_manifest(path)
            module = f"{PACKAGE}.{path.parent.name}" if self.home == HOME else path.parent.name
            entries[str(manifest["slug"])] = Entry(manifest["slug"], manifest, path.parent, module)
        for point in entry_points(group="topstitch.systems"):
            folder = Path(str(importlib.import_module(point.value).__file__)).parent
            manifest = read_manifest(folder / "manifest.toml")
            entries[str(manifest["slug"])] = Entry(manifest["slug"], manifest, folder, point.value)
        return entries

    def add(self, entry: Entry) -> None:
        """Add or replace a user-made system; the slug of a built-in one is refused."""
        if entry.slug in self._found:
            raise ConfigError(f"the slug {entry.slug!r} belongs to the built-in system {self._found[entry.slug].name}")
        self._made[entry.slug] = entry

    def get(self, slug: str) -> Entry:
        """The system of this slug; raises ConfigError naming close ones."""
        found = self._made.get(slug) or self._found.get(slug)
        if not found:
            known = ", ".join(sorted({**self._found, **self._made}))
            raise ConfigError(f"there is no system {slug!r}; there are {known}", key="system")
        return found

    def __iter__(self) -> Iterator[Entry]:
        return iter(sorted({**self._found, **self._made}.values(), key=lambda e: e.name.lower()))


#: The catalogue of this installation.
CATALOGUE = Catalogue()
