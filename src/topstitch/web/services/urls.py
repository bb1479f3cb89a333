"""Addresses of the services screens."""

from __future__ import annotations

from django.urls import path

from topstitch.web.services import views

urlpatterns = [
    path("", views.services, name="services"),
    path("<int:service_id>", views.summary, name="service"),
]
