"""Signing a connector in: to the system's own page and back. What was filled in waits, sealed, in the person's session."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings as installation
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from topstitch.errors import ConfigError, TopstitchError
from topstitch.store.actions.connector_sign_in import Pending, begin_sign_in, finish_sign_in
from topstitch.store.actions.connectors import Draft
from topstitch.store.models import Connector
from topstitch.store.secrets import seal, unseal
from topstitch.web.access import needs
from topstitch.web.components.trouble import Trouble, trouble_of
from topstitch.web.components.words import system_name
from topstitch.web.connectors.kept import forget
from topstitch.web.scope import company_of, person_of

KEY = "connector_sign_in"
#: Seconds that somebody may take on the system's page.
LIFE = 900
#: What RFC 6749 (4.1.2.1) calls what went wrong.
REASONS = {
    "access_denied": "Whoever was signed in there said no, or may not let others in.",
    "invalid_scope": "The client that was registered may not ask for what the connector needs.",
    "unauthorized_client": "The client that was registered may not sign people in this way.",
    "invalid_request": "The request was not understood: the client id or the address to come back to may be wrong.",
    "server_error": "The system could not answer.",
    "temporarily_unavailable": "The system is busy or away.",
}
NOT_BEGUN = Trouble(
    "This sign-in was not begun here, or it took too long.",
    why="What came back does not belong to a sign-in that waits in this browser.",
    hint="Begin again from the connector's form; nothing was changed.",
)


def begin(request: HttpRequest, draft: Draft, connector: Connector | None) -> HttpResponse:
    """Keep what was filled in, and go on to the page that leads there. Raises ConfigError."""
    come_back = installation.BASE_URL + reverse("connector_signed_in")
    pending = begin_sign_in(draft, come_back, connector)
    sealed = seal(_owner(request), pending.packed()).decode()
    request.session[KEY] = {"sealed": sealed, "until": time.time() + LIFE}
    return redirect("connector_sign_in")


def _owner(request: HttpRequest) -> str:
    return f"sign-in:{person_of(request).pk}:{company_of(request).pk}"


def _pending(request: HttpRequest) -> Pending | None:
    kept = request.session.get(KEY)
    if not kept or kept["until"] < time.time():
        return None
    try:
        return Pending.unpacked(unseal(_owner(request), kept["sealed"].encode()))
    except ConfigError:
        # Of another company, or of a key that is gone.
        return None


@needs("connectors.create")
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Where the person is about to go, and the address that the system must know to send them back to.

    It is a link and not a redirect: a form of ours may only lead to pages of ours.
    """
    pending = _pending(request)
    if pending is None:
        return redirect("connector_choose")
    return render(request, "connectors/sign_in.html", {**_page(pending), "address": pending.address})


@needs("connectors.create")
@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """The person is back. The state that they bring is what lets this request, though it is a GET, save anything: it was
    made for this session, and works once.
    """
    pending = _pending(request)
    if pending is None or not constant_time_compare(pending.state, request.GET.get("state", "")):
        return _failed(request, NOT_BEGUN, pending)
    del request.session[KEY]
    code = request.GET.get("code", "")
    if not code:
        return _failed(request, _refused(request, pending), pending)
    try:
        one, trial = finish_sign_in(pending, code, request.GET.dict(), person=person_of(request))
    except TopstitchError as error:
        return _failed(request, trouble_of(error, pending.draft.name), pending)
    if one is None:
        told = trouble_of(trial.error, pending.draft.name) if trial.error else None
        return _failed(request, told, pending, steps=trial.checks)
    forget(request)
    messages.success(request, f"{one.name} is signed in and saved.")
    return redirect("connector", one.pk)


def _refused(request: HttpRequest, pending: Pending) -> Trouble:
    """What the system sent instead of a code."""
    error = request.GET.get("error", "")[:100]
    return Trouble(
        f"{system_name(pending.draft.system)} did not let the connector in.",
        pending.draft.name,
        REASONS.get(error, "It gave no code."),
        ": ".join(filter(None, (error, request.GET.get("error_description", "")[:500]))),
        "Begin again, signed in there as somebody who may give access. Nothing was saved.",
    )


def _failed(request: HttpRequest, told: Trouble | None, pending: Pending | None, **more: Any) -> HttpResponse:
    context = {**(_page(pending) if pending else {}), "told": told, **more}
    return render(request, "connectors/signed_in.html", context, status=400)


def _page(pending: Pending) -> dict[str, Any]:
    draft = pending.draft
    if pending.connector_id is not None:
        back = reverse("connector_settings", args=[pending.connector_id])
    else:
        back = f"{reverse('connector_add', args=[draft.system])}?environment={draft.environment}"
    return {"draft": draft, "back": back, "come_back": pending.come_back}
