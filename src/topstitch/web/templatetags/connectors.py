"""Tags of the connectors' pages alone."""

from __future__ import annotations

from django.template import Library

from topstitch.store.queries.connectors import BudgetUse
from topstitch.web.components.words import counted, number

register = Library()


@register.filter
def budget_words(budget: BudgetUse) -> str:
    """`12 of 40 requests in 2 seconds`."""
    span = "a second" if budget.per == 1 else f"{budget.per:.2g} seconds"
    return f"{number(budget.used)} of {counted(budget.allowed or 0, 'request')} in {span}"
