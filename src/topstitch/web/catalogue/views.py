"""The catalogue, a system in it, and the fields of one of its entities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Entry
from topstitch.sdk.fields import TYPES, Field
from topstitch.store.systems import load_user_systems
from topstitch.web.access import needs
from topstitch.web.catalogue.listing import DIRECTIONS, category_of, listing, read_choice
from topstitch.web.catalogue.readme import readme
from topstitch.web.catalogue.words import confidence_of, pace, reading, writing
from topstitch.web.components.markdown import markdown
from topstitch.web.queries_in import one_of, text
from topstitch.web.scope import found

ACRONYMS = ("api", "rpc", "sftp")
USES = ("required", "filterable", "read", "write")


@needs("catalogue.view")
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every system there is."""
    context = {"list": listing(read_choice(request.GET)), "directions": DIRECTIONS}
    return render(request, "catalogue/list.html", context)


@needs("catalogue.view")
@require_safe
def system(request: HttpRequest, slug: str) -> HttpResponse:
    """What it does, what you need, and its entities."""
    entry = found(entry_of(slug))
    told = entry.manifest.get("entities", {})
    entities = [
        (entity, confidence_of(told.get(entity.name, entry.manifest)), len(entry.fields(entity.name)))
        for entity in entry.system.entities
    ]
    context = {**_head(entry, "about"), "entities": entities, "readme": markdown(readme(entry))}
    return render(request, "catalogue/system.html", context)


@needs("catalogue.view")
@require_safe
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """What a connector asks for, how fast the system may be asked, and the files that prepare it."""
    entry = found(entry_of(slug))
    return render(request, "catalogue/settings.html", {**_head(entry, "settings"), "pace": pace(entry)})


@needs("catalogue.view")
@require_safe
def setup_file(request: HttpRequest, slug: str, file: str) -> HttpResponse:
    """A file that a person loads into the system."""
    entry = found(entry_of(slug))
    path = found(next((Path(each.path) for each in entry.system.setup_files if each.name == file), None))
    headers = {"Content-Disposition": content_disposition_header(True, file) or ""}
    return HttpResponse(path.read_bytes(), content_type="application/octet-stream", headers=headers)


@needs("catalogue.view")
@require_safe
def entity(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """How it is read and written, and its fields."""
    entry = found(entry_of(slug))
    one = found(next((each for each in entry.system.entities if each.name == name), None))
    fields = entry.fields(name)
    words, kind, use = text(request.GET, "q"), text(request.GET, "type"), one_of(request.GET, "use", USES)
    context = {
        **_head(entry, "about"),
        "entity": one,
        "sure": confidence_of(entry.manifest.get("entities", {}).get(name, entry.manifest)),
        "reading": list(reading(one.read)) if one.read else [],
        "writing": list(writing(one, one.write)) if one.write else [],
        "fields": [field for field in fields if _keeps(field, words, kind, use)],
        "total": len(fields),
        "types": sorted(TYPES & {field.type for field in fields}),
        "words": words,
        "kind": kind,
        "use": use,
        "sample": next(iter(entry.samples(name)), None),
    }
    return render(request, "catalogue/entity.html", context)


def _keeps(field: Field, words: str, kind: str, use: str) -> bool:
    haystack = f"{field.path} {field.label} {field.help} {field.tag}".casefold()
    uses = {
        "": True,
        "required": field.required,
        "filterable": "filterable" in field.flags,
        "read": field.readable,
        "write": field.writable,
    }
    return all(word in haystack for word in words.casefold().split()) and kind in ("", field.type) and uses[use]


def entry_of(slug: str) -> Entry | None:
    """A system by its slug, one that a user made a moment ago too; None when there is none."""
    load_user_systems()
    try:
        return CATALOGUE.get(slug)
    except ConfigError:
        return None


def _head(entry: Entry, tab: str) -> dict[str, Any]:
    return {
        "entry": entry,
        "tab": tab,
        "category": category_of(entry),
        "sureness": confidence_of(entry.manifest, "confidence_note"),
        "links": [(_link_name(name), str(url)) for name, url in entry.manifest.get("links", {}).items()],
    }


def _link_name(name: str) -> str:
    return name.upper() if name in ACRONYMS else name.replace("_", " ").capitalize()
