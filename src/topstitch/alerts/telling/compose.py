"""From the notices that are due together to one message: subject, plain text, simple HTML, and what a webhook gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from topstitch.alerts.models import Notice
from topstitch.alerts.names import counted, one_line
from topstitch.alerts.telling.sections import Section, section_of

#: Told in full; of the others only the headings, and of very many only how many there are.
IN_FULL = 10
HEADINGS = 200


@dataclass(frozen=True, slots=True)
class Words:
    """A message's words."""

    subject: str
    text: str
    html: str = ""


def words_of(notices: Sequence[Notice], company: str) -> Words:
    """The message about these notices, what is still wrong first."""
    sections = sorted((section_of(notice) for notice in notices), key=lambda section: section.is_over)
    subject = sections[0].title if len(sections) == 1 else _summary(sections, company)
    full, others = sections[:IN_FULL], sections[IN_FULL : IN_FULL + HEADINGS]
    uncounted = len(sections) - len(full) - len(others)
    told = {
        "heading": one_line(subject),
        "sections": full,
        "several": len(sections) > 1,
        "others": [section.title for section in others],
        "more": counted(uncounted, "more notice") if uncounted else "",
        "footer": _footer(company),
    }
    return Words(one_line(subject), _text(told), render_to_string("alerts/mail.html", told))


def _summary(sections: Sequence[Section], company: str) -> str:
    wrong = sum(not section.is_over for section in sections)
    over = len(sections) - wrong
    parts = [f"{wrong:,} need{'s' if wrong == 1 else ''} attention"] if wrong else []
    parts += [f"{over:,} work{'s' if over == 1 else ''} again"] if over else []
    return f"{company}: {', '.join(parts)}"


def _footer(company: str) -> str:
    return f"Alerts of {company}, sent by Topstitch at {settings.BASE_URL}"


def _text(told: dict[str, Any]) -> str:
    return "\n".join(_lines(told)) + "\n"


def _lines(told: dict[str, Any]) -> Iterator[str]:
    if told["several"]:
        yield from (told["heading"], "")
    for section in told["sections"]:
        yield from _section_lines(section)
    if told["others"]:
        yield from ("And:", *(f"  {title}" for title in told["others"]), "")
    if told["more"]:
        yield from (f"And {told['more']}.", "")
    yield from ("-- ", told["footer"])


def _section_lines(section: Section) -> Iterator[str]:
    yield from (section.title, "")
    width = max((len(name) for name, _ in section.rows), default=0)
    yield from (f"  {name.ljust(width)}  {value}" for name, value in section.rows)
    if section.failures:
        yield from ("", f"  {section.failures_heading}")
        yield from (f"    {reference}: {reason}" for reference, reason in section.failures)
    if section.hint:
        yield from ("", f"  {section.hint}")
    if section.links:
        yield ""
        yield from (f"  {name}: {link}" for name, link in section.links)
    yield ""


def chat_text(notices: Sequence[Notice], company: str) -> str:
    """The same for a chat: the headings, one line each, with the first link."""
    sections = sorted((section_of(notice) for notice in notices), key=lambda section: section.is_over)
    lines = [_chat_line(section) for section in sections[: IN_FULL * 2]]
    more = len(sections) - len(lines)
    head = [_summary(sections, company)] if len(sections) > 1 else []
    return "\n".join([*head, *lines, *([f"and {more:,} more"] if more else [])])


def _chat_line(section: Section) -> str:
    first = f" {section.failures[0][0]}: {section.failures[0][1]}" if section.failures else ""
    reason = next((f" {value}" for name, value in section.rows if name == "Reason"), "")
    link = f" {section.links[0][1]}" if section.links else ""
    return f"{section.title}.{first or reason}{link}"


def webhook_payload(notice: Notice, company: str) -> dict[str, Any]:
    """What a webhook gets of a notice: the same facts, for programs."""
    section = section_of(notice)
    return {
        "type": f"alert.{notice.verb}",
        "timestamp": notice.at.isoformat(),
        "data": {
            "id": notice.pk,
            "alert": notice.trouble_id,
            "company": company,
            "kind": notice.kind,
            **notice.facts,
            "title": section.title,
            "links": dict(section.links),
        },
    }
