"""From a service's options to a file format, and from a sample to its fields."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from topstitch.sdk import ConfigError, Field, Record
from topstitch.sdk.files import BadRow, Format, infer, open_format
from topstitch.systems.sftp.connect import options_text
from topstitch.systems.sftp.kinds import Kind

#: Where a record came from: added on reading, never written.
FILE, PLACE = "original_filename", "original_place"
_TYPES = {"decimal": "decimal", "integer": "integer", "boolean": "boolean", "datetime": "datetime", "date": "date"}


def names(text: str) -> tuple[str, ...]:
    """`a, b` as a tuple."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def reader(kind: Kind, options: Mapping[str, Any]) -> Format:
    """The format to read with. Raises ConfigError naming the option."""
    spec = _spec(kind, options)
    if spec["kind"] == "csv" and options.get("group"):
        spec["group"] = _group(options)
    return open_format(spec)


def grouped(options: Mapping[str, Any]) -> bool:
    """Whether the lines of a record are rows of their own."""
    return options.get("format") == "csv" and bool(options.get("group"))


def write(kind: Kind, options: Mapping[str, Any], records: Iterable[Mapping[str, Any]], stream: BinaryIO) -> None:
    """Write records as a file; those of a CSV file must all have the columns of `columns` or of the first one.

    Raises FormatError naming the record and field that does not fit.
    """
    spec = _spec(kind, options)
    if spec["kind"] == "csv":
        spec["quoting"] = options.get("quoting") or "minimal"
        spec["line_ending"] = "\n" if options.get("line_ending") == "LF" else "\r\n"
    open_format(spec).write(records, stream)


def rows(options: Mapping[str, Any], record: Mapping[str, Any]) -> list[Record]:
    """The rows of a record in a file: one for each of its lines in CSV, else the record itself."""
    head = {name: value for name, value in record.items() if name not in (FILE, PLACE)}
    if not grouped(options) or "lines" not in head:
        return [head]
    lines = head.pop("lines") or [{}]
    return [{**head, **line} for line in lines]


def columns(options: Mapping[str, Any], found: Iterable[str]) -> tuple[str, ...]:
    """The columns of a CSV file: as set, else as `found` in its rows."""
    return names(options_text(options, "columns")) or tuple(found)


def _spec(kind: Kind, options: Mapping[str, Any]) -> dict[str, object]:
    form, encoding = options.get("format") or "csv", options_text(options, "encoding")
    path = options_text(options, "record_path")
    if form == "csv":
        return {
            "kind": "csv",
            "delimiter": {"tab": "\t", "\\t": "\t"}.get(
                options_text(options, "delimiter"), options.get("delimiter") or ","
            ),
            "quote": options.get("quote") or '"',
            "header": options.get("header", True) is not False,
            "encoding": encoding or "utf-8",
            "columns": names(options_text(options, "columns")) or None,
        }
    if form == "xml":
        listed = names(options_text(options, "list_elements"))
        return {
            "kind": "xml",
            "record_path": path or f"{kind.name}/{kind.one}",
            "encoding": encoding,
            "list_elements": listed,
        }
    return {
        "kind": "json",
        "lines": form == "jsonl",
        "record_path": path if form == "json" else "",
        "encoding": encoding or "utf-8",
    }


def _group(options: Mapping[str, Any]) -> dict[str, object]:
    key, lines = names(options_text(options, "group_by")), names(options_text(options, "line_columns"))
    if not key or not lines:
        raise ConfigError(
            "Rows can be joined to records only when it is known which belong together and what their lines are.",
            key="group",
            hint="Fill in the columns by which rows belong together and those of the lines, or switch the joining off.",
        )
    return {"key": key, "lines": lines}


def detect(kind: Kind, options: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of the option `sample`, empty without one. Raises FormatError or ConfigError for a sample that does not fit."""
    sample = options_text(options, "sample").strip()
    if not sample:
        return tuple(Field(path=name) for name in names(options_text(options, "columns")))
    # The sample was typed or pasted, so it is text already, whatever the files are in.
    plain = {**options, "encoding": "utf-8", "columns": None if options.get("header", True) else options.get("columns")}
    form = reader(kind, plain)
    records = []
    for row in form.read(io.BytesIO(sample.encode())):
        if isinstance(row, BadRow):
            raise row.error
        records.append(row.record)
    if not records and options.get("format") == "csv":
        line = io.BytesIO(sample.splitlines()[0].encode())
        heads = next(iter(open_format({**_spec(kind, plain), "header": False, "columns": None}).read(line)), None)
        if heads is not None and not isinstance(heads, BadRow):
            inner = set(names(options_text(options, "line_columns"))) if grouped(options) else set()
            listed = [str(name).strip() for name in heads.record.values()]
            return tuple(Field(path=f"lines[*].{name}" if name in inner else name) for name in listed)
    return tuple(
        Field(path=guess.path, type=_TYPES.get(guess.type, "text")) for guess in infer(records) if _leaf(guess.type)
    )


def _leaf(kind: str) -> bool:
    return kind not in ("object", "array")
