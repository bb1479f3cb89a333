"""One cause: its records, what to do, what people decide about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from topstitch.accounts.models import User
from topstitch.errors import ConfigError
from topstitch.store.actions import errors as actions
from topstitch.store.ledger_sql import PASSING
from topstitch.store.models import Service
from topstitch.store.queries.audit import who_may_act
from topstitch.store.queries.errors import STATES, Card, affected_records, asked_again, find_card, notes_of
from topstitch.store.queries.people import find_colleague
from topstitch.store.queries.services import find_services, tries_of
from topstitch.web.access import needs
from topstitch.web.answers import back_to
from topstitch.web.components.guides import OF_CLASS
from topstitch.web.components.trouble import Trouble, wrong_here
from topstitch.web.components.words import capital, counted
from topstitch.web.errors.words import WHY
from topstitch.web.queries_in import large, one_of
from topstitch.web.scope import company_of, found, person_of, scope_of

#: Services listed beside the records; the others are counted.
SERVICES_SHOWN = 8
KINDS = {"open": "failed", "ignored": "quiet", "resolved": "ok"}


class IgnoreForm(forms.Form):
    """For how long, and why."""

    until = forms.DateField(
        label="Until the end of",
        required=False,
        help_text="Without a day, for as long as the message is the same. The failures go on being counted.",
        widget=forms.DateInput,
    )
    note = forms.CharField(label="Why", required=False, max_length=actions.MAX_NOTE, widget=forms.Textarea({"rows": 2}))

    def until_moment(self) -> datetime | None:
        """The end of the day that was chosen."""
        day = self.cleaned_data["until"]
        return datetime.combine(day + timedelta(days=1), time.min, UTC) if day else None


def _last_day(card: Card) -> date | None:
    """The day that was chosen."""
    return card.ignored_until.astimezone(UTC).date() - timedelta(days=1) if card.ignored_until else None


@needs("errors.view")
@require_safe
def cause(request: HttpRequest, kin: int) -> HttpResponse:
    """The cause in one state, or in all of them as one."""
    state = one_of(request.GET, "state", STATES)
    card = find_card(scope_of(request), kin, state) if state else None
    # What was decided just now may have left the state in which it was looked for.
    return _page(request, card or _card(request, kin), state if card else "", IgnoreForm())


def _card(request: HttpRequest, kin: int) -> Card:
    return found(find_card(scope_of(request), kin))


def _page(request: HttpRequest, card: Card, state: str, form: IgnoreForm) -> HttpResponse:
    after = large(request.GET, "after")
    records, more = affected_records(card, after=after)
    asked = asked_again(card)
    names = dict(who_may_act(company_of(request)))
    named = find_services(scope_of(request), {*card.service_ids, *(record.service_id for record in records)})
    services = [service for service in named if service.pk in card.service_ids][:SERVICES_SHOWN]
    context: dict[str, Any] = {
        "card": card,
        "title": _title(card, services),
        "state": state,
        "last_day": _last_day(card),
        "told": _told(card),
        "records": records,
        "more": more,
        "after": after,
        "asked": asked,
        "free": card.affected - len(asked),
        "services": {service.pk: service for service in named},
        "passing": card.error_class in PASSING,
        "tries": [(service, tries_of(service)) for service in services],
        "hidden_services": len(card.groups) - len(services),
        "notes": notes_of(card),
        "people": list(names.items()),
        "assignees": [names[pk] for pk in card.assignees if pk in names],
        "spark": [count for _, count in card.spark],
        "form": form,
    }
    return render(request, "errors/cause.html", context)


def _title(card: Card, services: Sequence[Service]) -> str:
    """What is told below stands for all of them; here is how many there are."""
    of = services[0].name if len(card.groups) == len(services) == 1 else counted(len(card.groups), "service")
    return f"{counted(card.affected, 'record')} of {of}" if card.affected else f"No record of {of} any more"


def _told(card: Card) -> Trouble:
    what, services = counted(card.affected, "record"), counted(len(card.groups), "service")
    return Trouble(
        what=capital(card.said),
        record=f"{what} of {services} now" if card.affected else "No record has it any more",
        why=f"{card.error_class.capitalize()}: {WHY.get(card.error_class, 'something went wrong')}",
        hint=card.hint,
        kind=KINDS.get(card.state, "failed"),
        guide=OF_CLASS.get(card.error_class, ""),
    )


# -- what people decide -------------------------------------------------------------------------------------------------


@needs("errors.comment")
@require_POST
def assign(request: HttpRequest, kin: int) -> HttpResponse:
    """Give it to somebody, or to nobody."""
    wanted = large(request.POST, "to")
    person = found(find_colleague(company_of(request), wanted)) if wanted else None
    done = f"Assigned to {person}." if person else "Assigned to nobody."
    return _decided(request, kin, done, lambda groups, by: actions.assign(scope_of(request), groups, person, person=by))


@needs("errors.comment")
@require_POST
def comment(request: HttpRequest, kin: int) -> HttpResponse:
    """Write something to it."""
    words = request.POST.get("note", "").replace("\x00", "")
    return _decided(
        request,
        kin,
        "Your note is kept.",
        lambda groups, by: actions.comment(scope_of(request), groups, words, person=by),
    )


@needs("errors.settle")
@require_POST
def reopen(request: HttpRequest, kin: int) -> HttpResponse:
    """Show it again."""
    return _decided(
        request, kin, "It is open again.", lambda groups, by: actions.reopen(scope_of(request), groups, person=by)
    )


@needs("errors.settle")
@require_POST
def ignore(request: HttpRequest, kin: int) -> HttpResponse:
    """Hide it until a day, or for as long as the message is the same."""
    card, form = _sent_card(request, kin), IgnoreForm(request.POST)
    if form.is_valid():
        try:
            actions.ignore(
                scope_of(request),
                card.groups,
                until=form.until_moment(),
                note=form.cleaned_data["note"],
                person=person_of(request),
            )
        except ConfigError as error:
            form.add_error("until", wrong_here(error))
        else:
            messages.success(request, "It is ignored from now on. It stands under Ignored.")
            return redirect("errors")
    return _page(request, card, request.POST.get("state", ""), form)


def _decided(request: HttpRequest, kin: int, done: str, act: Callable[[Sequence[int], User], object]) -> HttpResponse:
    """Act on the groups of a cause, say what was done or why not, and show it."""
    card = _sent_card(request, kin)
    try:
        act(card.groups, person_of(request))
    except ConfigError as error:
        messages.error(request, capital(error.message.removeprefix(f"{error.place}: ")) + ".")
    else:
        messages.success(request, done)
    return redirect(back_to(request, f"{reverse('cause', args=[kin])}?state={one_of(request.POST, 'state', STATES)}"))


def _sent_card(request: HttpRequest, kin: int) -> Card:
    """The cause in the state that the form was shown for, if it is still in that."""
    state = one_of(request.POST, "state", STATES)
    return (find_card(scope_of(request), kin, state) if state else None) or _card(request, kin)
