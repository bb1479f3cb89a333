"""Addresses of the connectors."""

from __future__ import annotations

from django.urls import path

from topstitch.web.connectors import saving, views

urlpatterns = [
    path("", views.connectors, name="connectors"),
    path("add", saving.choose, name="connector_choose"),
    path("add/<slug:slug>", saving.add, name="connector_add"),
    path("<int:connector_id>", views.connector, name="connector"),
    path("<int:connector_id>/settings", saving.settings, name="connector_settings"),
    path("<int:connector_id>/json", saving.as_json, name="connector_json"),
    path("<int:connector_id>/test", views.test, name="connector_test"),
    path("<int:connector_id>/remove", views.remove, name="connector_remove"),
]
