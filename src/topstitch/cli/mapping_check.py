"""`topstitch mapping check`: paths of a service that are probably wrong."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option
from topstitch.cli.runs import service_named
from topstitch.cli.start import ready
from topstitch.errors import ConfigError

MAX_BYTES = 50 * 1024 * 1024


@click.command()
@click.argument("service")
@click.option(
    "--sample",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file with a record of the source, or a list of them.",
)
@json_option
def check(service: str, sample: Path | None, as_json: bool) -> None:
    """Check the paths of a service against the field lists and samples of its systems.

    Tells what never occurs, with what was perhaps meant, and what does not fit. Leaves with 1 when there is something.
    """
    records = read_sample(sample) if sample else []
    ready()
    from topstitch.engine.mapping.path_check import check_service_paths
    from topstitch.sdk.catalogue import CATALOGUE
    from topstitch.store.actions.services import spec_of

    found = service_named(service)
    entries = CATALOGUE.get(found.source.system), CATALOGUE.get(found.destination.system)
    findings = check_service_paths(spec_of(found), *entries, records)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            click.secho(f"{finding.side}  ", fg="yellow", nl=False)
            click.echo(str(finding))
        click.echo(f"{len(findings)} paths to look at." if findings else "All paths are known.")
    if findings:
        sys.exit(1)


def read_sample(path: Path) -> list[Any]:
    """The records of a JSON file. Raises ConfigError naming the file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"the sample is larger than {MAX_BYTES // 1024 // 1024} MB", place=path.name)
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"the sample cannot be read: {error.strerror}", place=path.name) from error
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"the sample is not JSON: {error}", place=path.name) from error
    records = content if isinstance(content, list) else [content]
    if not all(isinstance(record, dict) for record in records):
        raise ConfigError("the sample is neither a record nor a list of records", place=path.name)
    return records


COMMANDS = (check,)
