"""Addresses of the wizard and of cloning."""

from __future__ import annotations

from django.urls import path

from topstitch.web.wizard import clone_views, views

urlpatterns = [
    path("add", views.add, name="service_add"),
    path("<int:service_id>/making", views.carry_on, name="carry_on"),
    path("<int:service_id>/making/discard", views.discard, name="draft_discard"),
    path("<int:service_id>/making/check", views.check, name="wizard_check"),
    path("<int:service_id>/making/try", views.attempt, name="wizard_try"),
    path("<int:service_id>/making/<slug:step>", views.step, name="wizard_step"),
    path("<int:service_id>/clone", clone_views.clone, name="clone"),
]
