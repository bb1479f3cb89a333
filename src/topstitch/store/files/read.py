"""Reading YAML files with the place of every value kept, so that errors name file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from topstitch.errors import ConfigError
from topstitch.scripts.model import MEMORY, TIMEOUT
from topstitch.store.files import yaml_text
from topstitch.store.lookups.rows import match_type
from topstitch.store.models.connector import Environment
from topstitch.store.models.service import ServiceType

MAX_PARTS = 500_000
SUFFIXES = (".yaml", ".yml")
Path_ = tuple[str | int, ...]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _match_type(value: Any) -> Any:
    try:
        return match_type(value) if isinstance(value, str) else value
    except ConfigError as error:
        raise ValueError(error.message) from error


class ConnectorFile(_Model):
    """A connector. A setting may be `{env: NAME}` or `{file: path}` instead of its value: secrets stay out of files."""

    system: str
    environment: Environment = Environment.LIVE
    settings: dict[str, Any] = Field(default_factory=dict)
    base_url: str = ""
    zone: str = "UTC"
    date_format: str = ""


class LookupRow(_Model):
    """A pair with a way of comparing or a field of its own. The names of shipment and payment maps are understood."""

    left: str = Field(validation_alias=AliasChoices("left", "match_value"))
    right: str = Field(default="", validation_alias=AliasChoices("right", "output_value"))
    match: Annotated[str, BeforeValidator(_match_type)] = Field(
        default="", validation_alias=AliasChoices("match", "match_type")
    )
    field: str = Field(default="", validation_alias=AliasChoices("field", "field_name"))


def _texts(value: Any) -> Any:
    """Whole numbers may stand without quotes; what they would be as other numbers nobody can tell any more."""
    if not isinstance(value, dict):
        return value
    return {_text(key): _text(each) for key, each in value.items()}


def _text(value: Any) -> Any:
    return str(value) if type(value) is int else value


class LookupFile(_Model):
    """A lookup table: pairs left to right; rows, each two texts or with match and field; or CSV files."""

    pairs: Annotated[dict[str, str] | None, BeforeValidator(_texts)] = None
    rows: list[LookupRow | tuple[str, str]] | None = None
    csv: str | list[str] | None = None


class VariableFile(_Model):
    """A variable of a script: its default, and what it is for."""

    default: str = ""
    help: str = ""


class ScriptFile(_Model):
    """A custom script, its code here or in a file beside. A variable may be just its default."""

    code: str | None = None
    file: str | None = None
    description: str | None = None
    variables: dict[str, str | VariableFile] = Field(default_factory=dict)
    #: Seconds and megabytes of a call.
    timeout: float = TIMEOUT
    memory: int = MEMORY


class ServiceFile(_Model):
    """A service. Its `source`, `destination`, `mapping`, `schedules` are checked as the service's specification."""

    active: bool = True
    type: ServiceType = ServiceType.STANDARD
    source: dict[str, Any]
    destination: dict[str, Any]
    #: The payload script: its name, or name, version and variables.
    script: Any = None
    #: `default`, a list of rows, or nothing for the default.
    mapping: Any = "default"
    #: Rows put in place of default ones with the same destination field, or added.
    changes: list[Any] = Field(default_factory=list)
    schedules: list[dict[str, Any] | str] = Field(default_factory=list)
    webhook: bool = False


class ConfigFile(_Model):
    """One file; every part may be in any file."""

    company: str | None = None
    group: str | None = None
    systems: list[dict[str, Any]] = Field(default_factory=list)
    connectors: dict[str, ConnectorFile] = Field(default_factory=dict)
    lookups: dict[str, LookupFile] = Field(default_factory=dict)
    #: Tables that belong to the group and not to the whole company.
    group_lookups: dict[str, LookupFile] = Field(default_factory=dict)
    scripts: dict[str, ScriptFile] = Field(default_factory=dict)
    services: dict[str, ServiceFile] = Field(default_factory=dict)
    #: Checked by those it belongs to, see `parts`.
    alerts: dict[str, Any] = Field(default_factory=dict)


@dataclass
class Loaded:
    """A file read: its content, and where each part of it stands."""

    path: Path
    content: ConfigFile
    lines: Mapping[Path_, int] = field(default_factory=dict)

    def place(self, *parts: str | int) -> str:
        """`orders.yaml:12` for a part; of one that is not there, the nearest part around it."""
        while parts and parts not in self.lines:
            parts = parts[:-1]
        return f"{self.path.name}:{self.lines.get(parts, 1)}"


def config_files(path: Path) -> list[Path]:
    """The file, or all YAML files below the folder in order of their names. Raises ConfigError when there is none."""
    if path.is_file():
        return [path]
    found = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file()) if path.is_dir() else []
    if not found:
        raise ConfigError(f"there is no YAML file at {path}", hint="Name a .yaml file or a folder that holds some.")
    return found


def load(path: Path) -> Loaded:
    """Read one file. Raises ConfigError with file and line."""
    node, data = yaml_text.read(path)
    try:
        lines = _all_lines(node, path)
    except RecursionError as error:
        raise yaml_text.nested(path) from error
    _refuse_repeats(node, path)
    return Loaded(path, _checked({} if data is None else data, lines, path), lines)


def _checked(data: Any, lines: Mapping[Path_, int], path: Path) -> ConfigFile:
    try:
        return ConfigFile.model_validate(data)
    except ValidationError as error:
        raise placed(error, Loaded(path, ConfigFile(), lines)) from error


def placed(error: ValidationError, loaded: Loaded, *prefix: str | int) -> ConfigError:
    """The first of a validation's errors as one of ours, with file and line."""
    # A misspelt key also makes one that is missing: what is written is told before what is not.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    parts = (*prefix, *first["loc"])
    shown = ".".join(str(part) for part in parts)
    message = re.sub(r"^Value error, ", "", first["msg"])
    if first["type"] == "extra_forbidden":
        message = "there is no such key here"
    return ConfigError(f"{shown}: {message}", place=loaded.place(*parts), key="file")


def _all_lines(node: yaml.Node | None, path: Path) -> dict[Path_, int]:
    """The line of every part. References (`*name`) are followed, so a small file can stand for an endless one."""
    lines: dict[Path_, int] = {}
    for part, line in _lines(node, ()) if node else ():
        lines[part] = line
        if len(lines) > MAX_PARTS:
            raise ConfigError(f"with its references the file has more than {MAX_PARTS:,} parts", place=path.name)
    return lines


def _lines(node: yaml.Node, at: Path_) -> Iterator[tuple[Path_, int]]:
    yield at, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*at, str(key.value)), key.start_mark.line + 1
            yield from (
                (path, line) for path, line in _lines(value, (*at, str(key.value))) if path != (*at, str(key.value))
            )
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _lines(item, (*at, number))


def _refuse_repeats(node: yaml.Node | None, path: Path) -> None:
    """YAML lets a later key win in silence; a service lost that way would be missed by nobody."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise ConfigError(
                    f"the key {key.value!r} stands here twice", place=f"{path.name}:{key.start_mark.line + 1}"
                )
            seen.add(key.value)
            _refuse_repeats(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeats(item, path)


def merged(files: Sequence[Loaded]) -> None:
    """Raise ConfigError when two files define the same thing."""
    for part in ("connectors", "lookups", "group_lookups", "scripts", "services"):
        seen: dict[str, Loaded] = {}
        for loaded in files:
            for name in getattr(loaded.content, part):
                if name in seen:
                    first = seen[name].place(part, name)
                    raise ConfigError(
                        f"{part[:-1].replace('_', ' ')} {name!r} is defined at {first} already",
                        place=loaded.place(part, name),
                    )
                seen[name] = loaded
