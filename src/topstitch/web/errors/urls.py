"""Addresses of the error desk."""

from __future__ import annotations

from django.urls import path

from topstitch.web.errors import cause, views

urlpatterns = [
    path("", views.errors, name="errors"),
    path("<int:kin>", cause.cause, name="cause"),
    path("<int:kin>/assign", cause.assign, name="cause_assign"),
    path("<int:kin>/comment", cause.comment, name="cause_comment"),
    path("<int:kin>/ignore", cause.ignore, name="cause_ignore"),
    path("<int:kin>/reopen", cause.reopen, name="cause_reopen"),
]
