"""Errors as the product tells them: what happened, to which record, why, and what can be done now."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from topstitch.errors import ConfigError, TopstitchError
from topstitch.web.components.guides import OF_CLASS, guide_link
from topstitch.web.components.words import capital, sentence


@dataclass(frozen=True, slots=True)
class Trouble:
    """The four parts. Only the first is always known."""

    what: str
    #: What it happened to.
    record: str = ""
    why: str = ""
    #: The vendor's own words, behind a fold.
    words: str = ""
    #: What to do, as a sentence; buttons are the content of the tag.
    hint: str = ""
    kind: str = "failed"
    #: The guide that tells more, by its name in the address.
    guide: str = ""


def trouble_of(error: TopstitchError, record: str = "") -> Trouble:
    """An error of ours as four parts."""
    return Trouble(
        what=error.message,
        record=record,
        why=error.desk_class.capitalize(),
        words=error.detail,
        hint=error.hint,
        guide=OF_CLASS.get(error.desk_class, ""),
    )


def trouble(content: str, told: Trouble) -> SafeString:
    """An error in four parts; content: buttons for what can be done."""
    fold = (
        format_html(
            '<details><summary>In the system’s own words</summary><pre class="json">{}</pre></details>', told.words
        )
        if told.words
        else ""
    )
    hint = format_html("<p>{}</p>", told.hint) if told.hint else ""
    acts = format_html('<div class="acts">{}</div>', content) if content.strip() else ""
    parts = (
        ("What happened", format_html("<b>{}</b>", told.what)),
        ("To what", told.record),
        ("Why", format_html("{}{}", told.why, fold) if told.why or fold else ""),
        ("What you can do", format_html("{}{}{}", hint, guide_link(told.guide), acts)),
    )
    rows = [format_html("<dt>{}</dt><dd>{}</dd>", name, value) for name, value in parts if value]
    return format_html(
        '<div class="error is-{}" role="group" aria-label="What happened"><dl>{}</dl></div>',
        told.kind,
        SafeString("".join(rows)),
    )


def wrong(message: str, hint: str = "") -> ValidationError:
    """What is wrong with a field, and what to do about it; shown beside it."""
    return ValidationError(message, params={"hint": hint})


def wrong_from(error: TopstitchError) -> ValidationError:
    """An error of ours as what is wrong with a field."""
    return wrong(error.message, error.hint)


def said(error: TopstitchError) -> str:
    """What happened and what to do, on one line: for toasts, and above a form."""
    return f"{sentence(error.message)} {error.hint}".strip()


def refuse(form: forms.Form, error: TopstitchError) -> None:
    """Show what an action said against a form: beside the field that the error's key names, else above them all."""
    if error.key in form.fields:
        form.add_error(error.key, wrong(sentence(error.message), error.hint))
    else:
        form.add_error(None, said(error))


def wrong_here(error: ConfigError) -> ValidationError:
    """The same beside the very field that the error names: that need not be said again."""
    message = error.message.removeprefix(f"{error.place}: ")
    return wrong(capital(message), error.hint)
