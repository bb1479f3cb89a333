"""Addresses of running a service."""

from __future__ import annotations

from django.urls import path

from topstitch.web.running import views

urlpatterns = [
    path("<int:service_id>/run", views.run_service, name="service_run"),
    path("<int:service_id>/dry-run", views.dry_run, name="service_dry_run"),
]
