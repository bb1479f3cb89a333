"""The steps of the wizard, in their order. A step whose forms are not there is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from topstitch.web.service_forms.ends import DestinationForm, SourceForm
from topstitch.web.service_forms.filters import FiltersForm
from topstitch.web.service_forms.form import PartForm
from topstitch.web.service_forms.trigger import TriggerForm


@dataclass(frozen=True, slots=True)
class Step:
    """A step. `about` is said on top of it."""

    slug: str
    name: str
    about: str
    #: It consists of parts of the configuration, which are in PARTS.
    parts: bool = True


ADD = Step("add", "Records", "Which records go from where to where.", parts=False)
SETTINGS = Step(
    "settings", "Settings", "How records are pulled and pushed. It works as it is; unfold what you want to change."
)
TRIGGER = Step("trigger", "Trigger", "What starts a run.")
FILTERS = Step("filters", "Filters", "Which records are synced. Without a row: every one.")
MAPPING = Step("mapping", "Mapping", "What becomes of each field. The default mapping has filled what it can.", False)
ACTIVATE = Step("activate", "Switch on", "One record end to end, and a last look, before anything is sent.", False)
ALL = (ADD, SETTINGS, TRIGGER, FILTERS, MAPPING, ACTIVATE)

#: The forms of a step, one below the other.
PARTS: dict[str, Sequence[type[PartForm]]] = {
    SETTINGS.slug: (SourceForm, DestinationForm),
    TRIGGER.slug: (TriggerForm,),
    FILTERS.slug: (FiltersForm,),
}


def forms_of(step: Step) -> Sequence[type[PartForm]]:
    """The forms of a step."""
    return PARTS.get(step.slug, ())


def steps() -> list[Step]:
    """Those that there are."""
    return [step for step in ALL if not step.parts or forms_of(step)]


def step_named(slug: str) -> Step | None:
    """The step of a service that is being made; the first one makes it, and so is none of its."""
    return next((step for step in steps()[1:] if step.slug == slug), None)


def after(step: Step) -> Step | None:
    """The next step; None after the last."""
    found = steps()
    return next(iter(found[found.index(step) + 1 :]), None)


def before(step: Step) -> Step | None:
    """The step to go back to; None where that is the one that made the service."""
    found = steps()[1:]
    at = found.index(step)
    return found[at - 1] if at else None


def first() -> Step:
    """The step that comes once the service has been made."""
    return steps()[1]


def place_of(slug: str | None) -> int:
    """The place of a step among those there are, from 0; of one that is not there, of the next that is."""
    order = [step.slug for step in ALL]
    here = order.index(slug) if slug in order else len(order)
    return sum(order.index(step.slug) < here for step in steps())
