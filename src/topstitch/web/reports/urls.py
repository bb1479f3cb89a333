"""Addresses of the report screens."""

from __future__ import annotations

from django.urls import path

from topstitch.web.reports import views

urlpatterns = [
    path("", views.report, name="reports"),
    path("<int:attempt_id>", views.record, name="record"),
    path("<int:attempt_id>/<str:side>.json", views.record_json, name="record_json"),
]
