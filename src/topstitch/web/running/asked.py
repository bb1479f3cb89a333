"""What a person changed of a service for one run, out of the forms of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from topstitch.engine.once import once
from topstitch.engine.spec import Service as Spec
from topstitch.store.models import Service
from topstitch.web.running.ends import DestinationOnce, SourceOnce
from topstitch.web.running.form import RunForm
from topstitch.web.service_forms.filters import FiltersForm
from topstitch.web.service_forms.form import PartForm

#: Records of a dry run unless the person says how many.
DRY_LIMIT = 100


class Asked:
    """The page's forms as they were filled in."""

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None, *, advanced: bool, saves: bool) -> None:
        """Raises ConfigError when a system of the service is not installed."""
        self.service, self.spec = service, spec
        self.own = RunForm(data, prefix="run", scripted=spec.script is not None, advanced=advanced, saves=saves)
        self.source = SourceOnce(service, spec, data)
        self.destination = DestinationOnce(service, spec, data)
        self.filters = FiltersForm(service, spec, data)

    @property
    def parts(self) -> Sequence[PartForm]:
        """The forms of the service's parts."""
        return self.source, self.destination, self.filters

    @property
    def pressed(self) -> bool:
        """Whether a button of one of them was pressed, rather than Run."""
        return any(part.pressed for part in self.parts)

    def is_valid(self) -> bool:
        """Whether all of them can be run with; each says what is wrong with it."""
        return all([self.own.is_valid(), *(part.is_valid() for part in self.parts)])

    def options(self, *, dry: bool) -> dict[str, Any]:
        """The run's options. A dry run looks at the first hundred records unless it is told how many, or which."""
        options = {**self.own.options(), **self.settings()}
        if dry:
            compare = {"compare": True} if self.own.cleaned_data.get("compare") else {}
            options = {"limit": DRY_LIMIT, **options, **compare, "dry": True}
        return options

    def settings(self) -> dict[str, Any]:
        """What differs from the service's own: source, destination, filters."""
        changed: dict[str, dict[str, Any]] = {"source": {}, "destination": {}}
        for part in self.parts:
            for side, values in _differences(self.spec, part.apply()).items():
                changed[side] |= values
        typed = self.own.cleaned_data.get("json") or {}
        for side, values in changed.items():
            values |= typed.get(side, {})
        filters = typed.get("filters", changed["source"].pop("filters", None))
        found = {side: values for side, values in changed.items() if values}
        return found if filters is None else {**found, "filters": filters}

    def saved(self) -> Spec:
        """The service with these settings as its own. Raises ConfigError for settings that are of runs alone."""
        settings = self.settings()
        spec = once(self.spec, settings.get("source", {}), settings.get("destination", {}))
        plain = spec.model_dump(by_alias=True)
        plain["source"]["filters"] = settings.get("filters", plain["source"]["filters"])
        return Spec.model_validate(plain)


def _differences(before: Spec, after: Spec) -> Mapping[str, dict[str, Any]]:
    """By side, the settings of `after` that are others than those of `before`."""
    pairs = {side: (getattr(before, side), getattr(after, side)) for side in ("source", "destination")}
    dumped = {side: (old.model_dump(mode="json"), new.model_dump(mode="json")) for side, (old, new) in pairs.items()}
    return {
        side: {name: value for name, value in new.items() if value != old[name]} for side, (old, new) in dumped.items()
    }
