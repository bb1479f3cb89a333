"""Addresses of the mapper."""

from __future__ import annotations

from django.urls import path

from topstitch.web.mapper import views

urlpatterns = [
    path("<int:service_id>/mapping", views.mapper, name="mapper"),
    path("<int:service_id>/mapping/draft", views.draft, name="mapper_draft"),
    path("<int:service_id>/mapping/export", views.export, name="mapper_export"),
    path("<int:service_id>/mapping/save", views.save, name="mapper_save"),
]
