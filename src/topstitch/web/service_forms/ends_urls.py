"""Addresses of the tabs of a service's two ends and of its payload script."""

from __future__ import annotations

from django.urls import path

from topstitch.web.service_forms.ends import DestinationForm, SourceForm
from topstitch.web.service_forms.script import ScriptForm
from topstitch.web.service_forms.views import tab_of

urlpatterns = [
    path("<int:service_id>/source", tab_of("source", SourceForm), name="service_source"),
    path("<int:service_id>/destination", tab_of("destination", DestinationForm), name="service_destination"),
    path("<int:service_id>/script", tab_of("script", ScriptForm), name="service_script"),
]
