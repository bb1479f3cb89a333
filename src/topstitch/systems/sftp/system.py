"""Files as records: settings, test, and the same reading and writing for every kind of record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from topstitch.sdk import Connection, Entity, Idempotency, Read, System, Write
from topstitch.systems.sftp.after import acknowledge
from topstitch.systems.sftp.collecting import finish
from topstitch.systems.sftp.connect import test
from topstitch.systems.sftp.dialect import detect
from topstitch.systems.sftp.kinds import KINDS, Kind
from topstitch.systems.sftp.options import read_options, write_options
from topstitch.systems.sftp.reading import pages
from topstitch.systems.sftp.records import key_of
from topstitch.systems.sftp.settings import SETTINGS
from topstitch.systems.sftp.writing import find, push


def entity(kind: Kind) -> Entity:
    """An entity whose records are in files.

    It promises no filter by time, as records have no stamp of their own and a run takes the files it has not taken before.
    When a person asks for a span of time all the same, that of the files counts.
    """
    return Entity(
        name=kind.name,
        label=kind.label,
        key=key_of(kind),
        reference=kind.reference,
        mode=kind.mode,
        read=Read(
            pages=partial(pages, kind),
            page_size=500,
            max_page_size=5_000,
            options=read_options(kind),
            acknowledge=acknowledge,
        ),
        write=Write(
            push=partial(push, kind),
            # A name may hold the time, and a file may be added to: so a lost answer is settled by looking at the file.
            idempotency=Idempotency.LOOKUP,
            find=partial(find, kind),
            batch=200,
            # All share one connection.
            concurrency=1,
            options=write_options(kind),
            live_fields=partial(_live_fields, kind),
            finish=partial(finish, kind),
        ),
    )


def _live_fields(kind: Kind, conn: Connection, options: Mapping[str, Any]) -> Sequence[str]:
    """Those of the sample, where there is one: a user's own files have their own columns."""
    return [field.path for field in detect(kind, options) or conn.entry.fields(kind.name)]


SYSTEM = System(settings=SETTINGS, test=test, entities=[entity(kind) for kind in KINDS])
