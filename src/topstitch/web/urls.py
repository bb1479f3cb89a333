"""Addresses of the screens."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from topstitch.web.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("topstitch.web.home.urls")),
    path("", include("topstitch.web.account.urls")),
    path("services/", include("topstitch.web.services.urls")),
    path("services/", include("topstitch.web.running.urls")),
    path("services/", include("topstitch.web.mapper.urls")),
    path("services/", include("topstitch.web.service_forms.urls")),
    path("services/", include("topstitch.web.service_forms.ends_urls")),
    path("services/", include("topstitch.web.service_settings.urls")),
    path("services/", include("topstitch.web.wizard.urls")),
    path("", include("topstitch.web.alerts.urls")),
    path("hooks/", include("topstitch.web.hooks.urls")),
    path("runs/", include("topstitch.web.runs.urls")),
    path("reports/", include("topstitch.web.reports.urls")),
    path("connectors/", include("topstitch.web.connectors.urls")),
    path("catalogue/", include("topstitch.web.catalogue.urls")),
    path("errors/", include("topstitch.web.errors.urls")),
    path("records/", include("topstitch.web.records.urls")),
    path("lookups/", include("topstitch.web.lookups.urls")),
    path("scripts/", include("topstitch.web.scripts.urls")),
    path("find", include("topstitch.web.find.urls")),
    path("settings/", include("topstitch.web.settings.urls")),
    path("patterns", include("topstitch.web.patterns.urls")),
    path("help/", include("topstitch.web.help.urls")),
    path("healthz", healthz, name="healthz"),
]
handler404 = "topstitch.web.help.broken.not_found"
handler500 = "topstitch.web.help.broken.server_error"
