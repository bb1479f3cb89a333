"""The columns a template really has on this tenant, and records fitted to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from topstitch.sdk import AuthError, ConfigError, Connection, RemoteRejected
from topstitch.systems.peoplevox import cells, moments
from topstitch.systems.peoplevox.service import get_save_template, refused, said
from topstitch.systems.peoplevox.tables import read_names
from topstitch.systems.peoplevox.templates import configure_steps

DROP, REJECT, SEND = "leave it out", "reject the record", "send it anyway"


def template_columns(conn: Connection, template: str) -> tuple[str, ...]:
    """The columns of a configured template, asked once a run. Raises ConfigError with the steps where it is not."""
    found = conn.remember(f"columns of {template}", lambda: _ask(conn, template))
    assert isinstance(found, tuple)
    return found


def _ask(conn: Connection, template: str) -> tuple[str, ...]:
    answer = get_save_template(conn, template)
    names = () if answer.failed else tuple(read_names(answer.detail))
    if names:
        return names
    if answer.failed and isinstance(error := refused(answer.detail), AuthError):
        raise error
    raise not_configured(template, answer.detail if answer.failed else "")


def not_configured(template: str, detail: str) -> ConfigError:
    """The error of a template that takes no data yet, with what to do about it."""
    words = f" ({said(detail)})" if detail else ""
    return ConfigError(
        f"the integration template {template!r} is not configured in Peoplevox{words}",
        key="template_not_configured",
        hint=configure_steps(template),
    )


@dataclass(frozen=True, slots=True)
class Fitter:
    """Turns the values of a record into the cells of one template. `prefix` is that of the field list: `lines[*].`."""

    conn: Connection
    template: str
    kinds: Mapping[str, str]
    required: frozenset[str]
    prefix: str = ""

    @classmethod
    def of(cls, conn: Connection, template: str, entity: str, prefix: str = "") -> Fitter:
        """The fitter of an entity's template; the field list says which columns are numbers, dates, words."""
        own = [field for field in conn.entry.fields(entity) if field.path.startswith(prefix)]
        kinds = {field.path.removeprefix(prefix): field.type for field in own}
        required = frozenset(field.path.removeprefix(prefix) for field in own if field.required)
        return cls(conn, template, kinds, required, prefix)

    def fit(self, values: Mapping[str, object]) -> dict[str, str]:
        """The cells, by the template's own column names. Raises RemoteRejected naming the field that does not fit."""
        zone = moments.zone_of(self.conn)
        fitted: dict[str, str] = {}
        for name, value in values.items():
            if isinstance(value, list | dict):
                raise self._unfit(name, "a list or object does not fit into one cell")
            column = self._column(name)
            if column:
                try:
                    fitted[column] = cells.as_cell(value, self.kinds.get(name, "text"), zone)
                except ValueError as error:
                    raise self._unfit(name, str(error)) from error
        return fitted

    def _column(self, name: str) -> str:
        known = template_columns(self.conn, self.template)
        if name in known:
            return name
        alike = next((each for each in known if each.lower() == name.lower()), "")
        if alike or self.conn["unknown_columns"] == SEND:
            return alike or name
        if self.conn["unknown_columns"] == REJECT or name in self.required:
            raise self._unfit(name, f"the template {self.template!r} of this tenant has no such column")
        self._warn(name)
        return ""

    def _warn(self, name: str) -> None:
        said_before = self.conn.remember(f"left out of {self.template}", set)
        if name not in said_before:
            said_before.add(name)
            self.conn.log("warning", f"{name} is left out: the template {self.template!r} has no such column")

    def _unfit(self, name: str, reason: str) -> RemoteRejected:
        field = f"{self.prefix}{name}"
        return RemoteRejected(f"{field}: {reason}", field=field)
