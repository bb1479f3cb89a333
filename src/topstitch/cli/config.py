"""Configuration as code: apply, export."""

from __future__ import annotations

from pathlib import Path

import click

from topstitch.cli.output import as_json, json_option
from topstitch.cli.start import ready
from topstitch.errors import ConfigError

MARKS = {"create": ("+", "green"), "update": ("~", "yellow"), "nothing": (" ", None)}


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--plan", "plan_only", is_flag=True, help="Only show what would change.")
@json_option
def apply(path: Path, yes: bool, plan_only: bool, as_json: bool) -> None:
    """Apply a YAML file, or all of a folder: connectors, services, lookups, scripts, systems.

    Shows the plan first. Nothing that is not in the files is touched.
    """
    ready()
    from topstitch.store.actions.companies import default_group
    from topstitch.store.files.apply import apply_plan
    from topstitch.store.files.plan import make_plan

    group = default_group()
    plan = make_plan(path, group)
    if as_json:
        _show_json(plan)
    else:
        _show(plan)
    if plan_only or not plan.effective:
        return
    if as_json and not yes:
        raise ConfigError("nothing was applied", hint="Add --yes to apply the plan, or --plan to only see it.")
    if not yes and not click.confirm("Apply these changes?"):
        raise click.Abort()
    apply_plan(plan, group)
    if not as_json:
        click.secho(f"Applied {len(plan.effective)} changes.", fg="green")


def _show(plan: object) -> None:
    from topstitch.store.files.plan import Plan

    assert isinstance(plan, Plan)
    for change in plan.changes:
        mark, colour = MARKS[change.verb]
        click.secho(f"{mark} {change.kind} {change.name}", fg=colour, nl=False)
        click.echo(f"  ({change.place})")
        for difference in change.differences:
            click.echo(f"    {difference}")
        for warning in change.warnings:
            click.secho(f"    warning: {warning}", fg="yellow")
    if not plan.effective:
        click.echo("Nothing to change.")


def _show_json(plan: object) -> None:
    from topstitch.store.files.plan import Plan

    assert isinstance(plan, Plan)
    as_json(
        [
            {
                "verb": c.verb,
                "kind": c.kind,
                "name": c.name,
                "place": c.place,
                "differences": list(c.differences),
                "warnings": list(c.warnings),
            }
            for c in plan.changes
        ]
    )


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write, instead of standard output.")
def export(output: Path | None) -> None:
    """Write what is configured as a YAML file that can be applied again. Secrets become references.

    Lookup tables of more than 5,000 pairs are written as CSV files beside the output file.
    """
    ready()
    from topstitch.store.actions.companies import default_group
    from topstitch.store.files.export import exported

    text = exported(default_group(), folder=output and output.parent)
    if output:
        output.write_text(text, "utf-8")
    else:
        click.echo(text, nl=False)


COMMANDS = (apply, export)
