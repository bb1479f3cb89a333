"""Source and destination of one run: the fields of their tabs that may be different in one run alone."""

from __future__ import annotations

from django.forms import TextInput
from django.http import QueryDict

from topstitch.engine.once import ONCE
from topstitch.engine.spec import Service as Spec
from topstitch.store.models import Service
from topstitch.web.service_forms.ends import DestinationForm, EndForm, SourceForm


def _only_once(form: EndForm) -> None:
    for name in list(form.fields):
        if name not in ONCE[form.side]:
            del form.fields[name]
    # Seldom changed for one run: two lists of six hundred zones would be most of the page.
    form.fields["zone"].widget = TextInput({"autocomplete": "off", "spellcheck": "false"})


class SourceOnce(SourceForm):
    """How this run pulls."""

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None = None) -> None:
        super().__init__(service, spec, data)
        _only_once(self)


class DestinationOnce(DestinationForm):
    """How this run pushes."""

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None = None) -> None:
        super().__init__(service, spec, data)
        _only_once(self)
