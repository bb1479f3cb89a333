"""The Django app."""

from django.apps import AppConfig


class Accounts(AppConfig):
    """People and roles."""

    name = "topstitch.accounts"
    label = "accounts"
