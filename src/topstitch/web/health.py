"""Whether this installation works, for monitors: no sign-in, and no details."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from topstitch.store.queries.engine_state import engine_state
from topstitch.web.access import public


@public
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and a worker was seen lately, else 503; either way which of the two it is."""
    try:
        state = engine_state()
    except DatabaseError:
        return _answer(database=False, worker=False)
    return _answer(database=True, worker=state.workers > 0)


def _answer(**parts: bool) -> JsonResponse:
    words = {name: "ok" if good else "down" for name, good in parts.items()}
    good = all(parts.values())
    return JsonResponse({"status": "ok" if good else "down", **words}, status=200 if good else 503)
