"""Addresses of the settings of a service."""

from __future__ import annotations

from django.urls import path

from topstitch.web.service_settings import json_editor, noting, revising, views

urlpatterns = [
    path("schema.json", json_editor.schema, name="service_schema"),
    path("<int:service_id>/json", json_editor.editor, name="service_json"),
    path("<int:service_id>/settings", views.settings, name="service_settings"),
    path("<int:service_id>/remove", views.remove, name="service_remove"),
    path("<int:service_id>/notes", noting.write, name="service_notes"),
    path("<int:service_id>/notes/<int:note_id>", noting.change, name="service_note"),
    path("<int:service_id>/notes/<int:note_id>/remove", noting.take_away, name="service_note_remove"),
    path("<int:service_id>/revisions", revising.revisions, name="service_revisions"),
    path("<int:service_id>/revisions/compare", revising.compare, name="service_compare"),
    path("<int:service_id>/revisions/<int:number>", revising.revision, name="service_revision"),
    path("<int:service_id>/revisions/<int:number>/restore", revising.restore, name="service_restore"),
]
