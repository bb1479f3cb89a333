"""Addresses of the connectors."""

from __future__ import annotations

from django.urls import path

from topstitch.web.connectors import views

urlpatterns = [
    path("", views.connectors, name="connectors"),
    path("<int:connector_id>", views.connector, name="connector"),
    path("<int:connector_id>/test", views.test, name="connector_test"),
    path("<int:connector_id>/remove", views.remove, name="connector_remove"),
]
