"""Calls of webhooks. The address is the secret: nobody signs in. What a call carries is neither read nor kept."""

from __future__ import annotations

import math

from django.http import HttpRequest, JsonResponse
from django.utils.text import capfirst
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from topstitch.errors import ConfigError, RateLimited
from topstitch.store.actions.notices import take_notice
from topstitch.web.access import public

#: Larger calls are no notices.
MOST_BYTES = 8 * 1024 * 1024


@public
@csrf_exempt
@require_POST
def hook(request: HttpRequest, token: str) -> JsonResponse:
    """Something has changed at the source of a service. Answers 200 only once a run is stored that will see it.

    404: no such address · 409: the service is off · 413: too large · 429: too many calls, with Retry-After.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return _refused(413, f"A call may carry {MOST_BYTES // 1024 // 1024} MB.")
    try:
        notice = take_notice(token)
    except RateLimited as error:
        answer = _refused(429, f"{capfirst(error.message)}: call again later.")
        answer["Retry-After"] = str(math.ceil(error.retry_after or 1))
        return answer
    except ConfigError as error:
        return _refused(409, f"{capfirst(error.message)}.")
    if notice is None:
        return _refused(404, "There is no such address.")
    return JsonResponse({"received": True, "run": str(notice.run.pk), "waiting": notice.joined})


def _refused(status: int, why: str) -> JsonResponse:
    return JsonResponse({"received": False, "error": why}, status=status)
