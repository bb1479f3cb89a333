"""The payload script of a service: it makes of the records of a page, once they are filtered, those that are mapped.

It may change, add, drop, split and merge records. Keys are those of what it made. Pages are stored as they were pulled, so
after a crash the script makes the same of them again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topstitch.engine.ports import Counts
from topstitch.errors import ScriptError
from topstitch.sdk.model import Record

#: A page's records and its number in, the records to be mapped out. Raises ScriptError.
Reshape = Callable[[Sequence[Record], int], Sequence[Record]]
#: What grows further is a mistake of the script.
MOST_RECORDS = 100_000


def reshaped(records: Sequence[Record], script: Reshape | None, page: int, counts: Counts) -> Sequence[Record]:
    """Run the script. Records that it dropped count as filtered out, those that it added as pulled.

    Raises ScriptError also when what it gives are no records.
    """
    if script is None or not records:
        return records
    made = made_of(records, script, page)
    counts.filtered += max(len(records) - len(made), 0)
    counts.pulled += max(len(made) - len(records), 0)
    return made


def made_of(records: Sequence[Record], script: Reshape, page: int) -> Sequence[Record]:
    """What the script makes of some records. Raises ScriptError also when that are no records."""
    made = script(records, page)
    if not isinstance(made, list | tuple):
        raise ScriptError(
            f"page {page}: the payload script gave {type(made).__name__} instead of a list of records", hint=_HINT
        )
    for number, record in enumerate(made, 1):
        if not isinstance(record, dict):
            raise ScriptError(
                f"page {page}: record {number} of what the payload script gave is {type(record).__name__}, not an object",
                hint=_HINT,
            )
    if len(made) > MOST_RECORDS:
        raise ScriptError(
            f"page {page}: the payload script made {len(made)} records of {len(records)}, {MOST_RECORDS} are the most"
        )
    return made


_HINT = "data['payload'] is the list of the page's records, and must be one when the script ends."
