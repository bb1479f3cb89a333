"""Addresses of the pattern page and of what its samples ask for."""

from __future__ import annotations

from django.urls import path

from topstitch.web.patterns import views

urlpatterns = [
    path("", views.patterns, name="patterns"),
    path("/suggest", views.suggest, name="patterns_suggest"),
    path("/beside/<int:number>", views.beside, name="patterns_beside"),
    path("/toast", views.toast, name="patterns_toast"),
    path("/log", views.log, name="patterns_log"),
]
