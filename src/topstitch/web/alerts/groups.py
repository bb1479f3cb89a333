"""Settings: notification groups, and the alerts of services that have none of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from topstitch.alerts.actions.groups import change_group, create_group, delete_group
from topstitch.alerts.actions.rules import save_rule
from topstitch.alerts.actions.trying import try_group
from topstitch.alerts.models import NotificationGroup
from topstitch.alerts.queries.groups import find_notification_group, groups_of, uses_of
from topstitch.alerts.queries.recipients import names_of, recipients_of
from topstitch.alerts.queries.rules import default_rule
from topstitch.errors import ConfigError
from topstitch.web import mail
from topstitch.web.access import needs
from topstitch.web.alerts.forms import DefaultForm
from topstitch.web.alerts.group_form import GroupForm
from topstitch.web.alerts.words import how_soon
from topstitch.web.scope import company_of, found, person_of
from topstitch.web.tried import from_button, from_form

TAB = {"tab": "notifications"}


@needs("notifications.update")
@require_safe
def notification_groups(request: HttpRequest) -> HttpResponse:
    """The groups, and what holds for services without alerts of their own."""
    company = company_of(request)
    rule = default_rule(company.pk)
    context = {
        **TAB,
        "groups": groups_of(company.pk),
        "default": rule,
        "how_soon": how_soon(rule),
        "names": names_of(recipients_of(rule)) if rule.on else [],
        "has_mail": mail.is_set_up(),
    }
    return render(request, "alerts/groups.html", context)


@needs("notifications.update")
@require_http_methods(["GET", "HEAD", "POST"])
def default_alerts(request: HttpRequest) -> HttpResponse:
    """The alerts of every service that has none of its own."""
    company = company_of(request)
    form = DefaultForm(default_rule(company.pk), request.POST if request.method == "POST" else None)
    if from_form(form, lambda values: save_rule(company, form.draft(), person=person_of(request))):
        messages.success(request, "The default is saved.")
        return redirect("notification_groups")
    return render(request, "alerts/default.html", {**TAB, "form": form})


@needs("notifications.update")
@require_http_methods(["GET", "HEAD", "POST"])
def add_notification_group(request: HttpRequest) -> HttpResponse:
    """One more."""
    return _group(request, None)


@needs("notifications.update")
@require_http_methods(["GET", "HEAD", "POST"])
def notification_group(request: HttpRequest, notification_group_id: int) -> HttpResponse:
    """Who is in it, and what uses it."""
    return _group(request, _find(request, notification_group_id))


def _group(request: HttpRequest, group: NotificationGroup | None) -> HttpResponse:
    company = company_of(request)
    form = GroupForm(company.pk, group, request.POST if request.method == "POST" else None)
    saved = _saved(request, group, form) if request.method == "POST" else None
    if saved is None:
        return _page(request, group, form)
    if form.secrets:
        # Shown on this very page and nowhere else, so this once there is no redirect.
        return _page(request, saved, GroupForm(company.pk, saved), secrets=form.secrets)
    messages.success(request, f"The notification group {saved.name} is saved.")
    return redirect("notification_groups")


def _saved(request: HttpRequest, group: NotificationGroup | None, form: GroupForm) -> NotificationGroup | None:
    """The group as it is now; None when the form, or saving, would not have it."""
    if not form.is_valid():
        return None
    name, draft, person = form.cleaned_data["name"], form.draft(), person_of(request)
    try:
        if group is None:
            return create_group(company_of(request), name, draft, person=person)
        change_group(group, name, draft, person=person)
    except ConfigError as error:
        form.refuse(error)
        return None
    return group


def _page(request: HttpRequest, group: NotificationGroup | None, form: GroupForm, **more: Any) -> HttpResponse:
    context = {**TAB, "group": group, "form": form, "uses": uses_of(group) if group else None, **more}
    return render(request, "alerts/group.html", context)


def _find(request: HttpRequest, group_id: int) -> NotificationGroup:
    return found(find_notification_group(company_of(request).pk, group_id))


@needs("notifications.update")
@require_POST
def try_notification_group(request: HttpRequest, notification_group_id: int) -> HttpResponse:
    """A test to everybody in it, at once; who took it and who did not."""
    group = _find(request, notification_group_id)
    tried = try_group(group, person=person_of(request))
    if request.headers.get("HX-Request"):
        return render(request, "alerts/_tried.html", {"tried": tried})
    return _page(request, group, GroupForm(group.company_id, group), tried=tried)


@needs("notifications.update")
@require_POST
def remove_notification_group(request: HttpRequest, notification_group_id: int) -> HttpResponse:
    """One that nothing uses goes."""
    group = _find(request, notification_group_id)
    done = f"The notification group {group.name} is removed."
    return from_button(request, lambda: delete_group(group, person=person_of(request)), done, "notification_groups")
