"""What a run was asked to do, how fast it goes, and what happens next, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from topstitch.store.models import Run
from topstitch.store.models.run import RunStatus
from topstitch.web.components.trouble import Trouble
from topstitch.web.components.words import counted, duration, entity_name, number, relative
from topstitch.web.services.mapping import short

#: So long a run goes on before its speed says anything.
SETTLED = timedelta(seconds=2)
#: So few records say nothing either.
TELLING = 20
FLAGS = {
    "force": "sends again what was done before",
    "compare": "looks at what the destination has",
    "keep_pushed": "stores push payloads",
    "keep_scripts": "stores custom script payloads",
    "edited": "sends a corrected record",
}
STORED = {"only": "from their stored copies", "never": "pulled again", "else": "pulled again, or from stored copies"}
MOST_NAMED = 5


def options_words(run: Run) -> list[str]:
    """What this run does otherwise than one of the schedule."""
    return list(_words(run.options))


def _words(options: dict[str, Any]) -> Iterator[str]:
    ids = options.get("ids") or []
    if ids:
        more = f" and {number(len(ids) - MOST_NAMED)} more" if len(ids) > MOST_NAMED else ""
        yield f"only {', '.join(map(str, ids[:MOST_NAMED]))}{more}"
    if options.get("stored"):
        yield STORED.get(options["stored"], str(options["stored"]))
    if options.get("limit") is not None:
        yield f"at most {counted(options['limit'], 'record')}"
    for name, word in (("since", "since"), ("until", "until")):
        if options.get(name):
            yield f"changed {word} {datetime.fromisoformat(options[name]):%-d %b %Y %H:%M} UTC"
    if options.get("filters") is not None:
        yield f"filters of its own: {counted(len(options['filters']), 'row')}"
    yield from (words for name, words in FLAGS.items() if options.get(name))
    for side in ("source", "destination"):
        for name, value in options.get(side, {}).items():
            yield f"{side} {entity_name(name)} {short(value)}"


def speed(run: Run) -> str:
    """`120 records a second, about 5 s left`; "" while nothing can be said."""
    if run.started_at is None or run.pulled < TELLING:
        return ""
    took = (run.ended_at or timezone.now()) - run.started_at
    if took < SETTLED and not run.is_over:
        return ""
    rate = run.pulled / max(took.total_seconds(), 0.1)
    words = (
        f"{counted(round(rate), 'record')} a second" if rate >= 1 else f"{counted(round(rate * 60), 'record')} a minute"
    )
    left = _left(run, rate)
    return f"{words}, about {duration(left)} left" if left else words


def _left(run: Run, rate: float) -> timedelta | None:
    """Of a run that goes on and of which it is known how many records there are at most."""
    most = run.options.get("limit") or len(run.options.get("ids") or ())
    if run.is_over or run.status == RunStatus.PAUSED or not most or run.pulled >= most or not rate:
        return None
    return timedelta(seconds=(most - run.pulled) / rate)


def trouble_of_run(run: Run) -> Trouble | None:
    """What ended a run before its end, or what it waits for, in four parts."""
    if run.status == RunStatus.FAILED:
        done = (
            counted(run.pulled, "record") + " had been pulled by then"
            if run.pulled
            else "No record had been pulled yet"
        )
        return Trouble(
            run.reason or "The run failed.", f"The whole run. {done}.", hint=f"{run.hint} {_after_failure(run)}".strip()
        )
    if run.status == RunStatus.PAUSED:
        hint = "Nothing: it goes on by itself once the system is back. Waiting uses up no attempts."
        return Trouble(
            run.reason or "The run waits.",
            "Records that were not sent yet wait.",
            hint=hint,
            kind="pending",
            guide="runs",
        )
    return None


def _after_failure(run: Run) -> str:
    if run.is_dry:
        return "Nothing was sent."
    if run.service.active and run.service.next_due:
        due = relative(run.service.next_due, timezone.now())
        return f"The next run, {due}, begins where the last complete one ended: nothing is left out."
    return "The next run begins where the last complete one ended: nothing is left out."


def next_words(run: Run) -> list[str]:
    """What becomes of the records that did not go through, and of a run that was stopped."""
    if run.is_dry:
        return ["Nothing was sent, and the service remembers nothing of it."]
    found = []
    if run.pending:
        found.append(
            f"{counted(run.pending, 'record')} pending: the next run tries them again, as often as the service allows."
        )
    if run.failed:
        found.append(
            f"{counted(run.failed, 'record')} failed. The next runs try those again whose reason may pass, such as "
            "something missing at the destination; the others go when they change at the source, or when you pull them "
            "again from the report."
        )
    if run.uncertain:
        found.append(
            f"{counted(run.uncertain, 'record')} uncertain: whether they arrived is looked up, or a person decides."
        )
    if run.status == RunStatus.STOPPED:
        found.append("What was on its way has its answer. The next run pulls what this one did not.")
    return found
