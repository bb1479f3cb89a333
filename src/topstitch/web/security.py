"""What every answer says to the browser, and that every screen is opened only by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from topstitch.store.actions.audit import ORIGIN
from topstitch.web.access import PERSONAL, PUBLIC, SAFE, access_of, elsewhere, may, refusal

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
FEATURES = ("accelerometer", "camera", "geolocation", "gyroscope", "microphone", "payment", "usb")


class ContentSecurityPolicy:
    """Nothing from elsewhere, nothing inline, in no frame; and no copy left behind on a shared computer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and add the headers."""
        response = self._get_response(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Permissions-Policy"] = ", ".join(f"{feature}=()" for feature in FEATURES)
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class BodyLimit:
    """No request carries more than the largest file that a form takes: it is refused before anything of it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 413 to more. A body without a length is not read at all."""
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isascii() or not length.isdigit() or len(length) > 12 or int(length) > settings.MOST_BODY_BYTES:
            most = settings.MOST_BODY_BYTES // 1024 // 1024
            return HttpResponse(f"A request may carry {most} MB.\n", status=413, content_type="text/plain")
        return self._get_response(request)


class AtTheScreen:
    """While a request lasts: the audit log knows where it comes from, and times are in the person's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        token = ORIGIN.set(client_address(request))
        try:
            with timezone.override(_zone(getattr(request.user, "zone", ""))):
                return self._get_response(request)
        finally:
            ORIGIN.reset(token)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        # A name that this machine's list does not have any more.
        return None


class AccessDecided(LoginRequiredMiddleware):
    """Keeps what views say about who may open them. Those who are not signed in are sent to the door, and forms are only
    carried out in the company that they were drawn for.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Before a view is called. One that says nothing is refused: a screen without a decision is for nobody."""
        access = access_of(view_func, request.method or "")
        if access == PUBLIC:
            return None
        if not request.user.is_authenticated:
            return self.handle_no_permission(request, view_func)
        if access is None:
            raise PermissionDenied(f"{view_func.__module__} does not say who may open it")
        if access == PERSONAL:
            return None
        if request.method not in SAFE and (refused := elsewhere(request)):
            return refused
        return None if may(request, access) else refusal(request, access)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        """Nobody is signed in. A part of a page is told to reload the whole of it."""
        answer = super().handle_no_permission(request, view_func)
        if request.headers.get("HX-Request"):
            answer.status_code = 200
            del answer["Location"]
            answer["HX-Refresh"] = "true"
        return answer


def client_address(request: HttpRequest) -> str:
    """The network address of who asks. Proxies are believed as far as TOPSTITCH_TRUSTED_PROXIES says, no further."""
    address: str = request.META.get("REMOTE_ADDR", "")
    count: int = settings.TRUSTED_PROXIES
    hops = request.headers.get("X-Forwarded-For", "").split(",") if count else []
    if len(hops) >= count > 0:
        address = hops[-count].strip()
    return address[:45]
