"""A table as a CSV file, out and in. What a file would change is shown before it is done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from topstitch.errors import ConfigError
from topstitch.store.actions.lookup_files import apply_upload, forget_upload, upload_pairs
from topstitch.store.lookups.rows import Pair
from topstitch.store.lookups.table_csv import MAX_BYTES, write_pairs
from topstitch.store.models import LookupTable, LookupUpload
from topstitch.store.queries.lookups import (
    SHOWN,
    Difference,
    all_pairs,
    find_table,
    find_upload,
    find_version,
    has_ways,
)
from topstitch.web.access import needs
from topstitch.web.components.trouble import trouble_of, wrong
from topstitch.web.components.widgets import Drop
from topstitch.web.lookups.editing import tell
from topstitch.web.lookups.words import header
from topstitch.web.queries_in import whole
from topstitch.web.scope import company_of, found, person_of

HOWS = (
    ("merge", "Add to the table: pairs that are there stay, the others are added"),
    ("replace", "Replace the table: it becomes exactly what the file says"),
)


class ImportForm(forms.Form):
    """A file, and what it is to do."""

    file = forms.FileField(
        label="CSV file",
        widget=Drop({"accept": ".csv,text/csv"}),
        help_text="Commas, UTF-8, at most 5 MB. The first line is left_value,right_value; match_type and field_name may stand "
        "beside them. Or field_name,match_type,match_value,output_value, as in shipment and payment maps.",
    )
    how = forms.ChoiceField(label="The file", choices=HOWS, initial="merge", widget=forms.RadioSelect)

    def clean_file(self) -> UploadedFile[bytes]:
        """Not too large to be read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise wrong(f"{file.name} is larger than 5 MB.", "Divide it, and import the parts one after the other.")
        return file


@needs("lookups.view")
@require_safe
def export(request: HttpRequest, table_id: int) -> StreamingHttpResponse:
    """The pairs in order, line by line, so that it can be imported again."""
    table = found(find_table(company_of(request), table_id))
    number = whole(request.GET, "version")
    if number is not None:
        found(find_version(table, number))
    lines = write_pairs(all_pairs(table, number), ways=has_ways(table, number))
    name = slugify(table.name) or "lookup"
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@needs("lookups.update")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, table_id: int) -> HttpResponse:
    """Choose a file. Nothing is changed yet."""
    table = found(find_table(company_of(request), table_id))
    form, problem = ImportForm(), None
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        try:
            if form.is_valid() and _kept(request, table, form):
                return redirect("lookup_preview", table_id)
        except ConfigError as error:
            problem = trouble_of(error)
    return render(request, "lookups/import.html", {**header(request, table, ""), "form": form, "problem": problem})


def _kept(request: HttpRequest, table: LookupTable, form: ImportForm) -> LookupUpload:
    file = form.cleaned_data["file"]
    return upload_pairs(table, file.name, file.read(), form.cleaned_data["how"], person=person_of(request))


@needs("lookups.update")
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, table_id: int) -> HttpResponse:
    """What the file would change; sent, it is done."""
    table = found(find_table(company_of(request), table_id))
    person = person_of(request)
    waiting = find_upload(table, person.pk)
    if waiting is None:
        messages.info(request, "No file is waiting. Choose one.")
        return redirect("lookup_import", table_id)
    problem = None
    if request.method == "POST":
        try:
            tell(request, apply_upload(waiting, person=person))
            return redirect("lookup", table_id)
        except ConfigError as error:
            problem = trouble_of(error)
    context = {**header(request, table, ""), "upload": waiting, "problem": problem, "shown": SHOWN, **_told(waiting)}
    return render(request, "lookups/preview.html", context)


def _told(waiting: LookupUpload) -> dict[str, Any]:
    counts = waiting.preview
    differences = [Difference(_pair(before), _pair(after)) for before, after in counts["differences"]]
    total = sum(counts[verb] for verb in ("added", "removed", "changed", "moved"))
    return {"counts": counts, "differences": differences, "total": total, "more": total > len(differences)}


def _pair(cells: list[str] | None) -> Pair | None:
    return Pair(*cells) if cells else None


@needs("lookups.update")
@require_POST
def forget(request: HttpRequest, table_id: int) -> HttpResponse:
    """Nothing is imported."""
    table = found(find_table(company_of(request), table_id))
    person = person_of(request)
    if waiting := find_upload(table, person.pk):
        forget_upload(waiting, person=person)
    return redirect("lookup", table_id)
