"""Which records of the source a service is about: filter rows, of which every one must hold."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from topstitch.engine.mapping.path_check import check_service_paths
from topstitch.engine.spec import FilterRow
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.models import Service
from topstitch.web.components.trouble import Trouble, trouble_of
from topstitch.web.components.words import system_name
from topstitch.web.service_forms.filters_counts import Counted, count_kept
from topstitch.web.service_forms.filters_examples import Example, examples_of
from topstitch.web.service_forms.filters_rows import Ground, RowForm
from topstitch.web.service_forms.filters_window import short_windows
from topstitch.web.service_forms.filters_words import UNITS, row_words

MOST = 100


class FiltersForm:
    """The filters of a service as a form (see `form.PartForm`). What was typed survives every button."""

    name: ClassVar[str] = "Filters"
    template: ClassVar[str] = "service_forms/filters.html"
    units = UNITS

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None = None) -> None:
        self.service, self.spec = service, spec
        self.trouble: Trouble | None = None
        self.counted: Counted | None = None
        self._pressed = data.get("do") if data is not None else None
        self.act, _, self._place = (self._pressed or "").partition(":")
        self._entry = CATALOGUE.get(service.source.system)
        self._entity = self._entry.entity(spec.source.entity)
        self.rows = self._rows(data) if self.filters else []
        if self.act == "count":
            self._count()
        self._doubt()

    @property
    def filters(self) -> bool:
        """Whether the source is asked for records at all; those that are sent to us are chosen by who sends them."""
        return self._entity.read is not None

    def _rows(self, data: QueryDict | None) -> list[RowForm]:
        ground, saved = self._ground(), self.spec.source.filters
        if data is None:
            return [RowForm.of(row, number, ground) for number, row in enumerate(saved)]
        gone = self._place if self.act == "remove" else ""
        sent = [text for text in data.getlist("filter") if text.isascii() and text.isdigit() and text != gone]
        sent = _moved(sent, self.act, self._place)
        rows = [RowForm.sent(data, int(text), number, ground) for number, text in enumerate(sent[:MOST])]
        if self.act == "add" and len(rows) < MOST:
            rows.append(RowForm.new(len(rows), ground))
        elif self.act == "example":
            chosen = next((one for one in self.examples if one.slug == self._place), None)
            rows += [RowForm.of(row, len(rows) + n, ground) for n, row in enumerate(chosen.rows if chosen else ())]
        return rows

    def _ground(self) -> Ground:
        read, source = self._entity.read, self.spec.source
        assert read is not None
        fields = {field.path: field for field in self._entry.fields(source.entity)}
        return Ground(fields, read, system_name(self._entry.slug), source.zone, source.filters)

    def _count(self) -> None:
        good = [row for row in self.rows if row.row and not row.only_at_source]
        try:
            self.counted = count_kept(self.service, self.spec, [row.row for row in good if row.row])
        except TopstitchError as error:
            self.trouble = trouble_of(error)
            return
        for row, keeps in zip(good, self.counted.keeps, strict=True):
            row.keeps = keeps

    def _doubt(self) -> None:
        """What is probably wrong with the paths of rows."""
        good = [row for row in self.rows if row.row]
        looked_at = self._with([row.row for row in good if row.row]).model_copy(update={"mapping": []})
        for found in check_service_paths(looked_at, self._entry, self._entry):
            if found.side == "source" and found.part[:2] == ("source", "filters"):
                good[int(found.part[2])].doubt = found

    def _with(self, rows: list[FilterRow]) -> Spec:
        source = self.spec.source.model_copy(update={"filters": rows})
        return self.spec.model_copy(update={"source": source})

    # -- what is shown ----------------------------------------------------------------------------------------------

    @property
    def system(self) -> str:
        """The source system's name."""
        return system_name(self._entry.slug)

    @property
    def suggestions(self) -> str:
        """Where the fields to choose from are."""
        names = {"system": self._entry.slug, "entity": self.spec.source.entity}
        return f"{reverse('filter_fields')}?{urlencode(names)}"

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The fields to choose from, for a page without JavaScript."""
        return [(field.path, field.label) for field in self._entry.fields(self.spec.source.entity) if field.readable]

    @property
    def examples(self) -> list[Example]:
        """Filters that people begin with."""
        return examples_of(self._entity, self._entry.fields(self.spec.source.entity))

    @property
    def sentence(self) -> list[str]:
        """What the rows that can be read say, each as a part of one sentence."""
        return [row.words for row in self.rows if row.words]

    @property
    def short(self) -> list[str]:
        """The rows whose time is shorter than the time between two runs, in words."""
        rows = {id(row.row): row for row in self.rows if row.row}
        found = short_windows([row.row for row in rows.values() if row.row], self.spec.source, self.spec.schedules)
        return [row_words(row, rows[id(row)].field) for row in found]

    @property
    def says(self) -> str:
        """What a button did, for those who listen."""
        told = {"add": "Filter added", "remove": "Filter removed", "example": "Filter added"}
        if self.counted:
            return f"{self.counted.all} of {self.counted.records} records are kept"
        return told.get(self.act, "")

    # -- saving -----------------------------------------------------------------------------------------------------

    @property
    def pressed(self) -> bool:
        """Whether a button of the form itself was pressed, rather than Save."""
        return self._pressed is not None

    def is_valid(self) -> bool:
        """Whether every row can be read."""
        return all(row.row for row in self.rows)

    def apply(self) -> Spec:
        """The configuration with these filters."""
        return self._with([row.row for row in self.rows if row.row])

    def refuse(self, error: TopstitchError) -> None:
        """Show what saving said against it."""
        self.trouble = trouble_of(error)


def _moved(numbers: list[str], act: str, place: str) -> list[str]:
    """The rows after one was moved up or down, where that was asked."""
    if act not in ("up", "down") or place not in numbers:
        return numbers
    at = numbers.index(place)
    to = min(max(at + (1 if act == "down" else -1), 0), len(numbers) - 1)
    rest = [number for number in numbers if number != place]
    return [*rest[:to], place, *rest[to:]]
