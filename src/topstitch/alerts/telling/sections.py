"""A notice in words: a heading, what there is to know, the first records, and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from topstitch.alerts.models import Kind, Notice
from topstitch.alerts.names import counted, exact, span
from topstitch.alerts.telling.links import report_link, run_link, service_link

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """One notice, ready for text and HTML."""

    title: str
    is_over: bool
    rows: Sequence[Row]
    #: Reference and reason of each.
    failures: Sequence[Row] = ()
    failures_heading: str = ""
    #: What to do now.
    hint: str = ""
    links: Sequence[Row] = ()


def section_of(notice: Notice) -> Section:
    """The section of a notice."""
    facts = notice.facts
    is_over = notice.verb == Notice.Verb.RECOVERED
    failures = [(each["reference"], each["reason"]) for each in facts.get("failures", ())]
    return Section(
        title=_over_title(facts) if is_over else facts["title"],
        is_over=is_over,
        rows=list(_rows(notice, facts)),
        failures=failures,
        failures_heading=_heading(len(failures), facts.get("failed", 0)),
        hint="" if is_over else facts.get("hint", ""),
        links=list(_links(facts)),
    )


def _over_title(facts: Mapping[str, Any]) -> str:
    what = facts.get("service") or facts.get("connector")
    return f"{what['name']}: works again" if what else facts["title"]


def _heading(shown: int, failed: int) -> str:
    if not shown:
        return ""
    return "What failed:" if failed <= shown else f"The first {shown} of them:"


def _rows(notice: Notice, facts: Mapping[str, Any]) -> Iterator[Row]:
    if notice.verb == Notice.Verb.RECOVERED:
        yield "Was", facts["title"]
        yield "Lasted", span(notice.at - _moment(facts["since"]))
    if service := facts.get("service"):
        yield "Service", f"{service['name']} (#{service['id']})"
        yield "From", _end(service["source"])
        yield "To", _end(service["destination"])
    if connector := facts.get("connector"):
        yield "Connector", f"{connector['name']} ({connector['system']})"
    if notice.verb != Notice.Verb.RECOVERED:
        yield from _what(notice, facts)
    if facts.get("services"):
        yield "Used by", _named(facts["services"], facts["services_count"])
    if notice.verb == Notice.Verb.REPEATED:
        yield "Since", exact(_moment(facts["since"]))


def _what(notice: Notice, facts: Mapping[str, Any]) -> Iterator[Row]:
    if run := facts.get("run"):
        yield "Run", f"{exact(_moment(run['at']))}, sync id {run['id']}"
        yield "Records", _records(run)
    if reason := facts.get("reason"):
        yield "Reason", reason
    if notice.kind == Kind.NO_SUCCESS:
        last = facts.get("last_success_at")
        yield "Last one", exact(_moment(last)) if last else "none since it was switched on"
    if due := facts.get("due"):
        yield "Was due", exact(_moment(due))
    if notice.kind == Kind.CREDENTIALS:
        yield "Valid until", f"{datetime.fromisoformat(facts['expires_on']):%a %d %b %Y}"
    if notice.kind == Kind.AWAY:
        yield "From", exact(_moment(facts["from"]))
        yield "Until", exact(_moment(facts["until"]))
        yield (
            "Meanwhile",
            f"{counted(facts['services_count'], 'service')} with a schedule did not run; they catch up now",
        )


def _end(end: Mapping[str, str]) -> str:
    return f"{end['entity']} of {end['system']} (connector {end['connector']})"


def _records(run: Mapping[str, Any]) -> str:
    parts = [f"{run['pulled']:,} pulled", f"{run['pushed']:,} pushed"]
    parts += [f"{run[name]:,} {name}" for name in ("failed", "uncertain", "pending") if run[name]]
    return ", ".join(parts)


def _named(names: Sequence[str], count: int) -> str:
    more = count - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")


def _links(facts: Mapping[str, Any]) -> Iterator[Row]:
    run, service = facts.get("run"), facts.get("service")
    if run and facts.get("failures"):
        yield "The records that failed", report_link(run["id"])
    if run:
        yield "The run and its log", run_link(run["id"])
    if service:
        yield "The service", service_link(service["id"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
