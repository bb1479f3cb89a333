"""One schedule as a form: a preset, the fields, or the expression itself, which all say the same once it has been read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst

from topstitch.engine.schedule import upcoming
from topstitch.engine.spec import Schedule
from topstitch.errors import ConfigError
from topstitch.values.zones import find_zone
from topstitch.web.components.schedules import schedule_words
from topstitch.web.components.trouble import wrong, wrong_from
from topstitch.web.components.words import counted, exact
from topstitch.web.components.zones import ZoneField
from topstitch.web.service_forms import trigger_cron as cron_fields
from topstitch.web.service_forms.trigger_cron import (
    EVERY_DAY,
    HOUR,
    MINUTE,
    MONTHDAY,
    ON_MONTHDAYS,
    ON_WEEKDAYS,
    Fields,
)

PRESETS = (
    ("* * * * *", "Every minute"),
    ("*/5 * * * *", "Every 5 minutes"),
    ("*/10 * * * *", "Every 10 minutes"),
    ("*/15 * * * *", "Every 15 minutes"),
    ("*/30 * * * *", "Every 30 minutes"),
    ("*/10 6-22 * * *", "Every 10 minutes, 06:00 to 22:59"),
    ("0 * * * *", "Every hour"),
    ("0 */2 * * *", "Every 2 hours"),
    ("0 */4 * * *", "Every 4 hours"),
    ("0 */6 * * *", "Every 6 hours"),
    ("0 6,18 * * *", "Twice a day, at 06:00 and 18:00"),
    ("0 2 * * *", "Nightly at 02:00"),
    ("0 7 * * 1-5", "On working days at 07:00"),
    ("0 6 * * 1", "Weekly, on Monday at 06:00"),
    ("0 3 1 * *", "Monthly, on the 1st at 03:00"),
)
#: Not one of the presets.
OWN = "own"
WEEKDAYS = tuple(zip(map(str, range(1, 8)), ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
#: What is taken where the fields are told to list and nothing is listed yet: seen at once, and changed.
FIRST = {MINUTE: frozenset([0]), HOUR: frozenset([2]), MONTHDAY: frozenset([1])}
WORKING_DAYS = frozenset(range(1, 6))
COMING = 5


@dataclass(frozen=True, slots=True)
class Coming:
    """A time to come: in the schedule's zone, from now, and exactly."""

    moment: datetime
    local: str
    away: str
    exact: str


class ScheduleForm(forms.Form):
    """A schedule; always filled in. `was` and `was_preset` are what it was when it was shown: they tell what has changed."""

    use_required_attribute = False

    preset = forms.ChoiceField(choices=[(OWN, "Your own"), *PRESETS], label="How often")
    zone = ZoneField()
    minutes = forms.TypedChoiceField(coerce=int, label="Minutes")
    at_minutes = forms.CharField(max_length=200, required=False, label="At minutes")
    hours = forms.TypedChoiceField(coerce=int, label="Hours")
    at_hours = forms.CharField(max_length=200, required=False, label="At hours")
    days = forms.ChoiceField(label="Days")
    weekdays = forms.MultipleChoiceField(
        choices=WEEKDAYS, required=False, label="On these days", widget=forms.CheckboxSelectMultiple()
    )
    monthdays = forms.CharField(max_length=200, required=False, label="On these days of the month")
    advanced = forms.BooleanField(required=False, label="Edit the expression itself")
    cron = forms.CharField(
        max_length=200,
        label="Expression",
        error_messages={"required": "Write an expression, as in */10 * * * * for every ten minutes."},
    )
    was = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput())
    was_preset = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput())

    schedule: Schedule

    def __init__(self, data: Mapping[str, Any], *, number: int) -> None:
        super().__init__(data, prefix=f"schedule-{number}")
        self.number = number
        for name, unit in (("minutes", MINUTE), ("hours", HOUR)):
            self.fields[name].choices = _steps(unit)  # type: ignore[attr-defined]  # a ChoiceField, from above
        self.fields["days"].choices = _DAYS  # type: ignore[attr-defined]  # as above
        for name, when in _WHEN.items():
            self.fields[name].when = when  # type: ignore[attr-defined]  # read by components.fields
        for name in ("at_minutes", "at_hours", "monthdays", "cron"):
            self.fields[name].widget.attrs.update({"class": "mono", "autocomplete": "off", "spellcheck": "false"})
        for name in ("preset", "minutes", "hours", "days"):
            # The fields are not sent while the expression itself is edited.
            self.fields[name].required = self.add_prefix(name) in data
        if not self.typed:
            self.fields["cron"].widget.attrs["readonly"] = True

    @classmethod
    def of(cls, schedule: Schedule, number: int, *, advanced: bool = False) -> ScheduleForm:
        """A schedule shown: all its parts say the same."""
        fields = cron_fields.from_cron(schedule.cron)
        values = {
            "preset": schedule.cron if schedule.cron in dict(PRESETS) else OWN,
            "zone": schedule.zone,
            "advanced": "on" if advanced or fields is None else "",
            "cron": schedule.cron,
            "was": schedule.cron,
        }
        values["was_preset"] = values["preset"]
        lists = {name: [value] for name, value in values.items()} | (_shown(fields) if fields else {})
        return cls(MultiValueDict({f"schedule-{number}-{name}": each for name, each in lists.items()}), number=number)

    @classmethod
    def sent(cls, data: QueryDict, sent_as: int, number: int) -> ScheduleForm:
        """What a person sent as the schedule `sent_as`; one that can be read is shown anew, with all its parts agreeing."""
        form = cls(data, number=sent_as)
        if form.is_valid():
            return cls.of(form.schedule, number, advanced=form.typed)
        if sent_as == number:
            return form
        own = f"schedule-{sent_as}-"
        moved = {name.replace(own, f"schedule-{number}-"): data.getlist(name) for name in data if name.startswith(own)}
        return cls(MultiValueDict(moved), number=number)

    @property
    def typed(self) -> bool:
        """Whether the expression itself is typed."""
        return self._text("advanced") == "on"

    @property
    def chosen_zone(self) -> str:
        """The zone as it stands in the form."""
        return self._text("zone") or "UTC"

    @property
    def expressible(self) -> bool:
        """Whether the fields can say what the expression says."""
        return cron_fields.from_cron(self._text("cron")) is not None

    def focus(self) -> None:
        """Let the keyboard go on here."""
        self.fields["preset"].widget.attrs["autofocus"] = True

    def _text(self, name: str) -> str:
        return str(self.data.get(self.add_prefix(name), "")).strip()

    # -- reading ----------------------------------------------------------------------------------------------------

    def clean(self) -> None:
        """Which part was changed decides what the schedule is."""
        cron = self._changed_cron()
        if cron and (told := cron_fields.problem(cron)):
            self.add_error("cron", wrong(capfirst(told[0]), told[1]))
        if not self.errors:
            self.schedule = Schedule(cron=cron, zone=self.cleaned_data["zone"])

    def _changed_cron(self) -> str:
        preset, typed, was = self._text("preset"), " ".join(self._text("cron").split()), self._text("was")
        if preset not in ("", OWN, self._text("was_preset")):
            return preset
        if typed != was or not self._text("minutes"):
            return typed
        fields = self._typed_fields()
        return was if fields is None or fields == cron_fields.from_cron(was) else cron_fields.to_cron(fields)

    def _typed_fields(self) -> Fields | None:
        """What the fields say; None where one of them cannot be read."""
        minutes, hours, days = (self.cleaned_data.get(name) for name in ("minutes", "hours", "days"))
        weekdays = frozenset(map(int, self.cleaned_data.get("weekdays", ()))) or WORKING_DAYS
        made = Fields(
            every_minutes=minutes or 0,
            at_minutes=frozenset() if minutes else self._numbers("at_minutes", MINUTE),
            every_hours=hours or 0,
            at_hours=frozenset() if hours else self._numbers("at_hours", HOUR),
            days=days or EVERY_DAY,
            weekdays=weekdays if days == ON_WEEKDAYS else frozenset(),
            monthdays=self._numbers("monthdays", MONTHDAY) if days == ON_MONTHDAYS else frozenset(),
        )
        return None if self.errors else made

    def _numbers(self, name: str, unit: cron_fields.Unit) -> frozenset[int]:
        text = self._text(name)
        try:
            return cron_fields.from_text(text, unit) if text else FIRST[unit]
        except ConfigError as error:
            self.add_error(name, wrong_from(error))
            return frozenset()

    # -- showing ----------------------------------------------------------------------------------------------------

    @property
    def words(self) -> str:
        """The schedule as people say it; "" while it is wrong."""
        if not self.is_valid():
            return ""
        fields = cron_fields.from_cron(self.schedule.cron)
        # Said from the numbers that it comes to: of */45 "every 45th minute" would be said.
        cron = self.schedule.cron if fields is None else cron_fields.to_cron(fields)
        return schedule_words([Schedule(cron=cron, zone=self.schedule.zone)])

    @property
    def surprises(self) -> list[str]:
        """What is worth knowing about it."""
        return cron_fields.surprises(self.schedule.cron) if self.is_valid() else []

    @property
    def coming(self) -> list[Coming]:
        """Its next times."""
        if not self.is_valid():
            return []
        now, zone = datetime.now(UTC), find_zone(self.schedule.zone)
        return [
            Coming(moment, f"{moment.astimezone(zone):%a %-d %b, %H:%M}", _away(moment - now), exact(moment))
            for moment in upcoming([self.schedule], now, COMING)
        ]


def _away(span: timedelta) -> str:
    """`in 26 min`, `in 1 h 26 min`, `in 3 days`."""
    minutes = max(round(span.total_seconds() / 60), 1)
    if minutes >= 2 * 24 * 60:
        return f"in {counted(round(minutes / (24 * 60)), 'day')}"
    hours, rest = divmod(minutes, 60)
    return f"in {rest} min" if not hours else f"in {hours} h {rest} min" if rest else f"in {hours} h"


_DAYS = ((EVERY_DAY, "Every day"), (ON_WEEKDAYS, "Days of the week"), (ON_MONTHDAYS, "Days of the month"))
_WHEN = {
    "at_minutes": {"minutes": ["0"]},
    "at_hours": {"hours": ["0"]},
    "weekdays": {"days": [ON_WEEKDAYS]},
    "monthdays": {"days": [ON_MONTHDAYS]},
}


def _steps(unit: cron_fields.Unit) -> list[tuple[int, str]]:
    every = [(step, f"Every {unit.name}" if step == 1 else f"Every {step} {unit.name}s") for step in unit.steps]
    return [*every, (0, f"At these {unit.name}s")]


def _shown(fields: Fields) -> dict[str, list[str]]:
    return {
        "minutes": [str(fields.every_minutes)],
        "at_minutes": [cron_fields.in_text(fields.at_minutes)],
        "hours": [str(fields.every_hours)],
        "at_hours": [cron_fields.in_text(fields.at_hours)],
        "days": [fields.days],
        "weekdays": [str(day) for day in sorted(fields.weekdays)],
        "monthdays": [cron_fields.in_text(fields.monthdays)],
    }
