"""Changing pairs by hand: a page of rows at once, saved as one version; or one more at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from topstitch.errors import ConfigError
from topstitch.store.actions.lookups import Saved, edit_lookup
from topstitch.store.lookups.rows import Pair
from topstitch.store.models import LookupTable
from topstitch.store.queries.lookups import fields_of, find_table, pairs_page, pairs_with_ids
from topstitch.web.access import needs
from topstitch.web.components.trouble import said
from topstitch.web.components.words import sentence
from topstitch.web.lookups.words import MATCH_WORDS, header
from topstitch.web.queries_in import large, text
from topstitch.web.scope import company_of, found, person_of

#: Empty rows that a page offers; rows that it may send.
BLANK, MOST_ROWS = 3, 200


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row as it is typed. `key` is the pair's id, or n1, n2... for new ones."""

    key: str
    pair: Pair = Pair("", "")
    gone: bool = False
    problem: str = ""

    @property
    def id(self) -> int | None:
        """The pair's id."""
        return None if self.key.startswith("n") else int(self.key)

    @property
    def empty(self) -> bool:
        """A new row into which nothing was typed."""
        return self.id is None and not self.pair.left and not self.pair.right

    @property
    def long(self) -> bool:
        """Whether a value has several lines, which a one-line field would lose."""
        return "\n" in self.pair.left + self.pair.right


@needs("lookups.update")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, table_id: int) -> HttpResponse:
    """The rows of a page of the table as fields."""
    table = found(find_table(company_of(request), table_id))
    if request.method != "POST":
        window = pairs_page(
            table,
            text=text(request.GET, "q"),
            after=large(request.GET, "after"),
            before=large(request.GET, "before"),
        )
        shown = [GridRow(str(p.pk), Pair(p.left, p.right, p.match, p.field)) for p in window.rows]
        return _page(request, table, _with_blank(shown))
    rows = read_rows(table, request.POST)
    act, _, key = request.POST.get("do", "save").partition(":")
    if act == "add":
        return _page(request, table, _with_blank(rows))
    if act in ("up", "down"):
        return _page(request, table, moved(rows, key, -1 if act == "up" else 1))
    return _save(request, table, rows)


def _save(request: HttpRequest, table: LookupTable, rows: Sequence[GridRow]) -> HttpResponse:
    kept = [row for row in rows if not row.gone and not row.empty]
    removed = [row.id for row in rows if row.gone and row.id is not None]
    try:
        saved = edit_lookup(table, [(row.id, row.pair) for row in kept], removed, person=person_of(request))
    except ConfigError as error:
        return _page(request, table, *_refused(rows, kept, error))
    tell(request, saved)
    return redirect(_address("lookup", table, request))


def _refused(
    rows: Sequence[GridRow], kept: Sequence[GridRow], error: ConfigError
) -> tuple[list[GridRow], ConfigError | None]:
    """The rows, with what is wrong beside the one that it is about; else the error, for the page."""
    if not error.place:
        return list(rows), error
    wrong = kept[int(error.place.removeprefix("row ")) - 1]
    words = sentence(error.message.removeprefix(f"{error.place}: "))
    return [replace(row, problem=f"{words} {error.hint}".strip()) if row is wrong else row for row in rows], None


@needs("lookups.update")
@require_POST
def add_pair(request: HttpRequest, table_id: int) -> HttpResponse:
    """One pair more, at the end."""
    table = found(find_table(company_of(request), table_id))
    pair = Pair(_plain(request.POST.get("left", "")), _plain(request.POST.get("right", "")))
    try:
        tell(request, edit_lookup(table, [(None, pair)], person=person_of(request)))
    except ConfigError as error:
        messages.error(request, sentence(error.message.removeprefix("row 1: ")))
    return redirect("lookup", table.pk)


def read_rows(table: LookupTable, sent: QueryDict) -> list[GridRow]:
    """The rows of a form in their order. Of a pair whose fields were left alone every character stays."""
    keys = [key for key in sent.getlist("row")[:MOST_ROWS] if _is_key(key)]
    before = pairs_with_ids(table, [int(key) for key in keys if not key.startswith("n")])
    gone = set(sent.getlist("gone"))
    return [
        GridRow(key, _read_pair(sent, key, before.get(int(key)) if key.isdigit() else None), key in gone)
        for key in dict.fromkeys(keys)
    ]


def _is_key(key: str) -> bool:
    digits = key.removeprefix("n")
    return digits.isascii() and digits.isdigit() and len(digits) < 19


def _read_pair(sent: Mapping[str, str], key: str, before: Pair | None) -> Pair:
    cells = []
    for name in Pair._fields:
        old = getattr(before, name, "")
        value = sent.get(f"{name}.{key}")
        # A browser sends CR and LF for every line end, whichever there was.
        cells.append(old if value is None or _plain(value) == _plain(old) else _plain(value))
    return Pair(*cells)


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


def moved(rows: Sequence[GridRow], key: str, by: int) -> list[GridRow]:
    """The rows with one of them moved one place."""
    out = list(rows)
    at = next((n for n, row in enumerate(out) if row.key == key), None)
    if at is not None and 0 <= at + by < len(out):
        out[at], out[at + by] = out[at + by], out[at]
    return out


def _with_blank(rows: Sequence[GridRow]) -> list[GridRow]:
    used = [int(row.key[1:]) for row in rows if row.id is None]
    first = max(used, default=0) + 1
    return [*rows, *(GridRow(f"n{n}") for n in range(first, first + BLANK))]


def _page(
    request: HttpRequest, table: LookupTable, rows: Sequence[GridRow], error: ConfigError | None = None
) -> HttpResponse:
    words = text(request.GET, "q")
    context = header(request, table, "pairs")
    # Match types of its own are shown when asked for, or when the table has any.
    ways = context["look"].ways or "ways" in request.GET
    context |= {
        "rows": rows,
        "ways": ways,
        "fields": fields_of(table) if ways else [],
        "matches": [("", "As the mapping says"), *MATCH_WORDS.items()],
        "words": words,
        "ordered": not words,
        "problem": said(error) if error else "",
        "wrong": any(row.problem for row in rows),
        "back": _address("lookup", table, request),
    }
    return render(request, "lookups/edit.html", context)


def _address(name: str, table: LookupTable, request: HttpRequest) -> str:
    """An address of the table with what the list was narrowed down to."""
    query = request.GET.copy()
    query.pop("ways", None)
    return reverse(name, args=[table.pk]) + (f"?{query.urlencode()}" if query else "")


def tell(request: HttpRequest, saved: Saved) -> None:
    """What a change has done, as a toast."""
    if not saved.counts:
        messages.info(request, "Nothing was changed.")
        return
    messages.success(request, f"Saved as version {saved.table.version}. Runs that start from now on use it.")
