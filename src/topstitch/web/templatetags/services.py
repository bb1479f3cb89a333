"""Parts of a service's row and head that depend on what the person may."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.template import Context, Library
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from topstitch.store.models import Service
from topstitch.web.access import may
from topstitch.web.components.controls import button, menu, toggle
from topstitch.web.components.icons import icon
from topstitch.web.components.markup import attributes
from topstitch.web.services.listing import Row

register = Library()
#: The form that every button of these pages belongs to.
FORM = "acts"


@register.simple_tag
def active_toggle(service: Service, *, whole_page: bool = False) -> SafeString:
    """Switches the service; in a list its row alone is shown again."""
    address = reverse("service_switch", args=[service.pk])
    more: dict[str, Any] = {
        "form": FORM,
        "formaction": address,
        "name": "active",
        "value": "0" if service.active else "1",
    }
    if not whole_page:
        asked = {"hx_post": address, "hx_target": "closest tr", "hx_swap": "outerHTML", "hx_include": f"#{FORM}"}
        more |= {"kind": "above", **asked}
    return toggle("Active" if service.active else "Inactive", service.active, service.name, **more)


@register.simple_tag
def alerts_link(row: Row) -> SafeString:
    """Whether somebody is told of failures; leads to where that is decided."""
    word, sign = ("On", "bell") if row.alerts else ("Off", "mute")
    shown = format_html("{}{}", icon(sign), word)
    address = reverse("service_alerts", args=[row.service.pk])
    label = f"Alerts of {row.service.name}: {word.lower()}"
    return format_html('<a class="above status is-quiet" href="{}" aria-label="{}">{}</a>', address, label, shown)


@register.simple_tag
def add_service(group: int | None) -> SafeString:
    """The button that begins the making of a service."""
    address = reverse("service_add")
    return button("Add service", "primary", icon="plus", href=f"{address}?group={group}" if group else address)


@register.simple_tag(takes_context=True)
def service_menu(context: Context, service: Service) -> SafeString:
    """What can be done with a service from its row."""
    request = context["request"]
    assert isinstance(request, HttpRequest)
    body = SafeString(_entries(request, service.active).replace(_ANY, str(service.pk)))
    return menu(body, f"Actions for {service.name}", f"service-{service.pk}")


def _entries(request: HttpRequest, active: bool) -> str:
    """The same for every service but for its number, so it is made once a page."""
    known: dict[bool, str] = request.__dict__.setdefault("topstitch_service_menu", {})
    if active not in known:
        known[active] = "".join(_entry(*row) for row in _MENU if may(request, row.capability) and (active or row.idle))
    return known[active]


#: What a dry run says of a record: word, colour, shape.
_VERDICTS = {
    "created": ("Would be created", "ok", "plus"),
    "changed": ("Would be changed", "pending", "pencil"),
    "same": ("Is there just so", "quiet", "equals"),
    "unknown": ("Would be sent; it cannot be compared", "quiet", "arrow"),
}


@register.simple_tag
def dry_verdict(row: dict[str, Any]) -> SafeString:
    """What would become of a record of a dry run."""
    verdict = (row.get("difference") or {}).get("verdict", "")
    word, kind, sign = _VERDICTS.get(verdict, ("Would be sent", "sent", "arrow"))
    if row.get("problem"):
        word, kind, sign = "Would fail", "failed", "cross"
    return format_html('<span class="status is-{}">{}{}</span>', kind, icon(sign), word)


class _Entry(NamedTuple):
    """A row of the menu. `idle`: also for services that are switched off."""

    words: str
    sign: str
    capability: str
    screen: str
    kind: str = "link"
    fragment: str = ""
    idle: bool = True


def _entry(words: str, sign: str, capability: str, screen: str, kind: str, fragment: str, idle: bool) -> str:
    address = reverse(screen, args=[int(_ANY)])
    if kind == "post":
        return format_html('<li><button form="{}" formaction="{}">{}{}</button></li>', FORM, address, icon(sign), words)
    item, style = ("apart", "danger") if kind == "danger" else (None, None)
    return format_html(
        '<li{}><a href="{}{}"{}>{}{}</a></li>',
        attributes({"class": item}),
        address,
        fragment,
        attributes({"class": style}),
        icon(sign),
        words,
    )


#: Stands for the number of a service; none has it.
_ANY = "9007199254740991"
_MENU = (
    _Entry("Open", "services", "services.list", "service"),
    _Entry("View logs", "log", "runs.view", "service", fragment="#runs"),
    _Entry("Run now", "play", "services.run", "service_run_now", "post", idle=False),
    _Entry("Dry run", "eye", "services.run", "service_dry_run", "post"),
    _Entry("Run with options", "settings", "services.run", "service_run", idle=False),
    _Entry("Clone", "copy", "services.create", "clone"),
    _Entry("Settings", "cog", "services.view_settings", "service_settings"),
    _Entry("Remove", "bin", "services.delete", "service_remove", "danger"),
)
