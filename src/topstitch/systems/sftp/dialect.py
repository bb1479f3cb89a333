"""From a service's options to a file format, and from a sample to its fields."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from topstitch.sdk import ConfigError, Field, Record
from topstitch.sdk.files import BadRow, FieldGuess, Format, infer, open_format
from topstitch.systems.sftp.connect import options_text
from topstitch.systems.sftp.kinds import Kind

#: Where a record came from: added on reading, never written.
FILE, PLACE = "original_filename", "original_place"


def names(text: str) -> tuple[str, ...]:
    """`a, b` as a tuple."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def reader(kind: Kind, options: Mapping[str, Any]) -> Format:
    """The format to read with. Raises ConfigError naming the option."""
    given = spec(kind, options)
    if grouped(options):
        given["group"] = _group(options)
    return open_format(given)


def grouped(options: Mapping[str, Any]) -> bool:
    """Whether the lines of a record are rows of their own."""
    return options.get("format") == "csv" and bool(options.get("group"))


def writer(kind: Kind, options: Mapping[str, Any], columns: tuple[str, ...]) -> Format:
    """The format to write with; `columns` are those of a CSV file. Raises ConfigError naming the option."""
    given = spec(kind, options)
    if given["kind"] == "csv":
        given["columns"] = columns or None
        given["quoting"] = options.get("quoting") or "minimal"
        given["line_ending"] = "\n" if options.get("line_ending") == "LF" else "\r\n"
    return open_format(given)


def rows(options: Mapping[str, Any], record: Mapping[str, Any]) -> list[Record]:
    """The rows of a record in a file: one for each of its lines in CSV, else the record itself."""
    head = {name: value for name, value in record.items() if name not in (FILE, PLACE)}
    if not grouped(options) or "lines" not in head:
        return [head]
    lines = head.pop("lines") or [{}]
    return [{**head, **line} for line in lines]


def spec(kind: Kind, options: Mapping[str, Any]) -> dict[str, object]:
    """The settings of the format, rows as they stand in the file."""
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
    """The fields of the option `sample`, else of `columns`, else none. Raises FormatError when the sample does not fit."""
    sample = options_text(options, "sample").strip().encode()
    if not sample:
        return _headings(options, names(options_text(options, "columns")))
    # The sample was pasted as text, whatever the files are in; and it may have other columns than are set.
    plain = {**options, "encoding": "utf-8", "columns": ""}
    records = []
    for row in reader(kind, plain).read(io.BytesIO(sample)):
        if isinstance(row, BadRow):
            raise row.error
        records.append(row.record)
    if not records and options.get("format") == "csv":
        return _headings(options, _first_row(kind, plain, sample))
    return tuple(_field(guess) for guess in infer(records) if guess.type not in ("object", "array"))


def _first_row(kind: Kind, options: Mapping[str, Any], sample: bytes) -> tuple[str, ...]:
    heads = next(open_format({**spec(kind, options), "header": False}).read(io.BytesIO(sample)))
    return () if isinstance(heads, BadRow) else tuple(str(name).strip() for name in heads.record.values())


def _headings(options: Mapping[str, Any], listed: tuple[str, ...]) -> tuple[Field, ...]:
    inner = names(options_text(options, "line_columns")) if grouped(options) else ()
    return tuple(Field(path=f"lines[*].{name}" if name in inner else name, label=name) for name in listed)


def _field(guess: FieldGuess) -> Field:
    return Field(path=guess.path, type=guess.type, label=guess.path.rpartition(".")[2])
