"""Addresses of the run screens."""

from __future__ import annotations

from django.urls import path, re_path

from topstitch.web.runs import views

urlpatterns = [
    path("<uuid:run_id>", views.run, name="run"),
    path("<uuid:run_id>/lines", views.lines, name="run_lines"),
    path("<uuid:run_id>/stop", views.stop, name="run_stop"),
    path("<uuid:run_id>/payload", views.payload_by_number, name="payload_by_number"),
    re_path(
        r"^(?P<run_id>[0-9a-f-]{36})/payloads/(?P<kind>[a-z_]{1,40})/(?P<page>-?\d{1,9})\.json$",
        views.payload,
        name="payload",
    ),
]
