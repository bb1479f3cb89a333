"""Answers that are parts of pages: what a drawer shows, and words that a toast says; and where a form leads back to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

DRAWER = "drawer"


def in_drawer(request: HttpRequest) -> bool:
    """Whether the answer goes to the panel at the side of the page that the person is on."""
    return request.headers.get("HX-Target") == DRAWER


def drawer_or_page(request: HttpRequest, part: str, page: str, context: Mapping[str, Any]) -> HttpResponse:
    """A screen that can be read beside a list: `part` alone in a drawer, `page` (which includes it) at its own address."""
    return render(request, part if in_drawer(request) else page, dict(context))


def with_toast(response: HttpResponse, words: str, kind: str = "ok") -> HttpResponse:
    """Of a part of a page: says that something was done. Whole pages use django.contrib.messages for the same.

    `kind` is ok, quiet, pending or failed.
    """
    response["HX-Trigger"] = json.dumps({"toast": {"words": words, "kind": kind}})
    return response


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Where the person was, as the form's `back` says it; nowhere else than here."""
    address = request.POST.get("back", "")
    inside = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if address.startswith("/") and inside else otherwise
