"""Addresses of the help."""

from __future__ import annotations

from django.urls import path

from topstitch.web.help import views

urlpatterns = [
    path("", views.help_page, name="help"),
    path("guides/<slug:slug>", views.guide, name="guide"),
    path("diagnostics", views.diagnostics, name="diagnostics"),
    path("diagnostics/services/<int:service_id>", views.diagnostics_of_service, name="diagnostics_of_service"),
    path("diagnostics/runs/<uuid:run_id>", views.diagnostics_of_run, name="diagnostics_of_run"),
]
