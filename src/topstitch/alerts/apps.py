"""The Django app."""

from django.apps import AppConfig


class Alerts(AppConfig):
    """Alerts."""

    name = "topstitch.alerts"
    label = "alerts"
