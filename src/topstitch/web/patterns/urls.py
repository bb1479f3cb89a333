"""Address of the pattern page."""

from __future__ import annotations

from django.urls import path

from topstitch.web.patterns import views

urlpatterns = [path("", views.patterns, name="patterns")]
