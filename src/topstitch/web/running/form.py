"""The form of one run: which records, what is done with them, what is kept, and settings as JSON for those who may."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from django import forms

from topstitch.web.components.trouble import wrong
from topstitch.web.components.widgets import Code, Switch

#: More ids are a case for filters.
MOST_IDS = 1000
PARTS = ("source", "destination", "filters")


class MomentField(forms.DateTimeField):
    """A day and a time in UTC, as the browser's own control gives it."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        """With its zone."""
        found = super().to_python(value)
        return found.replace(tzinfo=UTC) if found else None


class RunForm(forms.Form):
    """What is asked of this run beyond the service's own settings."""

    ids = forms.CharField(
        label="Only these IDs",
        help_text="Source ids, separated by commas, blanks or lines. Empty: whatever the filters let through.",
        widget=forms.Textarea({"rows": 2, "class": "mono", "spellcheck": "false"}),
        required=False,
    )
    limit = forms.IntegerField(
        label="At most", help_text="How many records are pulled.", min_value=1, max_value=10_000_000, required=False
    )
    since = MomentField(label="Changed since", help_text="UTC. The service’s own position stays.", required=False)
    until = MomentField(label="Changed until", help_text="UTC.", required=False)
    force = forms.BooleanField(
        label="Send again what was done before",
        help_text="A run usually leaves out records that went through and have not changed.",
        widget=Switch,
        required=False,
    )
    compare = forms.BooleanField(
        label="In a dry run, look at what the destination has",
        help_text="Each record is set beside it: new, changes, or the same. One more request a record.",
        widget=Switch,
        required=False,
    )
    keep_pushed = forms.BooleanField(
        label="Store push payloads",
        help_text="The records as they are sent, page by page, to be downloaded from the run’s page.",
        widget=Switch,
        required=False,
    )
    keep_scripts = forms.BooleanField(
        label="Store custom script payloads",
        help_text="What the payload script is given and what it gives.",
        widget=Switch,
        required=False,
    )
    json = forms.CharField(
        label="More settings, as JSON",
        help_text="An object with source, destination and filters: settings that stand in place of those above.",
        widget=Code({"rows": 4, "placeholder": '{"source": {"page_size": 10}, "filters": []}'}),
        required=False,
    )
    save_settings = forms.BooleanField(
        label="Save these filters and settings to the service",
        help_text="A new revision, which every later run uses too. IDs, times and the limit are of this run alone.",
        widget=Switch,
        required=False,
    )

    def __init__(self, *args: Any, scripted: bool, advanced: bool, saves: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        shown = {"keep_scripts": scripted, "json": advanced, "save_settings": saves}
        for name in [name for name, wanted in shown.items() if not wanted]:
            del self.fields[name]

    def clean_ids(self) -> list[str]:
        """One by one, each once."""
        ids = list(dict.fromkeys(part for part in re.split(r"[\s,;]+", self.cleaned_data["ids"]) if part))
        if len(ids) > MOST_IDS:
            raise wrong(f"These are {len(ids):,} ids; {MOST_IDS:,} are the most.", "Use a filter for so many.")
        return ids

    def clean_json(self) -> dict[str, Any]:
        """An object of the parts that there are."""
        text = self.cleaned_data["json"].strip()
        try:
            given = json.loads(text) if text else {}
        except json.JSONDecodeError as error:
            self.fields["json"].widget.error_line = error.lineno
            raise wrong(f"This is not JSON: {error.msg} in line {error.lineno}.") from error
        except (ValueError, RecursionError) as error:
            raise wrong("This cannot be read: a number is too long, or it is nested too deep.") from error
        if not isinstance(given, dict):
            raise wrong("This is no JSON object.", f"Begin with a brace; inside may be {', '.join(PARTS)}.")
        for name in given:
            if name not in PARTS:
                raise wrong(f"There is nothing called {name!r} to set.", f"There are {', '.join(PARTS)}.")
        for name, kind in (("source", dict), ("destination", dict), ("filters", list)):
            if name in given and not isinstance(given[name], kind):
                raise wrong(f"{name} must be {'a list' if kind is list else 'an object'}.")
        return given

    def clean(self) -> dict[str, Any]:
        """The times in their order."""
        given = self.cleaned_data
        if given.get("since") and given.get("until") and given["since"] >= given["until"]:
            self.add_error("until", wrong("This is not after “changed since”.", "Choose a later moment."))
        return given

    def options(self) -> dict[str, Any]:
        """What a run calls it; what was left empty is left out."""
        given = self.cleaned_data
        plain = {name: given.get(name) for name in ("ids", "limit", "force", "keep_pushed", "keep_scripts")}
        moments = {name: given[name].isoformat() for name in ("since", "until") if given.get(name)}
        return {name: value for name, value in {**plain, **moments}.items() if value}
