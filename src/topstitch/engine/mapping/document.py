"""A mapping as one JSON document: written, read and checked, and compared row by row with another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, Literal, NoReturn

from pydantic import Field, TypeAdapter, ValidationError

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.mapping.compile import compile_mapping
from topstitch.engine.mapping.plan import RowError
from topstitch.engine.mapping.working import stand_ins
from topstitch.engine.spec import MappingRow, Model
from topstitch.errors import ConfigError, LimitExceeded
from topstitch.sdk.fields import Field as DestinationField

FORMAT = "topstitch.mapping"
VERSION = 1
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 2000
MAX_DEPTH = 32
#: So many faults are told at once.
MAX_FAULTS = 50


class End(Model):
    """What a mapping is from, or to."""

    system: str = Field(min_length=1, max_length=80)
    entity: str = Field(min_length=1, max_length=80)

    def __str__(self) -> str:
        return f"{self.system}/{self.entity}"


class Head(Model):
    """All of a document but its rows, which are checked one by one."""

    format: Literal["topstitch.mapping"]
    version: Literal[1]
    source: End
    destination: End
    rows: list[Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A mapping with what it is from and to."""

    source: End
    destination: End
    rows: tuple[MappingRow, ...]

    def as_json(self) -> str:
        """The text of the file; reading it gives an equal document."""
        data = {
            "format": FORMAT,
            "version": VERSION,
            "source": self.source.model_dump(),
            "destination": self.destination.model_dump(),
            "rows": [plain_row(row) for row in self.rows],
        }
        return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a row: its number from 1, the field of it, and what."""

    row: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}{f', {self.field}' if self.field else ''}: {self.message}"


class DocumentError(ConfigError):
    """A document that cannot be taken; `faults` are those of its rows, all that were found."""

    def __init__(self, faults: Sequence[Fault], hint: str = "") -> None:
        at_least = "at least " if len(faults) >= MAX_FAULTS else ""
        more = f" (and {at_least}{len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(
            f"{faults[0]}{more}", key="mapping_document", hint=hint or "Correct the rows and import again."
        )
        self.faults = tuple(faults)


def plain_row(row: MappingRow) -> dict[str, Any]:
    """A row as it stands in files and revisions."""
    return row.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def row_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a row."""
    return MappingRow.model_json_schema(by_alias=True)


def document_schema() -> dict[str, Any]:
    """The JSON Schema of a whole document."""
    head = Head.model_json_schema(by_alias=True)
    row = row_schema()
    definitions = {**head.pop("$defs", {}), **row.pop("$defs", {}), "MappingRow": row}
    head["properties"]["rows"] = {"type": "array", "maxItems": MAX_ROWS, "items": {"$ref": "#/$defs/MappingRow"}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **head, "title": "Mapping", "$defs": definitions}


def read_document(data: bytes, fields: Sequence[DestinationField] = ()) -> Document:
    """The document in a file; `fields` are the destination's, for the rows are compiled as a run would.

    Raises LimitExceeded for a file that is too large or too deep, ConfigError for what is no document, and DocumentError
    with every row that is wrong.
    """
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    content = _parsed(data)
    try:
        head = Head.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        raise ConfigError(f"{where}: {_said(first)}", key="mapping_document", hint=_HINT) from error
    if len(head.rows) > MAX_ROWS:
        raise LimitExceeded(f"{len(head.rows)} rows are more than {MAX_ROWS}")
    return Document(head.source, head.destination, tuple(_rows(head.rows, fields)))


_HINT = "`topstitch mapping export` writes a document, `topstitch mapping schema --document` describes one."


def _parsed(data: bytes) -> Any:
    try:
        content = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_float,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        raise ConfigError(f"the file is not UTF-8 text (byte {error.start})", key="mapping_document") from error
    except RecursionError as error:
        raise LimitExceeded(f"the file is nested more than {MAX_DEPTH} deep") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}"
        raise ConfigError(f"this is not JSON: {error.msg}", place=place, key="mapping_document") from error
    except ValueError as error:
        raise ConfigError(f"this cannot be read: {error}", key="mapping_document") from error
    _check_leaves(content)
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON lets a later key win in silence; what a person wrote first would be lost."""
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add gives None, which is false
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return made


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _float(text: str) -> float:
    number = float(text)
    if not isfinite(number) or not _same(text, number):
        raise _inexact(text)
    return number


def _same(text: str, number: float) -> bool:
    try:
        return Decimal(text) == Decimal(repr(number))
    except ArithmeticError:
        return False


def _integer(text: str) -> int:
    if len(text) > _INT_DIGITS or not -(2**63) <= (number := int(text)) < 2**63:
        raise _inexact(text)
    return number


_INT_DIGITS = 20


def _inexact(text: str) -> ValueError:
    return ValueError(f"the number {text[:40]} cannot be kept exactly: write it in quotes")


def _check_leaves(content: Any) -> None:
    """Refuses what is too deep, and texts that no database keeps. Without recursion: it must bear any depth."""
    waiting = [(content, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"the file is nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            waiting += [(inner, depth + 1) for pair in value.items() for inner in pair]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]
        elif isinstance(value, str) and ("\0" in value or any("\ud800" <= char <= "\udfff" for char in value)):
            raise ConfigError(f"the text {value[:40]!r} has a character that cannot be stored", key="mapping_document")


_ROW: TypeAdapter[MappingRow] = TypeAdapter(MappingRow)


def _rows(given: Sequence[Any], fields: Sequence[DestinationField]) -> list[MappingRow]:
    rows: list[MappingRow] = []
    faults: list[Fault] = []
    for number, each in enumerate(given, 1):
        try:
            rows.append(_ROW.validate_python(each))
        except ValidationError as error:
            faults += [Fault(number, _place(found["loc"]), _said(found)) for found in error.errors()[:MAX_FAULTS]]
    faults = faults or _uncompilable(rows, fields)
    if faults:
        raise DocumentError(faults[:MAX_FAULTS])
    return rows


def _uncompilable(rows: Sequence[MappingRow], fields: Sequence[DestinationField]) -> list[Fault]:
    """The rows that do not compile: each that is found is taken out and the rest tried again. With a row of a list go all of
    its list, which may fail without it for no fault of theirs.
    """
    found: list[Fault] = []
    remaining = list(rows)
    while len(found) < MAX_FAULTS:
        try:
            compile_mapping(remaining, FrozenEnvironment(), fields)
        except RowError as error:
            wrong = error.row
            number = next(number for number, row in enumerate(rows, 1) if row is wrong)
            found.append(Fault(number, wrong.to, error.message))
            head, each, _ = wrong.to.partition("[*]")
            gone = [row for row in remaining if row is wrong or (each and row.to.startswith(head + each))]
            kept = [row for row in remaining if all(row is not other for other in gone)]
            remaining = stand_ins(gone, kept) + kept
        else:
            break
    return sorted(found, key=lambda fault: fault.row)


def _place(location: Sequence[str | int]) -> str:
    return ".".join("from" if part == "sources" else str(part) for part in location)


def _said(found: Mapping[str, Any]) -> str:
    if found["type"] == "extra_forbidden":
        return "there is no such key here"
    return str(found["msg"]).removeprefix("Value error, ")
