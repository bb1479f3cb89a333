"""The Django app."""

from django.apps import AppConfig


class Web(AppConfig):
    """The screens."""

    name = "topstitch.web"
    label = "web"
