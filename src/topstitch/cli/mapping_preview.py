"""`topstitch mapping preview`: records on their way through a service or a mapping file, step by step."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from topstitch.cli.mapping_file import MappingFile, read_mapping_file
from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option
from topstitch.cli.preview_text import show_preview
from topstitch.cli.runs import moment, run_with, service_named
from topstitch.cli.start import ready
from topstitch.errors import ConfigError
from topstitch.net.retry import Deadline

if TYPE_CHECKING:
    from topstitch.engine.preview import Given, RecordPreview, RecordsPreview
    from topstitch.engine.spec import Service as Spec
    from topstitch.sdk.catalogue import Entry
    from topstitch.store.models import Service

#: Records of a service that are shown unless a limit is given.
SHOWN = 10
#: Seconds that somebody at a terminal waits.
LONGEST = 300.0
_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.command()
@click.argument("service", required=False)
@click.option("--mapping", "mapping_file", type=_FILE, help="A file with rows: alone, or in place of the service's.")
@click.option("--id", "ids", multiple=True, help="The record with this source id; may be repeated.")
@click.option("--sample", is_flag=True, help="The sample records of the source system.")
@click.option(
    "--input", "input_file", type=_FILE, help="A JSON file with a record or a list of them; - is what is typed."
)
@click.option("--csv", "as_csv", is_flag=True, help="The input is CSV; so it is too when its name ends so.")
@click.option("--group-by", multiple=True, help="CSV rows that agree in this column are one record; may be repeated.")
@click.option("--lines", multiple=True, help="With --group-by: a column of the lines of that record; may be repeated.")
@click.option("--run", "sync", help="Records that the run with this sync id pulled.")
@click.option("--page", type=int, help="With --run: of this page only.")
@click.option(
    "--key", default="", help="The record with this source id as a run pulled it: --run, or the last that met it."
)
@click.option("--revision", type=click.IntRange(min=1), help="An earlier revision of the service.")
@click.option("--no-filters", is_flag=True, help="Do not ask the filters of the service.")
@click.option("--limit", type=click.IntRange(1, 1000), help=f"At most so many records; {SHOWN} of a service.")
@click.option("--source", help="Without a service: system/entity that the records are of.")
@click.option("--destination", help="Without a service: system/entity that they go to.")
@click.option("--now", help="Without a service: the time of the run, instead of this moment.")
@click.option("--trace", is_flag=True, help="Every step of every row.")
@click.option("--request", is_flag=True, help="The requests that would be sent.")
@json_option
def preview(
    service: str | None,
    mapping_file: Path | None,
    input_file: Path | None,
    as_csv: bool,
    group_by: tuple[str, ...],
    lines: tuple[str, ...],
    trace: bool,
    request: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Show what becomes of records, row by row; nothing is sent. Leaves with 1 when one of them fails.

    Of SERVICE, through its filters, payload script and mapping: records by id, its system's sample, a file, or what a run
    pulled. Without a service a file with rows maps a file with records, and no database is needed.
    """
    mapping = read_mapping_file(mapping_file) if mapping_file else None
    given = _read(input_file, as_csv, group_by, lines) if input_file else None
    if service is None:
        shown = _alone(mapping, given, options)
    else:
        shown = _of_service(service, mapping, given, options)
    if as_json:
        print_json(asdict(shown))
    elif service is None and not trace:
        _print_mapped(shown, one=len(shown.records) == 1 and not options["sample"])
    else:
        show_preview(shown, trace=trace, request=request)
    if any(str(record.fate) in ("failed", "refused") for record in shown.records):
        sys.exit(1)


def _of_service(name: str, mapping: MappingFile | None, given: Given | None, options: dict[str, Any]) -> RecordsPreview:
    for only in ("source", "destination", "now"):
        if options[only]:
            raise click.UsageError(f"--{only} is for a mapping without a service.")
    chosen = [bool(options["ids"]), options["sample"], given is not None, bool(options["sync"] or options["key"])]
    if sum(chosen) > 1:
        raise click.UsageError("Choose one of --id, --sample, --input and --run or --key.")
    ready()
    from topstitch.runtime.preview import Wanted, preview_of

    found = service_named(name)
    wanted = Wanted(
        ids=options["ids"],
        sample=options["sample"],
        given=given,
        run=run_with(options["sync"]) if options["sync"] else None,
        page=options["page"],
        key=options["key"],
        limit=options["limit"] or SHOWN,
        filters=not options["no_filters"],
    )
    spec = _spec(found, options["revision"], mapping)
    return preview_of(found, wanted, spec=spec, deadline=Deadline(LONGEST))


def _spec(service: Service, revision: int | None, mapping: MappingFile | None) -> Spec | None:
    """Another specification than the service's current one, if that is asked for."""
    if revision is None and mapping is None:
        return None
    from topstitch.engine.spec import Service as Spec
    from topstitch.store.actions.services import spec_of

    spec = spec_of(service)
    if revision is not None:
        stored = service.revisions.filter(number=revision).first()
        if stored is None:
            last = service.revisions.count()
            raise ConfigError(f"{service.name!r} has no revision {revision}; the last is {last}", key="revision")
        spec = Spec.model_validate(stored.spec)
    return spec if mapping is None else spec.model_copy(update={"mapping": list(mapping.rows)})


# -- without a service ----------------------------------------------------------------------------------------------


def _alone(mapping: MappingFile | None, given: Given | None, options: dict[str, Any]) -> RecordsPreview:
    from topstitch.engine.environment import RunEnvironment, run_variables
    from topstitch.engine.preview.alone import preview_mapping
    from topstitch.engine.preview.records import Given

    source = _end(options["source"] or (mapping.source if mapping else ""))
    destination = _end(options["destination"] or (mapping.destination if mapping else ""))
    mapping = _canonical(mapping, source, destination) if mapping else _default(source, destination)
    if given is None and mapping.record is not None and not options["sample"]:
        given = Given(records=[mapping.record])
    if given is None:
        if source is None or not options["sample"]:
            raise click.UsageError(
                "Name the records: --input FILE, `record:` in the mapping's, or --sample with --source."
            )
        given = Given(records=source[0].samples(source[1]))
    given = Given(records=list(given.records)[: options["limit"]], bad=given.bad)
    now = datetime.fromisoformat(moment(options["now"]) or datetime.now(UTC).isoformat())
    variables = run_variables("preview", 0, "Preview", run_time=now, company="", group="")
    environment = RunEnvironment(
        now=now, tables=mapping.tables, zone=mapping.zone, variables={**variables, **mapping.variables}
    )
    fields = destination[0].fields(destination[1]) if destination else ()
    named = _named(source) if source else None
    return preview_mapping(mapping.rows, given, environment, fields, **({"named": named} if named else {}))


def _end(text: str | None) -> tuple[Entry, str] | None:
    if not text:
        return None
    from topstitch.sdk.catalogue import CATALOGUE

    slug, slash, entity = text.partition("/")
    if not slash or not entity:
        raise click.UsageError(f"{text!r} must be system/entity, such as shopify/orders.")
    entry = CATALOGUE.get(slug)
    return entry, entry.entity(entity).name


def _canonical(
    mapping: MappingFile, source: tuple[Entry, str] | None, destination: tuple[Entry, str] | None
) -> MappingFile:
    """Its paths in the notation in which services keep them."""
    from topstitch.engine.mapping.paths import Notation, canonical_rows

    read, write = (Notation.of(*end) if end else Notation((), ()) for end in (source, destination))

    def place(*parts: str | int) -> str:
        return mapping.places[int(parts[1])]

    return replace(mapping, rows=canonical_rows(mapping.rows, read, write, place=place))


def _default(source: tuple[Entry, str] | None, destination: tuple[Entry, str] | None) -> MappingFile:
    if source is None or destination is None:
        raise click.UsageError(
            "Name a service, or a file with rows: --mapping FILE, or both --source and --destination."
        )
    from topstitch.engine.proposals.defaults import default_mapping

    kind = destination[0].entity(destination[1]).taxonomy
    return MappingFile(default_mapping(source[0].fields(source[1]), destination[0].fields(destination[1]), kind))


def _named(source: tuple[Entry, str]) -> Callable[[Any], tuple[str, str]]:
    from topstitch.engine.identity import identity
    from topstitch.engine.spec import Source
    from topstitch.errors import MappingError

    who = identity(source[0].entity(source[1]), Source(connector="", entity=source[1]), {})

    def named(record: Any) -> tuple[str, str]:
        try:
            return who.key(record), who.reference(record)
        except MappingError:
            return "", ""

    return named


def _print_mapped(shown: RecordsPreview, *, one: bool) -> None:
    """The mapped records alone, fit for other programs; what is wrong goes where errors go."""
    mapped = [record.mapped for record in shown.records if str(record.fate) == "mapped"]
    for record in shown.records:
        if str(record.fate) != "mapped":
            _tell(record)
    if mapped or not one:
        print_json(mapped[0] if one else mapped)


def _tell(record: RecordPreview) -> None:
    name = record.reference or record.key or f"record {record.number}"
    if not record.failures:
        click.secho(f"{name}: left out: {record.reason}", fg="yellow", err=True)
    for failure in record.failures:
        place = f" (element {'.'.join(map(str, failure.place))})" if failure.place else ""
        click.secho(f"{name}: {failure.message}{place}", fg="red", err=True)


def _read(path: Path, as_csv: bool, group_by: Sequence[str], lines: Sequence[str]) -> Given:
    from topstitch.engine.preview.given import MAX_BYTES, given_csv, given_json

    try:
        # One byte more than is taken, so that what is too large is known without being read.
        if str(path) == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}", place=path.name) from error
    if as_csv or group_by or path.suffix.lower() == ".csv":
        return given_csv(data, path.name, key=group_by, lines=lines)
    return given_json(data, path.name, lines=path.suffix.lower() in (".jsonl", ".ndjson"))
