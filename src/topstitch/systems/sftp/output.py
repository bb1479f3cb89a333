"""Files being made: rendered, put in their place, added to, and compared with what is there already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from topstitch.sdk import Connection, FormatError, Record
from topstitch.sdk.files import BadRow, RemoteFile, open_format
from topstitch.systems.sftp.connect import files, options_text, place
from topstitch.systems.sftp.dialect import names, rows, spec, writer
from topstitch.systems.sftp.kinds import Kind
from topstitch.systems.sftp.moments import Dates

#: A file being made is held in memory up to this size, then on disk.
SPOOL = 4 * 1024 * 1024
#: Gives the records, as often as it is called.
Records = Callable[[], Iterable[Mapping[str, Any]]]


class Output:
    """Where and how one service writes."""

    def __init__(self, kind: Kind, conn: Connection, options: Mapping[str, Any]) -> None:
        self.kind, self.conn, self.options = kind, conn, options
        self.server = files(conn)
        self.existing = options.get("existing") or "overwrite"
        self._dates = Dates(kind, conn, options)

    def path(self, name: str) -> str:
        """The path of a file of this name."""
        return place(self.conn, options_text(self.options, "folder"), name)

    def listing(self, folder: str) -> list[RemoteFile]:
        """What is in a folder; when it was changed does not matter."""
        return self.server.listing(folder, dated=lambda name: False)

    def prepare(self, path: str) -> None:
        """Make the folder of a path, where that is wished; once in a run."""
        folder = path.rpartition("/")[0]
        made = self.conn.cache.setdefault("folders made", set())
        if folder and folder not in made and self.options.get("create_folders", True):
            self.server.make_folder(folder)
            made.add(folder)

    def render(self, records: Records) -> BinaryIO:
        """The records as a file, ready to be read; it is on disk when large. Close it. Raises FormatError."""
        return self._rendered(lambda: (row for record in records() for row in self._rows(record)))

    def check(self, record: Mapping[str, Any]) -> None:
        """Raise FormatError when a record cannot be written in this format, RemoteRejected when a date of it is none."""
        self.render(lambda: [record]).close()

    def add(self, path: str, records: Records) -> BinaryIO:
        """The file at `path` with the records added at its end, ready to be put there instead. Close it."""
        with self.server.open(path) as present:

            def both() -> Iterator[Record]:
                present.seek(0)
                yield from self._present(present, path)
                for record in records():
                    yield from self._rows(record)

            return self._rendered(both)

    def holds(self, path: str, record: Mapping[str, Any]) -> bool:
        """Whether the file at `path` holds the record already: alone, or among others where files are added to."""
        with self.render(lambda: [record]) as wanted, self.server.open(path) as present:
            if self.existing != "append":
                return present.read() == wanted.read()
            missing = [_shape(row) for row in self._present(wanted, path)]
            for row in self._present(present, path):
                if _shape(row) in missing:
                    missing.remove(_shape(row))
        return not missing

    def _rows(self, record: Mapping[str, Any]) -> list[Record]:
        return rows(self.options, self._dates.write(record))

    def _rendered(self, given: Callable[[], Iterable[Mapping[str, Any]]]) -> BinaryIO:
        # A later row may have a column more, and a header that is written cannot be changed: so look at all rows first.
        listed = names(options_text(self.options, "columns"))
        if not listed and self.options.get("format") == "csv":
            listed = tuple(dict.fromkeys(name for row in given() for name in row))
        target = cast(BinaryIO, SpooledTemporaryFile(max_size=SPOOL))  # noqa: SIM115  # the caller closes it
        try:
            writer(self.kind, self.options, listed).write(given(), target)
        except BaseException:
            target.close()
            raise
        target.seek(0)
        return target

    def _present(self, stream: BinaryIO, path: str) -> Iterator[Record]:
        """The rows of a file that is there. Raises FormatError when it is not in this format."""
        for row in open_format(spec(self.kind, self.options)).read(stream):
            if isinstance(row, BadRow):
                raise FormatError(f"{path} cannot be added to, as it holds something else: {row.error.message}")
            yield row.record


def _shape(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without its empty cells: another file may have more columns."""
    return {name: value for name, value in row.items() if value not in ("", None)}
