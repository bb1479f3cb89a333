"""Addresses that other systems call."""

from __future__ import annotations

from django.urls import path

from topstitch.web.hooks.views import hook

urlpatterns = [path("<str:token>", hook, name="hook")]
