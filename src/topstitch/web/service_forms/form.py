"""What every form of a part of a service's configuration can do, so that tabs and the wizard treat them alike."""

from __future__ import annotations

from typing import ClassVar, Protocol

from django.http import QueryDict

from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.store.models import Service


class PartForm(Protocol):
    """One part of a service's configuration as a form.

    Its template shows `form` without the surrounding `<form>` and without the buttons that save. A button with a name other
    than `save` (add a row, take one out) is obeyed by the constructor: the form then shows what the button made of it, and
    `pressed` tells that nothing is to be saved.
    """

    #: Where it is told to people: "Filters", "Trigger".
    name: ClassVar[str]
    template: ClassVar[str]

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None = None) -> None: ...

    @property
    def pressed(self) -> bool:
        """Whether a button of the form itself was pressed, rather than Save."""

    def is_valid(self) -> bool:
        """Whether what was filled in can be kept; if not, each field says what is wrong with it."""

    def apply(self) -> Spec:
        """The configuration with this part as filled in. Only after `is_valid`."""

    def refuse(self, error: TopstitchError) -> None:
        """Show what saving said against it, beside the field that it names if it names one."""
