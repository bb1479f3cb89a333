"""One file for each record: its name is made from the record, so the same record is always the same file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from topstitch.sdk import (
    AnswerLost,
    AuthError,
    Connection,
    Outgoing,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
    Verdict,
)
from topstitch.sdk.files import CapturedRequest
from topstitch.systems.sftp.collecting import collect, find_parts
from topstitch.systems.sftp.connect import local
from topstitch.systems.sftp.kinds import Kind
from topstitch.systems.sftp.naming import any_time, at, each_run, template
from topstitch.systems.sftp.output import Output


def push(kind: Kind, conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of a kind."""
    out = Output(kind, conn, options)
    if conn.dry:
        raise _captured(out, batch)
    if each_run(options):
        return collect(out, batch)
    names = template(kind, options)
    return _each(batch, lambda outgoing: _put(out, names.of(outgoing), outgoing))


def find(kind: Kind, conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[str | None]:
    """`Write.find`: the file of each record, or the part of a file to be, if it is there with just these contents."""
    out, names = Output(kind, conn, options), template(kind, options)
    if each_run(options):
        return find_parts(out, batch)
    return [_found(out, names.of(outgoing), outgoing) for outgoing in batch]


def _each(batch: Sequence[Outgoing], work: Callable[[Outgoing], Verdict]) -> list[Verdict]:
    """A verdict for each. Once the server is away the rest is not tried: every try would wait for it anew."""
    verdicts: list[Verdict] = []
    away: TopstitchError | None = None
    for outgoing in batch:
        if away is not None:
            verdicts.append(Verdict.of(away))
            continue
        try:
            verdicts.append(work(outgoing))
        except (TemporaryError, AuthError) as error:
            away = error
            verdicts.append(Verdict.of(error))
        except (AnswerLost, TopstitchError) as error:
            verdicts.append(Verdict.of(error))
    return verdicts


def _put(out: Output, name: str, outgoing: Outgoing) -> Verdict:
    path = out.path(at(name, local(out.conn, out.conn.now())))
    _claim(out, path, outgoing)
    out.prepare(path)
    if out.existing == "append":
        # Reading, adding and putting back is one act: another thread must not do the same meanwhile.
        with out.conn.cache.setdefault("append", threading.Lock()), _added(out, path, outgoing) as data:
            out.server.put(path, data)
    else:
        with out.render(lambda: [outgoing.record]) as data:
            out.server.put(path, data, overwrite=out.existing == "overwrite")
    return Verdict.sent(path)


def _added(out: Output, path: str, outgoing: Outgoing) -> BinaryIO:
    if out.server.stat(path) is None:
        return out.render(lambda: [outgoing.record])
    return out.add(path, lambda: [outgoing.record])


def _claim(out: Output, path: str, outgoing: Outgoing) -> None:
    """Within a run no record may overwrite the file of another one."""
    owner = out.conn.cache.setdefault("written", {}).setdefault(path, outgoing.key)
    if out.existing != "append" and owner != outgoing.key:
        raise RemoteRejected(
            f"The file {path} is that of another record of this run ({owner}).",
            key="file_name",
            hint="Put a field into the file name that differs from record to record, such as {key}, or choose one file for "
            "each run.",
        )


def _found(out: Output, name: str, outgoing: Outgoing) -> str | None:
    folder, _, last = out.path(name).rpartition("/")
    fits = any_time(last)
    if fits is None:
        paths = [out.path(name)]
    else:
        if out.server.stat(folder or ".") is None:
            return None
        listed = out.listing(folder or ".")
        paths = [file.path for file in listed if not file.is_folder and fits.fullmatch(file.name)]
    there = (path for path in paths if out.server.stat(path) is not None)
    return next((path for path in there if out.holds(path, outgoing.record)), None)


def _captured(out: Output, batch: Sequence[Outgoing]) -> CapturedRequest:
    """What a dry run would have written."""
    names, records = template(out.kind, out.options), [outgoing.record for outgoing in batch]
    path = out.path(at(names.of(batch[0]), local(out.conn, out.conn.now())))
    with out.render(lambda: records) as data:
        text = data.read(100_000).decode("utf-8", "replace")
    return CapturedRequest("PUT", f"{out.conn['protocol']}://{out.server.account.place}/{path.lstrip('/')}", {}, text)
