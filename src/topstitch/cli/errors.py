"""What failed, grouped by cause, and syncing it again; one record's story. For whoever has the machine: all companies."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.cli.start import ready
from topstitch.errors import ConfigError

if TYPE_CHECKING:
    from topstitch.store.queries.errors import Card
    from topstitch.store.queries.scope import Scope
    from topstitch.store.queries.story import Event, Story


def everything() -> Scope:
    """All companies."""
    from topstitch.store.models import Company
    from topstitch.store.queries.scope import Scope

    companies = list(Company.objects.order_by("name").values_list("pk", "name"))
    return Scope(tuple(pk for pk, _ in companies), tuple(name for _, name in companies))


@click.group()
def errors() -> None:
    """What failed, by cause; syncing it again."""


@errors.command("list")
@click.option("--state", default="open", show_default=True, help="open, new, assigned, ignored, resolved, itself")
@click.option("--limit", default=25, show_default=True, type=click.IntRange(1, 500))
@json_option
def list_errors(state: str, limit: int, as_json: bool) -> None:
    """Causes, those with most records first."""
    ready()
    from topstitch.store import desk
    from topstitch.store.queries.errors import STATES, ErrorChoice, error_cards

    if state not in STATES:
        raise click.BadParameter(f"{state!r} is none of {', '.join(STATES)}")
    desk.refresh()
    cards, _ = error_cards(everything(), ErrorChoice(state=state, most_first=True), size=limit)
    rows = [_shown(card) for card in cards]
    if as_json:
        print_json(rows)
        return
    columns = {"cause": "cause", "records": "records", "class": "class", "services": "services", "field": "field"}
    table([{**row, "services": ", ".join(row["services"])} for row in rows], {**columns, "message": "message"})


def _shown(card: Card) -> dict[str, Any]:
    return {
        "cause": str(card.kin),
        "records": card.affected,
        "went_through_since": card.recovered,
        "class": card.error_class,
        "field": card.place,
        "message": card.sentence,
        "hint": card.hint,
        "services": [service.name for service in card.services],
        "first_at": card.first_at,
        "last_at": card.last_at,
        "state": card.state,
    }


@errors.command()
@click.argument("cause")
@click.option("--way", default="best", show_default=True, type=click.Choice(["best", "pull", "stored"]))
@click.option("--dry-run", is_flag=True, help="Only say what would be taken.")
@json_option
def retry(cause: str, way: str, dry_run: bool, as_json: bool) -> None:
    """Sync all records of a cause again: pulled from the source, or the stored copy. Leaves with 1 when it takes none."""
    ready()
    from topstitch.store.actions.resync import resync
    from topstitch.store.queries.chosen import Chosen
    from topstitch.store.queries.errors import find_card
    from topstitch.store.queries.resyncable import plan_resync

    scope = everything()
    card = find_card(scope, int(cause)) if cause.isascii() and cause.isdigit() and len(cause) < 19 else None
    if card is None:
        raise ConfigError(f"there is no cause {cause}", hint="`topstitch errors list` shows them.")
    chosen = Chosen(causes=card.groups)
    plan = plan_resync(scope, chosen, way=way) if dry_run else resync(scope, chosen, way=way)
    if as_json:
        refused = [{"reason": r.reason, "records": r.count, "examples": r.examples} for r in plan.refused]
        runs = [str(run.pk) for run in plan.runs]
        print_json({"records": plan.records, "more": plan.more, "runs": runs, "refused": refused})
    else:
        click.echo(f"{plan.records} records {'would be' if dry_run else 'are'} synced again.")
        for refusal in plan.refused:
            click.echo(f"{refusal.count} not: {refusal.reason} ({', '.join(refusal.examples)})")
        if plan.more:
            click.echo("There are more: do it again when these are through.")
    sys.exit(0 if plan.records else 1)


@errors.command()
def rebuild() -> None:
    """Make all causes anew from the report. Only needed after an update that says so; best while nothing runs."""
    ready()
    from topstitch.store import desk

    click.echo(f"{desk.rebuild()} failures counted.")


@click.command()
@click.argument("reference")
@json_option
def story(reference: str, as_json: bool) -> None:
    """Everything that all services did with an order number, a SKU or an id of any system."""
    ready()
    from topstitch.store.queries.story import find_story

    found = find_story(everything(), reference)
    if found is None:
        raise ConfigError(f"no service has seen {reference}", hint="Check the spelling; capitals and # do not matter.")
    if as_json:
        print_json(_told(found))
        return
    columns = ["at", "service", "record", "status", "became", "message"]
    table([_event(event) for event in found.events], {name: name for name in columns})
    for gap in found.gaps:
        click.echo(gap.sentence)


def _event(event: Event) -> dict[str, Any]:
    thing, attempt = event.thing, event.attempt
    return {
        "at": event.at.strftime("%Y-%m-%d %H:%M:%S"),
        "service": thing.way.name,
        "record": thing.reference or thing.key,
        "status": attempt.status if attempt else "first seen",
        "became": attempt.remote_id if attempt else thing.remote_id,
        "message": attempt.message if attempt else "",
    }


def _told(found: Story) -> dict[str, Any]:
    things = [
        {
            "service": thing.way.name,
            "source": thing.way.source,
            "destination": thing.way.destination,
            "key": thing.key,
            "reference": thing.reference,
            "status": thing.status,
            "remote_id": thing.remote_id,
            "why": thing.link,
            "first_at": thing.first_at,
        }
        for thing in found.things
    ]
    gaps = [{"why": gap.why, "kind": gap.kind, "sentence": gap.sentence} for gap in found.gaps]
    return {"things": things, "events": [_event(event) for event in found.events], "gaps": gaps, "more": found.more}


COMMANDS = (errors, story)
