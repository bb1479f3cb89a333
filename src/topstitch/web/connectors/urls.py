"""Addresses of the connectors."""

from __future__ import annotations

from django.urls import path

from topstitch.web.connectors import saving, signing_in, views

urlpatterns = [
    path("", views.connectors, name="connectors"),
    path("add", saving.choose, name="connector_choose"),
    path("add/<slug:slug>", saving.add, name="connector_add"),
    path("sign-in", signing_in.sign_in, name="connector_sign_in"),
    path("signed-in", signing_in.signed_in, name="connector_signed_in"),
    path("<int:connector_id>", views.connector, name="connector"),
    path("<int:connector_id>/settings", saving.settings, name="connector_settings"),
    path("<int:connector_id>/json", saving.as_json, name="connector_json"),
    path("<int:connector_id>/test", views.test, name="connector_test"),
    path("<int:connector_id>/remove", views.remove, name="connector_remove"),
]
