"""Addresses of the catalogue."""

from __future__ import annotations

from django.urls import path

from topstitch.web.catalogue import views

urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("<slug:slug>", views.system, name="system"),
    path("<slug:slug>/settings", views.settings, name="system_settings"),
    path("<slug:slug>/files/<str:file>", views.setup_file, name="system_file"),
    path("<slug:slug>/entities/<slug:name>", views.entity, name="system_entity"),
]
