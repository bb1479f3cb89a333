"""The audit log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.store.models import AuditEvent
from topstitch.store.queries.audit import (
    KINDS,
    TONES,
    AuditChoice,
    audit_rows,
    difference,
    find_event,
    tone_of,
    who_may_act,
)
from topstitch.web.access import needs
from topstitch.web.queries_in import day, large, one_of, text
from topstitch.web.scope import company_of, found

#: What was done, where its tone (added, updated, ran) does not tell.
DID = {
    "run": "run by hand",
    "stop": "stopped",
    "test": "tested",
    "resync": "records synced again",
    "close": "records resolved",
    "settle": "records said to have arrived or not",
    "edit": "corrected and sent",
    "export": "downloaded",
    "invite": "invited",
    "accept": "accepted",
    "assign": "assigned",
    "comment": "commented on",
    "ignore": "ignored",
    "reopen": "opened again",
    "sign_in_failed": "refused",
}


@needs("audit.view")
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """Newest first; what is open shows what it changed."""
    company, query = company_of(request), request.GET
    choice = AuditChoice(
        text=text(query, "q"),
        kind=one_of(query, "kind", tuple(KINDS)),
        tone=one_of(query, "what", tuple(TONES)),
        person=large(query, "person"),
        first=day(query, "from"),
        last=day(query, "to"),
    )
    rows = audit_rows(company, choice, after=large(query, "after"), before=large(query, "before"))
    context = {
        "tab": "audit_log",
        "choice": choice,
        "rows": rows,
        "lines": [(event, tone_of(event.verb), _did(event)) for event in rows.rows],
        "kinds": KINDS,
        "tones": list(TONES),
        "people": who_may_act(company),
        "chosen": any((choice.text, choice.kind, choice.tone, choice.person, choice.first, choice.last)),
    }
    return render(request, "settings/audit.html", context)


@needs("audit.view")
@require_safe
def audit_event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event: who, when, from where, and every place that changed."""
    event = found(find_event(company_of(request), event_id))
    parts, more = difference(event.before, event.after)
    context = {
        "tab": "audit_log",
        "event": event,
        "tone": tone_of(event.verb),
        "did": _did(event),
        "parts": parts,
        "more": more,
    }
    return render(request, "settings/audit_event.html", context)


def _did(event: AuditEvent) -> str:
    if (event.verb, event.kind) == ("test", "connector"):
        return "tried before it was saved"
    return DID.get(event.verb, "")
