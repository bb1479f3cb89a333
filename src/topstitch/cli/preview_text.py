"""A preview for people: one block a record, its rows by category, in a hundred columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from topstitch.engine.preview.shown import Failure, Pass, RecordPreview, RecordsPreview, RowShown, StepShown

WIDTH = 100
#: Elements of a list that are shown without --trace.
ELEMENTS = 8
FATES = {
    "send": ("would be sent", "green"),
    "mapped": ("mapped", "green"),
    "settle": ("may have arrived", "magenta"),
    "ask": ("waits for a person", "magenta"),
    "unchanged": ("unchanged", "yellow"),
    "done": ("done before", "yellow"),
    "given_up": ("given up", "red"),
    "filtered": ("filtered out", "yellow"),
    "dropped": ("dropped by the payload script", "yellow"),
    "left_out": ("left out by the mapping", "yellow"),
    "repeated": ("comes again later", "yellow"),
    "failed": ("fails", "red"),
    "refused": ("refused before it is sent", "red"),
}
#: What stands where a row has no value.
STATES = {
    "disabled": "switched off",
    "never": "never came to it: its list has no elements",
    "not_met": "its condition is not met",
    "skipped": "left out",
    "empty": "empty, left out",
    "null": "empty, sent as null",
    "list": "",
    "kept": "",
    "spared": "",
}
GROUPED = "Other fields"


def show_preview(shown: RecordsPreview, *, trace: bool, request: bool) -> None:
    """All records, and what they come to."""
    if shown.script is not None:
        _script(shown)
    for record in shown.records:
        show_record(record, trace=trace, request=request)
        click.echo()
    for why in shown.not_asked:
        click.secho(f"Not looked at: {why}.", fg="yellow")
    for missing in shown.missing:
        click.secho(f"The source has no record with the id {missing}.", fg="red")
    fates = Counter(str(record.fate) for record in shown.records)
    parts = [f"{count} {FATES[fate][0]}" for fate, count in fates.items()]
    click.secho(f"{_number(len(shown.records), 'record')}: {', '.join(parts) or 'none'}. Nothing was sent.", bold=True)


def _script(shown: RecordsPreview) -> None:
    script = shown.script
    assert script is not None
    click.secho("Payload script", bold=True, nl=False)
    click.echo(f"  {_number(len(script.before), 'record')} in, {len(script.after)} out")
    for line in script.logs:
        click.echo(_cut(f"  log: {line}"))
    if script.failure is not None:
        _failure(script.failure)
    click.echo()


def show_record(record: RecordPreview, *, trace: bool, request: bool) -> None:
    """One block."""
    text, colour = FATES[str(record.fate)]
    name = record.reference or record.key or f"record {record.number}"
    about = f"  (id {record.key})" if record.reference and record.key not in ("", record.reference) else ""
    click.secho(name, bold=True, nl=False)
    click.echo(f"{about}  ", nl=False)
    click.secho(text, fg=colour)
    _why(record)
    for failure in record.failures:
        _failure(failure)
    width = min(max((len(_title(row)) for row in record.rows), default=0), 34)
    for category, rows in groupby(_by_category(record.rows), lambda row: row.category or GROUPED):
        click.secho(f"  {category}", underline=True)
        for row in rows:
            _row(row, width, trace=trace)
    if record.left_off:
        click.secho(f"  {record.left_off:,} more steps are not shown: the record is too long.", fg="yellow")
    if request:
        for each in record.requests:
            show_request(each)


def show_request(request: Mapping[str, Any]) -> None:
    """Method, address, headers and body."""
    click.secho(f"  {request['method']} {request['url']}", fg="cyan")
    for name, value in request["headers"].items():
        click.echo(f"  {name}: {value}")
    body = str(request["body"])
    with suppress(orjson.JSONDecodeError):
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    if body:
        click.echo("  " + body.replace("\n", "\n  "))


def value_text(value: Any) -> str:
    """A value as JSON, on one line."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, RecursionError):
        return repr(value)


def _why(record: RecordPreview) -> None:
    if record.filter is not None:
        no = record.filter
        wanted = "" if no.wanted is None else f" {value_text(no.wanted)}"
        reason = f"filter {no.number} wants {no.field} {no.op.replace('_', ' ')}{wanted}; it is {value_text(no.value)}"
        click.secho(_cut(f"  {reason}"), fg="yellow")
    if record.reason:
        click.secho(f"  {record.reason}", fg="yellow")
    if record.known is not None:
        known = record.known
        parts = [known.status, f"as {known.remote_id}" if known.remote_id else ""]
        parts += [f"{_number(known.attempts, 'failed try', 'failed tries')}" if known.attempts else ""]
        click.echo(f"  remembered: {', '.join(part for part in parts if part)}")


def _failure(failure: Failure) -> None:
    where = f" (element {_place(failure.place)})" if failure.place else ""
    click.secho(f"  ! {failure.message}{where}", fg="red")
    if failure.hint:
        click.echo(f"    {failure.hint}")


def _by_category(rows: Sequence[RowShown]) -> list[RowShown]:
    """In the order of the categories' first rows."""
    order: dict[str, int] = {}
    for row in rows:
        order.setdefault(row.category, len(order))
    return sorted(rows, key=lambda row: order[row.category])


def _title(row: RowShown) -> str:
    return f"{row.to}{'*' if row.required else ''}"


def _row(row: RowShown, width: int, *, trace: bool) -> None:
    colour = {"failed": "red", "spared": "yellow", "disabled": "bright_black", "never": "bright_black"}.get(row.state)
    mark = "!" if row.state == "failed" else "~" if row.state == "spared" else " "
    head = f"  {mark} {_title(row).ljust(width)}  "
    click.secho(_cut(f"{head}{_values(row)}"), fg=colour)
    if row.label != row.to and trace:
        click.echo(f"      called {row.label!r}")
    for each in row.passes:
        if trace or each.state in ("failed", "spared"):
            for line in _pass(each):
                click.echo(_cut(f"      {line}"))


def _values(row: RowShown) -> str:
    if row.state in ("disabled", "never"):
        return STATES[row.state]
    if row.state == "list":
        kept = sum(each.state == "kept" for each in row.passes if each.place)
        return (
            f"{kept} of {_number(sum(bool(each.place) for each in row.passes), 'element')} kept" if row.passes else ""
        )
    if not any(each.place for each in row.passes):
        return "; ".join(_value(each) for each in row.passes)
    shown = [f"[{_place(each.place)}] {_value(each)}" for each in row.passes[:ELEMENTS]]
    return "  ".join([*shown, *([f"and {len(row.passes) - ELEMENTS} more"] if len(row.passes) > ELEMENTS else [])])


def _value(each: Pass) -> str:
    if each.state == "failed":
        return "fails"
    if each.state == "written":
        return value_text(each.value)
    if each.state == "not_met":
        return f"{STATES['not_met']}: {each.condition}, and it is {value_text(each.met)}"
    if each.state == "spared":
        return f"{'left empty' if each.value is None else value_text(each.value)}, as {each.problem}"
    unknown = [source.path for source in each.sources if not source.occurs]
    return f"{STATES[each.state]}{f'; the record has no {unknown[0]}' if unknown else ''}"


def _pass(each: Pass) -> Iterator[str]:
    if each.place:
        yield f"element {_place(each.place)}"
    inside = "  " if each.place else ""
    for source in each.sources:
        given = value_text(source.value) if source.occurs else "not in this record"
        yield f"{inside}from {source.path}: {given}"
    for step in each.steps:
        yield f"{inside}{_step(step)}"
    if each.problem and not any(step.problem for step in each.steps):
        yield f"{inside}{each.problem}"
    if each.condition:
        yield f"{inside}condition not met: {each.condition}, and it is {value_text(each.met)}"
    if each.state == "written":
        yield f"{inside}= {value_text(each.value)}"


def _step(step: StepShown) -> str:
    name = f"{step.at} {step.function}"
    if not step.ran:
        return f"{name}: not run, there is nothing"
    given = f" of {value_text(step.given)}" if isinstance(step.given, list) else ""
    return f"{name}{given}: {step.problem}" if step.problem else f"{name}{given} -> {value_text(step.value)}"


def _place(place: Sequence[int]) -> str:
    return ".".join(map(str, place))


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _number(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
