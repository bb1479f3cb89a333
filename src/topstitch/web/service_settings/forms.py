"""Forms of the settings tab."""

from __future__ import annotations

from typing import Any

from django import forms

from topstitch.store.actions.notes import MAX_NOTE
from topstitch.store.models import Service
from topstitch.store.models.service import ServiceType

TYPES = {
    ServiceType.STANDARD: "Standard: runs often, on what is new",
    ServiceType.SWEEPER: "Sweeper: runs seldom, over a longer time, and takes what was missed",
}


class NameForm(forms.Form):
    """What a service is called; its type for those who are advanced editors."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="Files that name this service need the new name too: else they make a second one.",
    )
    type = forms.ChoiceField(label="Type", choices=TYPES.items(), widget=forms.RadioSelect)
    #: What it was called when the page was opened.
    was = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, service: Service, data: Any = None, *, advanced: bool) -> None:
        super().__init__(data, initial={"name": service.name, "type": service.type, "was": service.name})
        if not advanced:
            del self.fields["type"]


class NoteForm(forms.Form):
    """A note."""

    note = forms.CharField(label="What colleagues should know", max_length=MAX_NOTE, widget=forms.Textarea({"rows": 3}))


class RemoveForm(forms.Form):
    """The name, typed."""

    typed = forms.CharField(label="Name of the service", required=False)


class RestoreForm(forms.Form):
    """Why an earlier revision is taken up again."""

    note = forms.CharField(label="Note", max_length=500, help_text="Why. Colleagues read it in the list of revisions.")


class CompareForm(forms.Form):
    """Two revisions by their numbers."""

    before = forms.IntegerField(min_value=1)
    after = forms.IntegerField(min_value=1)
