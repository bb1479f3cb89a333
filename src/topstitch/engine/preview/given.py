"""Records that a person gives for a preview: JSON, one record or a list of them or one a line, and CSV rows."""

from __future__ import annotations

import io
from collections.abc import Sequence

from topstitch.engine.preview.records import Given
from topstitch.errors import FormatError, LimitExceeded
from topstitch.formats import BadRow, Format, JsonFormat, open_format, suggest
from topstitch.sdk.model import BadRecord, Record

MAX_BYTES = 5 * 1024 * 1024
MAX_RECORDS = 1000
#: As much of a CSV file as its dialect is guessed from.
SAMPLE = 64 * 1024


def given_json(data: bytes, name: str, *, lines: bool = False) -> Given:
    """The records of a JSON text. Raises FormatError with line and column, LimitExceeded for more than 5 MB.

    `name` is what the text is called in errors. An item of a list that is no record fails alone.
    """
    return _given(JsonFormat(lines=lines), data, name)


def given_csv(data: bytes, name: str, *, key: Sequence[str] = (), lines: Sequence[str] = ()) -> Given:
    """The rows of a CSV text, its dialect guessed. With `key` rows that agree in these columns are one record, whose
    `lines` are a list of objects with those columns. Raises FormatError, LimitExceeded, ConfigError for no such column.
    """
    dialect = suggest(data[:SAMPLE])
    spec: dict[str, object] = {
        "kind": "csv",
        "delimiter": dialect.delimiter,
        "header": True,
        "encoding": dialect.encoding,
    }
    if key:
        spec["group"] = {"key": list(key), "lines": list(lines)}
    return _given(open_format(spec), data, name)


def _given(reader: Format, data: bytes, name: str) -> Given:
    if len(data) > MAX_BYTES:
        raise LimitExceeded(
            f"{name} is larger than 5 MB", hint="A preview is for some records: give it fewer.", key="preview_size"
        )
    records: list[Record] = []
    bad: list[BadRecord] = []
    try:
        for row in reader.read(io.BytesIO(data)):
            if isinstance(row, BadRow):
                bad.append(BadRecord(row.place, row.error.message, row.raw))
            else:
                records.append(row.record)
            if len(records) + len(bad) > MAX_RECORDS:
                raise LimitExceeded(f"{name} has more than {MAX_RECORDS:,} records", key="preview_size")
    except FormatError as error:
        raise FormatError(error.message, place=name, key=error.key, hint=error.hint or _HINT) from error
    if not records and not bad:
        raise FormatError("there is no record in it", place=name, hint=_HINT)
    return Given(records=records, bad=bad)


_HINT = "Give one record as a JSON object, or a list of them; rows of a CSV file with --csv."
