"""What every form carries. A builtin of all templates: it takes the place of Django's own `{% csrf_token %}`, without which no
form can be sent, so that none can be without it.
"""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from topstitch.web.scope import IN_COMPANY, place_of

register = template.Library()


class Marks(CsrfTokenNode):
    """The token against forged forms and, of those who are in one, the company that the form is drawn for."""

    def render(self, context: Context) -> str:
        """Hidden fields."""
        token, request = super().render(context), getattr(context, "request", None)
        place = place_of(request) if request is not None else None
        if place is None:
            return token
        return format_html('{}<input type="hidden" name="{}" value="{}">', token, IN_COMPANY, place.company.pk)


@register.tag
def csrf_token(parser: Parser, token: Token) -> Marks:
    """`{% csrf_token %}`."""
    return Marks()
