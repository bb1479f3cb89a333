"""Addresses of the custom scripts."""

from __future__ import annotations

from django.urls import path

from topstitch.web.scripts import editor, history, views

urlpatterns = [
    path("", views.scripts, name="scripts"),
    path("new", editor.add, name="script_add"),
    path("<int:script_id>", editor.script, name="script"),
    path("<int:script_id>/remove", views.remove, name="script_remove"),
    path("<int:script_id>/versions", history.versions, name="script_versions"),
    path("<int:script_id>/versions/<int:number>", history.version, name="script_version"),
    path("<int:script_id>/versions/<int:number>/restore", history.restore, name="script_restore"),
]
