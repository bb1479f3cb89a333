"""Addresses of the parts of a service's configuration."""

from __future__ import annotations

from django.urls import path

from topstitch.web.service_forms.trigger import TriggerForm
from topstitch.web.service_forms.views import tab_of

urlpatterns = [
    path("<int:service_id>/trigger", tab_of("trigger", TriggerForm), name="service_trigger"),
]
