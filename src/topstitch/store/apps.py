"""The Django app: models and SQL, no views."""

from django.apps import AppConfig


class Store(AppConfig):
    """The store."""

    name = "topstitch.store"
    label = "store"
