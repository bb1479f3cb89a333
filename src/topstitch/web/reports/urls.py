"""Addresses of the report screens."""

from __future__ import annotations

from django.urls import path

from topstitch.web.reports import edit, record, saved, views

urlpatterns = [
    path("", views.report, name="reports"),
    path("size", views.size, name="reports_size"),
    path("export.csv", views.export, name="reports_export"),
    path("views/save", saved.save, name="view_save"),
    path("views/<int:view_id>/remove", saved.remove, name="view_remove"),
    path("<int:attempt_id>", record.record, name="record"),
    path("<int:attempt_id>/resync", record.resync, name="record_resync"),
    path("<int:attempt_id>/edit", edit.edit, name="record_edit"),
    path("<int:attempt_id>/now", record.now, name="record_now"),
    path("<int:attempt_id>/<str:side>.json", record.record_json, name="record_json"),
]
