"""Addresses of the alerts of services, of notification groups, and of what was told."""

from __future__ import annotations

from django.urls import path

from topstitch.web.alerts import views

urlpatterns = [
    path("services/<int:service_id>/alerts", views.service_alerts, name="service_alerts"),
    path("services/<int:service_id>/alerts/test", views.try_service_alerts, name="try_service_alerts"),
]
