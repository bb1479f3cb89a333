"""Statuses: always a colour, a shape and a word."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from topstitch.web.components.icons import icon


class Look(NamedTuple):
    """How a status is shown; `kind` names its colour."""

    word: str
    kind: str
    icon: str


ITEM = {
    "ok": Look("OK", "ok", "tick"),
    "sent": Look("Sent", "sent", "arrow"),
    "pending": Look("Pending", "pending", "clock"),
    "sending": Look("Pending", "pending", "clock"),
    "waiting": Look("Pending", "pending", "clock"),
    "failed": Look("Failed", "failed", "cross"),
    "uncertain": Look("Uncertain", "uncertain", "question"),
    "closed": Look("Resolved", "quiet", "tick"),
    "unchanged": Look("Unchanged", "quiet", "equals"),
    "skipped": Look("Skipped", "quiet", "skip"),
}
RUN = {
    "queued": Look("Queued", "pending", "clock"),
    "running": Look("Running", "going", "dots"),
    "paused": Look("Paused", "pending", "pause"),
    "completed": Look("Completed", "ok", "tick"),
    "completed_with_failures": Look("Completed with failures", "failed", "cross"),
    "failed": Look("Failed", "failed", "cross"),
    "stopped": Look("Stopped", "quiet", "square"),
}
SERVICE = {
    "active": Look("Active", "ok", "on"),
    "inactive": Look("Inactive", "quiet", "pause"),
}
LEVEL = {
    "debug": Look("Debug", "quiet", "dots"),
    "info": Look("Info", "quiet", "log"),
    "warning": Look("Warning", "pending", "warn"),
    "error": Look("Error", "failed", "cross"),
}
CONNECTOR = {
    "unknown": Look("Not checked yet", "quiet", "question"),
    "operational": Look("Connector operational", "ok", "tick"),
    "unreachable": Look("System unreachable", "failed", "cross"),
    "refused": Look("Failed authentication", "failed", "cross"),
}
FAMILIES = {"item": ITEM, "run": RUN, "service": SERVICE, "level": LEVEL, "connector": CONNECTOR}


def look_of(name: str, family: str = "item") -> Look:
    """How a status looks; one that is not known is shown as it is called."""
    return FAMILIES[family].get(name) or Look(name.replace("_", " ").capitalize(), "quiet", "question")


def status(name: str, family: str = "item") -> SafeString:
    """Shape and word."""
    word, kind, shape = look_of(name, family)
    return format_html('<span class="status is-{}">{}{}</span>', kind, icon(shape), word)
