"""The error desk: cards by cause."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from topstitch.store.queries.audit import who_may_act
from topstitch.store.queries.errors import CLASSES, desk_count, error_cards
from topstitch.store.queries.services import service_index
from topstitch.web.access import needs
from topstitch.web.areas import count_beside
from topstitch.web.errors.asking import TABS, WHO, choice_of, read_asked
from topstitch.web.queries_in import text
from topstitch.web.scope import company_of, person_of, scope_of


@count_beside("errors")
def open_causes(request: HttpRequest) -> int:
    """How many causes wait at the desk."""
    scope = scope_of(request)
    return desk_count(scope).causes if scope.companies else 0


@needs("errors.view")
@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    """The cards of a tab."""
    scope, asked, person = scope_of(request), read_asked(request.GET), person_of(request)
    index = service_index(scope) if asked.service else []
    cards, more = error_cards(scope, choice_of(asked, index, person.pk), after=text(request.GET, "after"))
    context = {
        "asked": asked,
        "cards": cards,
        "more": more,
        "after": request.GET.get("after", ""),
        "tabs": TABS,
        "whos": WHO,
        "classes": CLASSES,
        "names": dict(who_may_act(company_of(request))),
        "me": person.pk,
    }
    return render(request, "errors/errors.html", context)
