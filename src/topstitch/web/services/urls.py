"""Addresses of the services screens."""

from __future__ import annotations

from django.urls import path

from topstitch.web.services import acting, canvas, views

urlpatterns = [
    path("", views.services, name="services"),
    path("<int:service_id>", views.summary, name="service"),
    path("<int:service_id>/canvas", canvas.canvas, name="service_canvas"),
    path("<int:service_id>/switch", acting.switch, name="service_switch"),
    path("<int:service_id>/run-now", acting.run_now, name="service_run_now"),
]
