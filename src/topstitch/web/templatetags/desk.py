"""Small helpers of the error desk's pages."""

from __future__ import annotations

from collections.abc import Mapping

from django.template import Library
from django.utils.safestring import SafeString

from topstitch.store.models import Service
from topstitch.store.queries.errors import Card
from topstitch.web.components.figures import spark
from topstitch.web.components.words import capital
from topstitch.web.errors.words import LOOKS, OTHER

register = Library()
register.filter("capital", capital)


@register.filter
def class_kind(name: str) -> str:
    """The tone of a class of errors."""
    return LOOKS.get(name, OTHER)[0]


@register.filter
def class_icon(name: str) -> str:
    """Its shape."""
    return LOOKS.get(name, OTHER)[1]


@register.filter
def name_of(names: Mapping[int, str], pk: int) -> str:
    """Who somebody is."""
    return names.get(pk, "somebody who has left")


@register.filter
def failures_spark(card: Card) -> SafeString:
    """Failures of the last days as bars."""
    return spark([count for _, count in card.spark], "Failures a day")


@register.filter
def service_name(services: Mapping[int, Service], pk: int) -> str:
    """What a service is called; of one of the many that are not at hand, its number."""
    return services[pk].name if pk in services else f"#{pk}"
