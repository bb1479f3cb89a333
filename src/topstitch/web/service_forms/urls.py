"""Addresses of the parts of a service's configuration."""

from __future__ import annotations

from django.urls import path

from topstitch.web.service_forms.filters import FiltersForm
from topstitch.web.service_forms.suggest import filter_fields
from topstitch.web.service_forms.trigger import TriggerForm
from topstitch.web.service_forms.views import tab_of
from topstitch.web.service_forms.webhook import new_address

urlpatterns = [
    path("<int:service_id>/trigger/address", new_address, name="new_webhook_address"),
    path("filter-fields", filter_fields, name="filter_fields"),
    path("<int:service_id>/filters", tab_of("filters", FiltersForm), name="service_filters"),
    path("<int:service_id>/trigger", tab_of("trigger", TriggerForm), name="service_trigger"),
]
