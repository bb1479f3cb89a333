"""Addresses of the alerts of services, of notification groups, and of what was told."""

from __future__ import annotations

from django.urls import path

from topstitch.web.alerts import groups, told, views

ONE = "settings/notifications/<int:notification_group_id>"

urlpatterns = [
    path("services/<int:service_id>/alerts", views.service_alerts, name="service_alerts"),
    path("services/<int:service_id>/alerts/test", views.try_service_alerts, name="try_service_alerts"),
    path("settings/notifications", groups.notification_groups, name="notification_groups"),
    path("settings/notifications/add", groups.add_notification_group, name="add_notification_group"),
    path("settings/notifications/default", groups.default_alerts, name="default_alerts"),
    path(ONE, groups.notification_group, name="notification_group"),
    path(f"{ONE}/test", groups.try_notification_group, name="try_notification_group"),
    path(f"{ONE}/remove", groups.remove_notification_group, name="remove_notification_group"),
    path("settings/told", told.told, name="told"),
]
