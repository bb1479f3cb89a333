"""The record in hand: the newest that a run pulled, one by its reference, the system's sample, or one that was typed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from topstitch.engine.preview import Given
from topstitch.engine.preview.given import given_json
from topstitch.errors import ConfigError, TopstitchError
from topstitch.runtime.records import stored_record
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.models import Service
from topstitch.values.paths import compile_set, is_each, parse, render
from topstitch.web.mapper.fields import any_value

#: Said after what a record is called once a value of it was typed over.
CHANGED = ", changed here"


@dataclass(frozen=True, slots=True)
class InHand:
    """A record and where it is from, in words."""

    text: str = ""
    about: str = ""
    trouble: TopstitchError | None = None

    @property
    def given(self) -> Given | None:
        """For a preview."""
        return given_json(self.text.encode(), "record") if self.text and self.trouble is None else None


def record_in_hand(
    service: Service, *, typed: str = "", about: str = "", wanted: str = "", sample: bool = False
) -> InHand:
    """What was typed, else the record that was asked for, else the newest, else the sample."""
    if typed:
        return _typed(typed, about)
    if not sample:
        try:
            found = stored_record(service, wanted)
        except TopstitchError as error:
            return InHand(about=wanted, trouble=error)
        if found is not None:
            reference, record = found
            return InHand(_text(record), reference)
        if wanted:
            missing = ConfigError(f"no run of this service has pulled {wanted!r} lately", key="record")
            return InHand(about=wanted, trouble=missing)
    samples = CATALOGUE.get(service.source.system).samples(service.source_entity)
    return InHand(_text(samples[0]), "the system's sample") if samples else InHand()


def with_values(hand: InHand, tried: Mapping[str, str]) -> InHand:
    """The record with other values at some paths, typed to see what becomes of them."""
    given = hand.given
    if not tried or given is None or not given.records:
        return hand
    record = copy.deepcopy(given.records[0])
    try:
        for path, value in tried.items():
            compile_set(_first(path))(record, any_value(value))
    except TopstitchError as error:
        return replace(hand, trouble=error)
    about = hand.about if hand.about.endswith(CHANGED) else f"{hand.about}{CHANGED}"
    return InHand(_text(record), about)


def _first(path: str) -> str:
    """Of each list the first element: what the page shows a row's value of."""
    return render([0 if is_each(step) else step for step in parse(path)])


def _typed(text: str, about: str) -> InHand:
    try:
        given_json(text.encode(), "record")
    except TopstitchError as error:
        return InHand(text, about, error)
    return InHand(text, about)


def _text(record: Any) -> str:
    return orjson.dumps(record, option=orjson.OPT_INDENT_2, default=str).decode()
