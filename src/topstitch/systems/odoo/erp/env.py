"""The ORM of the practice Odoo: search, read, create, write and unlink on documents of the practice store."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from topstitch.sdk.practice import Store
from topstitch.systems.odoo.erp import registry
from topstitch.systems.odoo.erp.domain import checked, matches
from topstitch.systems.odoo.erp.faults import AccessError, UserError, ValidationError, missing, value_error
from topstitch.systems.odoo.erp.moments import now_moment, shown_moment, written_moment
from topstitch.systems.odoo.erp.schema import NUMBERS, TWO_DIGITS, X2MANY, Column, models

Doc = dict[str, Any]
#: Users without the groups of an administrator: what they may not touch.
CLOSED = {8: ("sale.", "account.", "purchase.")}


def half_up(amount: float) -> float:
    """Rounded to two digits, half a cent up, as Odoo rounds: the float a hair below it counts as half too."""
    return float(Decimal(repr(round(amount, 9))).quantize(Decimal("0.01"), ROUND_HALF_UP))


class Env:
    """One call's view of the database: version, user, context, and the one time stamp of its transaction."""

    def __init__(self, store: Store, series: int, uid: int, context: Doc | None = None, now: str = "") -> None:
        self.store, self.series, self.uid = store, series, uid
        self.context: Doc = context or {}
        self.now = now or now_moment()

    def having(self, **context: Any) -> Env:
        """The same with more context."""
        return Env(self.store, self.series, self.uid, {**self.context, **context}, self.now)

    @property
    def company(self) -> int:
        """The user's company, the first for those who have none."""
        user = self.get("res.users", self.uid) or {}
        return int(user.get("company_id") or self.docs("res.company")[0]["id"])

    def columns(self, model: str) -> dict[str, Column]:
        """A model's fields; UserError for an unknown model, AccessError for a closed one."""
        found = models(self.series).get(model)
        if found is None:
            raise UserError(f"Object {model} doesn't exist")
        if model.startswith(CLOSED.get(self.uid, ("\0",))):
            raise AccessError(f"You are not allowed to access '{model}' records.\n\nContact your administrator.")
        return found

    def column(self, model: str, name: str) -> Column:
        """One field; ValueError when there is none."""
        column = self.columns(model).get(name)
        if column is None:
            raise value_error(f"Invalid field {name!r} on model {model!r}")
        return column

    def columns_on(self, model: str, path: str) -> None:
        """Follow a dotted path, refusing what does not exist."""
        for name in path.split("."):
            model = self.column(model, name).relation or model

    def _place(self, model: str) -> str:
        return f"{self.series}.{model}"

    def get(self, model: str, id: Any) -> Doc | None:
        """One stored record."""
        return self.store.get(self._place(model), id) if id else None

    def docs(self, model: str) -> list[Doc]:
        """Every stored record."""
        return self.store.all(self._place(model))

    def value(self, model: str, doc: Doc, column: Column) -> Any:
        """The raw value of a field: ids for relations, microseconds in date-times."""
        if column.kind == "one2many":
            return [each["id"] for each in self.docs(column.relation) if each.get(column.inverse) == doc["id"]]
        if column.name == "display_name":
            return self.name_of(model, doc["id"])
        if column.computed:
            compute = registry.COMPUTED.get((model, column.name))
            return compute(self, doc) if compute else None
        return doc.get(column.name)

    def name_of(self, model: str, id: Any) -> str:
        """What a many2one shows."""
        doc = self.get(model, id)
        if doc is None:
            return ""
        naming = registry.COMPUTED.get((model, "display_name"))
        return str(naming(self, doc) if naming else doc.get("name") or f"{model},{id}")

    def search(
        self, model: str, domain: Sequence[Any], *, offset: int = 0, limit: int | None = None, order: str = ""
    ) -> list[Doc]:
        """The records that fit, archived ones only where the domain or the context asks for them."""
        domain = list(domain or [])
        checked(self, model, domain)
        active = self.columns(model).get("active")
        named = any(isinstance(term, list | tuple) and term[0] == "active" for term in domain)
        if active and not active.computed and not named and self.context.get("active_test", True):
            domain.append(["active", "=", True])
        found = [doc for doc in self.docs(model) if matches(self, model, domain, doc)]
        for term in reversed((order or "id").split(",")):
            name, *direction = term.split()
            column = self.column(model, name)
            down = bool(direction) and direction[0].lower() == "desc"
            found.sort(key=lambda doc, c=column: self._rank(model, doc, c), reverse=down)  # type: ignore[misc]  # mypy wants no default here
        end = offset + limit if limit else None
        return found[offset:end]

    def _rank(self, model: str, doc: Doc, column: Column) -> tuple[bool, Any]:
        value = self.value(model, doc, column)
        return (value is None, 0 if value is None else value)

    def read(self, model: str, docs: Sequence[Doc], fields: Sequence[str] | None) -> list[Doc]:
        """Rows as answers show them; every field when none is named."""
        names = list(fields) if fields else list(self.columns(model))
        columns = [self.column(model, name) for name in names]
        return [{"id": doc["id"], **{c.name: self._shown(model, doc, c) for c in columns}} for doc in docs]

    def _shown(self, model: str, doc: Doc, column: Column) -> Any:
        value = self.value(model, doc, column)
        if column.kind in X2MANY:
            return value or []
        if column.kind == "many2one":
            return [value, self.name_of(column.relation, value)] if value else False
        if column.kind in NUMBERS:
            return value if value is not None else (False if column.kind == "boolean" else 0)
        if column.kind == "datetime" and value:
            return shown_moment(value)
        return value if value not in (None, "") else False

    def create(self, model: str, given: Doc) -> int:
        """One new record; its id."""
        for name in given:
            self.column(model, name)
        if model in registry.CREATE:
            return registry.CREATE[model](self, dict(given))
        return self.insert(model, given)

    def insert(self, model: str, given: Doc) -> int:
        """Create without the model's own create."""
        columns = self.columns(model)
        prepare = registry.PREPARE.get(model)
        given = prepare(self, dict(given)) if prepare else dict(given)
        doc: Doc = {name: c.default for name, c in columns.items() if c.default is not None}
        doc["id"] = self.store.next_id(self._place(model))
        doc |= {"create_date": self.now, "write_date": self.now}
        self._take(model, doc, given)
        for column in columns.values():
            if column.required and doc.get(column.name) in (None, "") and not column.computed:
                raise ValidationError(
                    "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n\n"
                    f"Model: {model} ({model}), Field: {column.described()['string']} ({column.name})"
                )
        self._finish(model, doc, given)
        return int(doc["id"])

    def write(self, model: str, ids: Sequence[int], given: Doc) -> None:
        """Change records; MissingError when one is not there."""
        docs = [self.get(model, id) for id in ids]
        if gone := [id for id, doc in zip(ids, docs, strict=True) if doc is None]:
            raise missing(model, gone, self.uid)
        for name in given:
            self.column(model, name)
        if model in registry.WRITE:
            registry.WRITE[model](self, list(ids), dict(given))
            return
        self.update(model, ids, given)

    def update(self, model: str, ids: Sequence[int], given: Doc) -> None:
        """Write without the model's own write."""
        for id in ids:
            doc = self.get(model, id)
            assert doc is not None
            doc["write_date"] = self.now
            self._take(model, doc, given)
            self._finish(model, doc, given)

    def unlink(self, model: str, ids: Sequence[int]) -> None:
        """Delete records."""
        if gone := [id for id in ids if self.get(model, id) is None]:
            raise missing(model, gone, self.uid)
        for id in ids:
            self.store.delete(self._place(model), id)

    def put(self, model: str, doc: Doc) -> None:
        """Store a record as it is, with a new write_date."""
        doc["write_date"] = self.now
        self.store.put(self._place(model), doc["id"], doc)

    def _take(self, model: str, doc: Doc, given: Doc) -> None:
        for name, value in given.items():
            column = self.columns(model)[name]
            if column.kind == "many2many" and not column.computed:
                doc[name] = self._linked(column, doc.get(name) or [], value)
            elif column.kind != "one2many" and not column.computed and name not in ("id", "create_date", "write_date"):
                doc[name] = self._stored(model, column, value)

    def _finish(self, model: str, doc: Doc, given: Doc) -> None:
        self.store.put(self._place(model), doc["id"], doc)
        for name, value in given.items():
            column = self.columns(model)[name]
            if column.kind == "one2many":
                self._nested(column, doc["id"], value)
            elif column.computed and (inverse := registry.INVERSE.get((model, name))):
                inverse(self, doc, value)
        if check := registry.CONSTRAINTS.get(model):
            check(self, doc)

    def _stored(self, model: str, column: Column, value: Any) -> Any:
        if value is None or (value is False and column.kind != "boolean"):
            return 0 if column.kind in ("integer", "float") else None
        if column.kind == "many2one":
            if isinstance(value, bool) or not isinstance(value, int):
                raise value_error(f"Wrong value for {model}.{column.name}: {value!r}")
            if self.get(column.relation, value) is None:
                raise ValidationError(f"{model.replace('.', '_')}_{column.name}_fkey")
            return value
        if column.kind == "selection" and value not in column.choices:
            raise value_error(f"Wrong value for {model}.{column.name}: {value!r}")
        if column.kind == "datetime":
            return written_moment(str(value))
        if column.kind == "float":
            return half_up(float(value)) if column.name in TWO_DIGITS else float(value)
        if column.kind == "integer":
            return int(value)
        return bool(value) if column.kind == "boolean" else str(value)

    def _linked(self, column: Column, have: list[int], commands: Any) -> list[int]:
        for code, id, *more in commands or []:
            if code == 6:
                have = list(more[0])
            elif code == 5:
                have = []
            elif code == 4:
                have = [*have, id]
            elif code in (2, 3):
                have = [each for each in have if each != id]
            elif code == 0:
                have = [*have, self.create(column.relation, more[0])]
        if gone := [id for id in have if self.get(column.relation, id) is None]:
            raise missing(column.relation, gone, self.uid)
        return have

    def _nested(self, column: Column, parent: int, commands: Any) -> None:
        for code, id, *more in commands or []:
            if code == 0:
                self.create(column.relation, {**more[0], column.inverse: parent})
            elif code == 1:
                self.write(column.relation, [id], more[0])
            elif code == 2:
                self.unlink(column.relation, [id])
            elif code == 5:
                kept = [doc["id"] for doc in self.docs(column.relation) if doc.get(column.inverse) == parent]
                self.unlink(column.relation, kept)
