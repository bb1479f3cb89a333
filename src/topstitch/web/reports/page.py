"""All that the report's page shows for an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from topstitch.store.models import Attempt, Item
from topstitch.store.queries.errors import named_cause
from topstitch.store.queries.keyset import Window
from topstitch.store.queries.report import items_of, report_rows
from topstitch.store.queries.scope import Scope
from topstitch.store.queries.services import Entry, service_index
from topstitch.web.queries_in import large
from topstitch.web.reports.asking import DAYS, Asked, Understood, read_asked, system_names, understand
from topstitch.web.reports.filters import rare_choices, status_choice
from topstitch.web.scope import scope_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An address, understood."""

    asked: Asked
    understood: Understood
    index: Sequence[Entry]
    names: Mapping[str, str]
    #: Sentence of the cause that was asked for, "" when it is nobody's.
    cause: str = ""


def question_of(scope: Scope, query: QueryDict) -> Question:
    """What an address asks of the report."""
    asked, index = read_asked(query), service_index(scope, removed=True)
    names = system_names(index)
    sentence, causes = named_cause(scope, asked.cause) if asked.cause is not None else ("", [])
    understood = understand(asked, index, names, causes)
    return Question(asked=asked, understood=understood, index=index, names=names, cause=sentence)


def report_context(request: HttpRequest) -> dict[str, Any]:
    """The page of the report that the address of a request asks for."""
    scope, query = scope_of(request), request.GET
    question = question_of(scope, query)
    asked = question.asked
    rows = report_rows(
        scope,
        question.understood.choice,
        after=large(query, "after"),
        before=large(query, "before"),
        newest_first=asked.newest_first,
    )
    more = query.get("columns") == "all"
    groups = list(scope.groups().order_by("name"))
    return {
        "asked": asked,
        "understood": question.understood,
        "cause": question.cause,
        "rows": rows,
        "lines": _lines(rows, question.index, items_of(rows.rows) if more else {}),
        "status": status_choice(asked),
        "rare": rare_choices(asked, question.index, question.names, groups),
        "days": DAYS,
        "more_columns": more,
    }


def _lines(
    rows: Window[Attempt], index: Sequence[Entry], items: Mapping[tuple[int, str], Item]
) -> list[tuple[Attempt, Entry, Item | None]]:
    """Rows with their services and, where they are asked for, with what is remembered of their records."""
    services = {entry.id: entry for entry in index}
    known = [row for row in rows.rows if row.service_id in services]
    return [(row, services[row.service_id], items.get((row.service_id, row.key))) for row in known]
