"""Custom scripts: looking at them, trying them with a sample, saving versions."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.cli.start import ready
from topstitch.errors import ConfigError

if TYPE_CHECKING:
    from topstitch.scripts import ScriptResult, ScriptSpec
    from topstitch.store.models import CompanyGroup, Script

name_option = click.option("--version", "number", type=int, help="An earlier version.")


@click.group()
def scripts() -> None:
    """Custom scripts: Python in a sandbox, used from mappings by other.script and as payload scripts."""


@scripts.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List them."""
    group = _group()
    from topstitch.store.models import Script
    from topstitch.store.queries.scripts import who_uses

    rows = [
        {
            "name": script.name,
            "version": script.version,
            "used_by": sorted({use.service for use in who_uses(script)}),
            "updated_at": script.updated_at,
            "description": script.description,
        }
        for script in Script.objects.filter(company=group.company).order_by("name")
    ]
    if as_json:
        print_json(rows)
    else:
        table(rows, {c: c.replace("_", " ") for c in ("name", "version", "used_by", "updated_at", "description")})


@scripts.command()
@click.argument("name")
@name_option
@json_option
def show(name: str, number: int | None, as_json: bool) -> None:
    """Show a script's code and variables."""
    script = _named(name)
    from topstitch.store.actions.scripts import version_content
    from topstitch.store.queries.scripts import version_of

    version = version_of(script, number)
    content = version_content(version)
    if as_json:
        print_json({"name": name, "version": version.number, "description": script.description, **content})
        return
    click.secho(f"{name}, version {version.number} of {script.version}", bold=True)
    if script.description:
        click.echo(script.description)
    click.echo(f"At most {version.timeout:g} seconds and {version.memory} MB a call.")
    if version.variables:
        table(version.variables, {"name": "variable", "default": "default", "help": "what for"})
    click.echo()
    click.echo(version.code.rstrip("\n"))


@scripts.command()
@click.argument("name")
@json_option
def versions(name: str, as_json: bool) -> None:
    """List a script's versions, the newest first."""
    script = _named(name)
    rows = [
        {
            "version": version.number,
            "at": version.at,
            "by": str(version.author or ""),
            "lines": len(version.code.splitlines()),
            "note": version.note,
        }
        for version in script.versions.select_related("author").order_by("-number")
    ]
    if as_json:
        print_json(rows)
    else:
        table(rows, {c: c for c in ("version", "at", "by", "lines", "note")})


@scripts.command()
@click.argument("name")
@json_option
def uses(name: str, as_json: bool) -> None:
    """List the services that use a script, and which version."""
    script = _named(name)
    from topstitch.store.queries.scripts import who_uses

    rows = [asdict(use) for use in who_uses(script)]
    if as_json:
        print_json(rows)
    else:
        shown = [{**row, "version": row["version"] or f"latest ({script.version})"} for row in rows]
        table(shown, {"service": "service", "where": "where", "version": "version"})


@scripts.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--description", help="What it does.")
@click.option("--note", default="", help="What changed.")
@click.option(
    "--variable", "variables", multiple=True, metavar="NAME=DEFAULT", help="Declare a variable; may be repeated."
)
@click.option("--timeout", type=float, help="Seconds a call may take (10; at most 120).")
@click.option("--memory", type=int, help="MB a call may use (128).")
def save(
    name: str,
    file: Path,
    description: str | None,
    note: str,
    variables: tuple[str, ...],
    timeout: float | None,
    memory: int | None,
) -> None:
    """Save a file as a script, or as its next version. What is not given stays as it was."""
    code = _code(file)
    group = _group()
    from topstitch.scripts.model import MEMORY, TIMEOUT
    from topstitch.store.actions.scripts import Draft, Variable, save_script
    from topstitch.store.models import Script
    from topstitch.store.queries.scripts import version_of

    existing = Script.objects.filter(company=group.company, name=name).first()
    last = version_of(existing) if existing else None
    declared = [Variable(key, value) for key, value in _pairs(variables).items()]
    draft = Draft(
        code,
        declared if variables or last is None else [Variable(**variable) for variable in last.variables],
        timeout or (last.timeout if last else TIMEOUT),
        memory or (last.memory if last else MEMORY),
        description,
        note,
    )
    before = existing.version if existing else 0
    script = save_script(group.company, name, draft)
    click.echo(f"{name} version {script.version} {'saved' if script.version != before else 'is the same already'}.")


@scripts.command()
@click.argument("name")
@click.option("--payload", help="What data['payload'] is, as JSON; what is no JSON is text.")
@click.option(
    "--file", "sample", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The same from a file."
)
@click.option(
    "--each", is_flag=True, help="The sample is a list of payloads: one call for each, as of a page's records."
)
@click.option("--variable", "variables", multiple=True, metavar="NAME=VALUE", help="Set a variable; may be repeated.")
@click.option("--meta", multiple=True, metavar="NAME=VALUE", help="Set metadata; may be repeated.")
@click.option("--timeout", type=click.FloatRange(0, 120, min_open=True), help="Seconds a call may take.")
@name_option
@json_option
def test(
    name: str,
    payload: str | None,
    sample: Path | None,
    each: bool,
    variables: tuple[str, ...],
    meta: tuple[str, ...],
    timeout: float | None,
    number: int | None,
    as_json: bool,
) -> None:
    """Try a script with a sample. NAME is a saved script, or a file that ends in .py (no database is needed then).

    Leaves with 1 when a call fails.
    """
    from topstitch.functions.lookup import FixedEnvironment
    from topstitch.scripts import ScriptCall, shared_sandbox

    spec = _spec(name, number)
    if timeout:
        spec = replace(spec, timeout=timeout)
    given = _sample(payload, sample)
    if not each:
        given = [given]
    elif not isinstance(given, list):
        raise ConfigError("the sample is no list", hint="With --each the sample is a list of payloads.")
    calls = [ScriptCall(value, _pairs(meta), _pairs(variables)) for value in given]
    flow = {"sync_id": "00000000-0000-0000-0000-000000000000", "service_id": 0, "service": "Test"}
    results = shared_sandbox().run_batch(spec, calls, FixedEnvironment(datetime.now(UTC), variables=flow))
    if as_json:
        print_json([_described(result) for result in results])
    else:
        for result in results:
            _show(result)
    if any(result.error for result in results):
        sys.exit(1)


def _spec(name: str, number: int | None) -> ScriptSpec:
    from topstitch.scripts import ScriptSpec

    path = Path(name)
    if name.endswith(".py"):
        if number is not None:
            raise ConfigError("a file has no versions", place=name)
        return ScriptSpec(path.name, 0, _code(path))
    script = _named(name)
    from topstitch.store.queries.scripts import spec_of_version, version_of

    return spec_of_version(name, version_of(script, number))


def _code(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}", place=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("the file is not UTF-8 text", place=str(path)) from error


def _sample(payload: str | None, sample: Path | None) -> Any:
    if payload is not None and sample is not None:
        raise click.UsageError("Give either --payload or --file.")
    text = payload if sample is None else _code(sample)
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _pairs(given: tuple[str, ...]) -> Mapping[str, str]:
    for pair in given:
        if "=" not in pair:
            raise click.UsageError(f"{pair!r} is not NAME=VALUE.")
    return dict(pair.split("=", 1) for pair in given)


def _described(result: ScriptResult) -> dict[str, Any]:
    error = result.error
    told = error and {"message": error.message, "hint": error.hint, "key": error.key, "line": error.line}
    return {**{part: getattr(result, part) for part in _PARTS}, "error": told}


_PARTS = ("payload", "meta", "variables", "logs", "message", "response_code")


def _show(result: ScriptResult) -> None:
    for line in result.logs:
        click.secho(f"log: {line}", dim=True)
    if result.error:
        click.secho(result.error.message, fg="red")
        click.echo(f"  {result.error.hint}")
        return
    if result.message:
        click.echo(f"message: {result.message}")
    if result.response_code:
        click.echo(f"response code: {result.response_code}")
    click.echo(orjson.dumps(result.payload, option=orjson.OPT_INDENT_2, default=str).decode())


def _group() -> CompanyGroup:
    ready()
    from topstitch.store.actions.companies import default_group

    return default_group()


def _named(name: str) -> Script:
    group = _group()
    from topstitch.store.queries.scripts import script_named

    return script_named(group.company, name)


COMMANDS = (scripts,)
