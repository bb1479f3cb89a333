"""Addresses of what is done to records."""

from __future__ import annotations

from django.urls import path

from topstitch.web.records import story, views

urlpatterns = [
    path("", story.story, name="story"),
    path("resync", views.resync_chosen, name="resync_chosen"),
    path("settle", views.settle_chosen, name="settle_chosen"),
]
