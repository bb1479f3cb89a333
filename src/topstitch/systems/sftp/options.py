"""What a service may choose for its files, on either side."""

from __future__ import annotations

from topstitch.sdk import Setting
from topstitch.systems.sftp.kinds import Kind

_CSV = {"format": ["csv"]}
_XML = {"format": ["xml"]}
_PATHED = {"format": ["xml", "json"]}
FORMATS = ("csv", "json", "jsonl", "xml")
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16")


def _dialect(kind: Kind) -> tuple[Setting, ...]:
    """The format, for both sides."""
    return (
        Setting(
            name="format",
            label="Format",
            kind="choice",
            choices=FORMATS,
            words={"csv": "CSV", "json": "JSON", "jsonl": "JSON lines", "xml": "XML"},
            default="csv",
            help="JSON lines is one JSON object a line.",
        ),
        Setting(name="delimiter", label="Delimiter", default=",", when=_CSV, help="One character, or the word tab."),
        Setting(name="quote", label="Quote", default='"', when=_CSV, advanced=True),
        Setting(name="header", label="Header row", kind="boolean", default=True, when=_CSV),
        Setting(
            name="encoding",
            label="Encoding",
            kind="choice",
            choices=ENCODINGS,
            advanced=True,
            help="Empty: UTF-8; an XML file says itself which it is in.",
        ),
        Setting(
            name="columns",
            label="Columns",
            when=_CSV,
            help="Names with commas between them: those that must be there (reading), or all in this order (writing).",
        ),
        Setting(
            name="record_path",
            label="Record path",
            when=_PATHED,
            help=f"Where the records are. XML: {kind.name}/{kind.one} when empty. JSON: the whole file when empty, or "
            "data.orders, batches[*].orders.",
        ),
        Setting(
            name="list_elements",
            label="List elements",
            when=_XML,
            advanced=True,
            help="XML elements that are always lists, commas between them: line, or Rows/Item.",
        ),
        *_grouping(kind),
        Setting(
            name="date_columns",
            label="Date columns",
            advanced=True,
            help="Columns of your own that hold dates, commas between them. Like the usual ones (order_date, updated_at...) "
            "they have the time zone and date format of the connector.",
        ),
        Setting(
            name="sample",
            label="Sample",
            kind="multiline",
            advanced=True,
            help="The beginning of a file of yours, at least its header. Its fields are then offered in the mapping.",
        ),
    )


def _grouping(kind: Kind) -> tuple[Setting, ...]:
    grouped = {"format": ["csv"], "group": ["True"]}
    return (
        Setting(
            name="group",
            label="Several rows make one record",
            kind="boolean",
            default=bool(kind.lines),
            when=_CSV,
            fixed=True,
            help="Rows of one order, one after the other, repeat its columns; what differs are its lines[*].",
        ),
        Setting(
            name="group_by",
            label="Rows belong together by",
            default=", ".join(kind.ids[:1]),
            when=grouped,
            fixed=True,
            help="The columns that are the same in all rows of a record.",
        ),
        Setting(
            name="line_columns",
            label="Columns of the lines",
            default=", ".join(kind.lines),
            when=grouped,
            help="Columns that differ from row to row. All others belong to the record and must be the same in its rows.",
        ),
    )


def read_options(kind: Kind) -> tuple[Setting, ...]:
    """Which files are read, how, and what becomes of them."""
    return (
        Setting(name="folder", label="Folder", help="Below root and path of the connector: /outbound/orders."),
        Setting(name="pattern", label="File name pattern", default="*", help="orders_*.csv"),
        Setting(
            name="pattern_kind",
            label="The pattern is",
            kind="choice",
            choices=("glob", "regex", "literal"),
            words={
                "glob": "A pattern with * ? and [abc]",
                "regex": "A regular expression",
                "literal": "The whole name",
            },
            default="glob",
            advanced=True,
            help="A regular expression must fit the whole name. Capital letters count.",
        ),
        *_dialect(kind),
        Setting(
            name="record_id",
            label="Record id",
            fixed=True,
            help="The columns that identify a record, commas between them. "
            + (f"Empty: {', '.join(kind.ids)}, or if there is no such column, " if kind.ids else "Empty: ")
            + "the file name, the row number and the contents.",
        ),
        Setting(
            name="order",
            label="Order of files",
            kind="choice",
            choices=("modified", "name"),
            default="modified",
            advanced=True,
            help="Oldest first, or by name.",
        ),
        Setting(
            name="after_read",
            label="After reading",
            kind="choice",
            choices=("nothing", "archive", "rename", "delete"),
            default="nothing",
            help="Once every record of the file has its outcome. With nothing, a file is remembered by path, size and time.",
        ),
        Setting(
            name="archive_folder",
            label="Archive folder",
            default="archive",
            when={"after_read": ["archive"]},
            help="Inside the folder; one that begins with / is below root and path of the connector.",
        ),
        Setting(name="rename_suffix", label="Suffix", default=".done", when={"after_read": ["rename"]}),
        Setting(
            name="bad_files",
            label="Files with broken rows",
            kind="choice",
            choices=("keep", "move"),
            default="keep",
            help="Their good rows are taken in either case and the broken ones are reported.",
        ),
        Setting(
            name="error_folder",
            label="Error folder",
            default="error",
            when={"bad_files": ["move"]},
            help="Inside the folder; one that begins with / is below root and path of the connector.",
        ),
        Setting(
            name="min_age",
            label="Minimum age",
            kind="number",
            default=30,
            advanced=True,
            help="Seconds since the last change of a file before it is read.",
        ),
        Setting(
            name="settle",
            label="Watch for",
            kind="number",
            default=1,
            advanced=True,
            help="Seconds between two looks at the folder: a file that changes meanwhile is still being written. 0: one look.",
        ),
        Setting(
            name="max_files",
            label="Files per run",
            kind="integer",
            default=500,
            advanced=True,
            help="At most, from 1 to 5000.",
        ),
    )


def write_options(kind: Kind) -> tuple[Setting, ...]:
    """Where files are written, how they are called, what is in them."""
    return (
        Setting(
            name="folder", label="Folder", fixed=True, help="Below root and path of the connector: /inbound/orders."
        ),
        Setting(
            name="granularity",
            label="One file for",
            fixed=True,
            kind="choice",
            choices=("each record", "each run"),
            default="each run" if kind.bulk else "each record",
            help="A file for each run appears when the run ends; until then its parts lie in a folder beside it.",
        ),
        Setting(
            name="file_name",
            label="File name",
            fixed=True,
            help=f"{kind.name}_{{order_number}}_{{timestamp:%Y%m%d%H%M%S}}.csv: fields of the record in braces, also {{key}}, "
            "{reference}, {entity}, {format}, {timestamp} and {{original_filename}}, the file a record was read from. Empty: "
            f"{kind.name}_{{reference}} for each record, {kind.name}_{{timestamp}} for each run.",
        ),
        *_dialect(kind),
        Setting(
            name="quoting",
            label="Quoting",
            kind="choice",
            choices=("minimal", "all", "none"),
            default="minimal",
            when=_CSV,
            advanced=True,
        ),
        Setting(
            name="line_ending",
            label="Line ending",
            kind="choice",
            choices=("CRLF", "LF"),
            default="CRLF",
            when=_CSV,
            advanced=True,
        ),
        Setting(
            name="existing",
            label="If the file exists",
            kind="choice",
            choices=("overwrite", "fail", "append"),
            default="overwrite",
            help="Append reads the file, adds to it and writes it again whole.",
        ),
        Setting(name="create_folders", label="Create missing folders", kind="boolean", default=True),
    )
