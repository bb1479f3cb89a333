"""One file for each run, although records come in batches, from several threads, and any of them may die.

    <folder>/topstitch-orders.parts/open/<time>-<hash>.part    one for each batch: the records as JSON lines, with the file
                                                               name they are meant for and their key
    <folder>/topstitch-orders.parts/<time>/                    `open`, renamed when the run ends: sealed, nothing is added
    <folder>/topstitch-orders.parts/<time>/plan.json           the files made, or about to be: their sizes before and after
    <folder>/topstitch-orders.parts/<time>.done/               everything is in its place: to be removed

Each step can be repeated after a crash. A record sent twice, because its first answer was lost, stands in two parts and
in the file once. Parts of a run that never ended go into the file of the next one. The time in a file's name is that of
the sealing, so that a repeated step makes the same file and not a second one; the plan tells whether it is made already.
The parts are on the server because the worker that ends a run need not be the one that began it. No name begins with a
dot, as servers hide or forbid such names; and a record counts as sent only once the server shows its part.
"""

from __future__ import annotations

import io
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from topstitch.sdk import (
    AnswerLost,
    ConfigError,
    Connection,
    DuplicateRecord,
    Outgoing,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
    Verdict,
)
from topstitch.sdk.files import RemoteFile
from topstitch.systems.sftp.connect import inside, local, options_text, place
from topstitch.systems.sftp.kinds import Kind
from topstitch.systems.sftp.naming import at, each_run, template
from topstitch.systems.sftp.output import SPOOL, Output, Records

MAX_FILES = 100
_STAMP = "%Y%m%dT%H%M%S%fZ"
_DONE, _PLAN, _PART = ".done", "plan.json", ".part"


def collect(out: Output, batch: Sequence[Outgoing]) -> list[Verdict]:
    """Write a batch as a part. A record that does not fit the format is refused now, as later nobody would be told."""
    names, verdicts, lines = template(out.kind, out.options), [], []
    for outgoing in batch:
        try:
            out.check(outgoing.record)
            name = names.of(outgoing)
            line = {"name": name, "key": outgoing.key, "record": outgoing.record}
            lines.append(json.dumps(line, ensure_ascii=False, default=str) + "\n")
            # The file that will be: `{timestamp}` is left in its name, as it is known only when the run ends.
            verdicts.append(Verdict.sent(out.path(name)))
        except TopstitchError as error:
            verdicts.append(Verdict.of(error))
    if lines:
        _write_part(out, "".join(lines).encode())
    return verdicts


def _write_part(out: Output, data: bytes) -> None:
    folder = inside(_home(out), "open")
    name = f"{out.conn.now().astimezone(UTC):{_STAMP}}-{blake2b(data, digest_size=8).hexdigest()}{_PART}"
    # Twice, as another service may seal the folder in this very moment.
    for _ in range(2):
        out.server.make_folder(folder)
        try:
            out.server.put(inside(folder, name), io.BytesIO(data))
        except RemoteRejected as error:
            if error.key != "no_such_file":
                raise
            continue
        if _shown(out, folder, name):
            _expected(out).add(name)
            return
    raise RemoteRejected(
        f"The server took {inside(folder, name)} and does not show it: a file for the run could not be made of it.",
        key="not_shown",
        hint="Choose one file for each record, or ask the owner of the server for the right to list this folder.",
    )


def _shown(out: Output, folder: str, name: str) -> bool:
    """Whether the server lists what it was given; once in a run is enough to know."""
    return bool(_expected(out)) or any(part.name == name for part in _parts(out, folder))


def _expected(out: Output) -> set[str]:
    """Names of the parts that this run has written and no file was made of yet."""
    names: set[str] = out.conn.cache.setdefault("parts", set())
    return names


def find_parts(out: Output, batch: Sequence[Outgoing]) -> list[str | None]:
    """The file that each record will be in, if it is in a part just as it is now. Joined parts are not found any more."""
    opened, found = inside(_home(out), "open"), dict.fromkeys((outgoing.key for outgoing in batch), "")
    if out.server.stat(opened) is None:
        return [None] * len(batch)
    wanted = {outgoing.key: json.loads(json.dumps(outgoing.record, default=str)) for outgoing in batch}
    for part in _parts(out, opened):
        with out.server.open(part.path) as stream:
            for _, line in _lines(stream):
                if wanted.get(line["key"]) == line["record"]:
                    found[line["key"]] = out.path(line["name"])
    return [found[outgoing.key] or None for outgoing in batch]


def finish(kind: Kind, conn: Connection, run_id: str, options: Mapping[str, Any]) -> None:
    """`Write.finish`: seal the parts and make the files. Repeats itself once when the connection breaks."""
    if not each_run(options) or conn.dry:
        return
    out = Output(kind, conn, options)
    try:
        _finish(out)
    except (TemporaryError, AnswerLost):
        _finish(out)


def _finish(out: Output) -> None:
    home = _home(out)
    if out.server.stat(home) is not None:
        _seal(out, home)
        for batch in sorted(out.listing(home), key=lambda file: file.name):
            if batch.name.endswith(_DONE):
                _remove(out, batch.path)
            elif batch.name != "open":
                _expected(out).difference_update(part.name for part in _parts(out, batch.path))
                _deliver(out, batch)
        if not out.listing(home):
            out.server.remove_folder(home)
    _demand_all(out, home)


def _demand_all(out: Output, home: str) -> None:
    """Records that were counted as sent must not go missing in silence."""
    missing = len(_expected(out))
    _expected(out).clear()
    if missing:
        raise RemoteRejected(
            f"{missing} part{'s' if missing > 1 else ''} of this run {'are' if missing > 1 else 'is'} gone from {home}.",
            key="parts_missing",
            hint="Another service that writes into this folder may have taken them into its own file, or somebody deleted "
            "them. Give each service a folder of its own, and send the records again if they are in no file.",
        )


def _seal(out: Output, home: str) -> None:
    opened = inside(home, "open")
    if out.server.stat(opened) is None or not _parts(out, opened):
        return
    out.server.rename(opened, inside(home, f"{out.conn.now().astimezone(UTC):{_STAMP}}"))


def _deliver(out: Output, batch: RemoteFile) -> None:
    """Make the files of a sealed batch, then mark it as done and take it away."""
    with _local(out, batch.path) as lines:
        survey, plan = _survey(lines), _Plan(out, inside(batch.path, _PLAN))
        when = local(out.conn, datetime.strptime(batch.name, _STAMP).replace(tzinfo=UTC))
        for name, count in survey.counts.items():
            path = out.path(at(name, when))
            if not plan.made(path):
                _make(out, plan, path, partial(survey.records, lines, name))
            out.conn.log("info", f"{path}: {count:,} records in one file.")
    out.server.rename(batch.path, batch.path + _DONE)
    _remove(out, batch.path + _DONE)


def _make(out: Output, plan: _Plan, path: str, records: Records) -> None:
    before = _size(out, path)
    if out.existing == "fail" and before is not None:
        raise DuplicateRecord(
            f"{path} exists already. The records of this run are kept and go into the file of the next one.",
            key="file_exists",
            hint="Take the file away, or put {timestamp} into the file name.",
        )
    out.prepare(path)
    with out.add(path, records) if out.existing == "append" and before is not None else out.render(records) as data:
        plan.note(path, before=before, after=data.seek(0, os.SEEK_END))
        out.server.put(path, data)
    plan.note(path, made=True)


class _Plan:
    """What is known of the files of a batch, on the server: how large each was and will be, and whether it is made."""

    def __init__(self, out: Output, path: str) -> None:
        self._out, self._path = out, path
        self._files: dict[str, dict[str, Any]] = {}
        if out.server.stat(path) is not None:
            with out.server.open(path) as stream:
                self._files = json.load(stream)

    def made(self, path: str) -> bool:
        """Whether a file needs no making: a size that tells nothing means making it again, which is the same file."""
        known = self._files.get(path)
        if known is None or known.get("made"):
            return known is not None
        return bool(known["before"] != known["after"] == _size(self._out, path))

    def note(self, path: str, **facts: object) -> None:
        """Remember something of a file before going on."""
        self._files[path] = {**self._files.get(path, {}), **facts}
        self._out.server.put(self._path, io.BytesIO(json.dumps(self._files).encode()))


def _size(out: Output, path: str) -> int | None:
    found = out.server.stat(path)
    return found.size if found else None


def _local(out: Output, folder: str) -> BinaryIO:
    """All parts one after the other, in a copy here."""
    target = cast(BinaryIO, SpooledTemporaryFile(max_size=SPOOL))  # noqa: SIM115  # the caller closes it
    try:
        for part in _parts(out, folder):
            with out.server.open(part.path) as stream:
                while piece := stream.read(SPOOL):
                    target.write(piece)
    except BaseException:
        target.close()
        raise
    return target


def _parts(out: Output, folder: str) -> list[RemoteFile]:
    listed = [file for file in out.listing(folder) if file.name.endswith(_PART)]
    return sorted(listed, key=lambda file: file.name)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    stream.seek(0)
    for number, line in enumerate(stream):
        yield number, json.loads(line.decode())


@dataclass(slots=True)
class _Survey:
    """What is in a batch: how many records for each file name, and which lines a later one of the same record replaces."""

    counts: Counter[str] = field(default_factory=Counter)
    replaced: bytearray = field(default_factory=bytearray)

    def records(self, stream: BinaryIO, name: str) -> Iterator[Mapping[str, Any]]:
        """The records of one file."""
        for number, line in _lines(stream):
            if line["name"] == name and not self.replaced[number]:
                yield line["record"]


def _survey(stream: BinaryIO) -> _Survey:
    found = _Survey()
    latest: dict[int, int] = {}
    for number, line in _lines(stream):
        found.replaced.append(0)
        # A short digest in place of the key keeps a million of them in some hundred megabytes.
        name = line["name"]
        digest = int.from_bytes(blake2b(f"{name}\0{line['key']}".encode(), digest_size=12).digest())
        before = latest.get(digest)
        latest[digest] = number
        if before is None:
            found.counts[name] += 1
        else:
            found.replaced[before] = 1
        if len(found.counts) > MAX_FILES:
            raise ConfigError(
                f"This run would make more than {MAX_FILES} files, as the file name differs from record to record.",
                key="file_name",
                hint="Choose one file for each record, or a file name without fields of the record.",
            )
    return found


def _remove(out: Output, folder: str) -> None:
    """Take away a batch that is done, or what a crash left of it."""
    for file in out.listing(folder):
        with _gone_or():
            out.server.remove(file.path)
    with _gone_or():
        out.server.remove_folder(folder)


@contextmanager
def _gone_or() -> Iterator[None]:
    """What is gone already needs no removal."""
    try:
        yield
    except RemoteRejected as error:
        if error.key != "no_such_file":
            raise


def _home(out: Output) -> str:
    folder = place(out.conn, options_text(out.options, "folder"))
    return inside(folder, f"topstitch-{out.kind.name}.parts")
