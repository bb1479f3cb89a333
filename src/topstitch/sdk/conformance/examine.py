"""Asking one system all questions, one after the other, each with an answer of its own whatever happens in it."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from time import monotonic

from topstitch.sdk.catalogue import Entry
from topstitch.sdk.conformance import (
    faults,
    fields,
    folder,
    pace,
    reading,
    settings,
    signin,
    windows,
    writing,
)
from topstitch.sdk.conformance.answers import Answer, State
from topstitch.sdk.conformance.exemptions import Exemptions
from topstitch.sdk.conformance.questions import TABLE, Needs, NotAsked, Question
from topstitch.sdk.conformance.stage import Stage
from topstitch.sdk.practice.throttle import Throttle

#: Each module puts its questions on the table; they are asked in this order.
THEMES = (folder, settings, signin, fields, reading, windows, pace, writing, faults)
QUESTIONS = {key: each for theme in THEMES for key, each in TABLE.items() if each.ask.__module__ == theme.__name__}
#: Most troubles shown of one question.
MOST = 12


def examine(entry: Entry, *, only: Collection[str] = ()) -> Iterator[Answer]:
    """One answer a question (those of `only`, or all), as they come. Starts the system's practice server meanwhile."""
    exemptions = Exemptions.of(entry.manifest)
    if wrong := list(exemptions.wrong()):
        yield Answer(entry.slug, "exemptions", "failed", "\n".join(wrong), sentence="Exemptions name questions")
    with ExitStack() as stack:
        stack.enter_context(Throttle.at_speed(float("inf")))
        stage = Stage(entry, exemptions.paths)
        stack.callback(stage.close)
        missing = stage.open()
        for each in QUESTIONS.values():
            if not only or each.key in only:
                yield _answer(each, stage, exemptions, missing)


def _answer(asked: Question, stage: Stage, exemptions: Exemptions, missing: dict[Needs, str]) -> Answer:
    began = monotonic()
    state, detail = _outcome(asked, stage, exemptions, missing)
    return Answer(stage.entry.slug, asked.key, state, detail, asked.tier, asked.sentence, round(monotonic() - began, 2))


def _outcome(asked: Question, stage: Stage, exemptions: Exemptions, missing: dict[Needs, str]) -> tuple[State, str]:
    if reason := exemptions.reason(asked.key):
        return "exempt", reason
    if asked.needs in missing:
        return "not asked", missing[asked.needs]
    excused = exemptions.of_question(asked.key)
    try:
        troubles = list(asked.ask(stage))
    except NotAsked as reason:
        return "not asked", str(reason)
    except Exception as error:  # noqa: BLE001  # a system's code may raise anything, and the next question is asked all the same
        return "failed", _breakdown(error)
    finally:
        stage.calm()
    return _judged(troubles, excused)


def _judged(troubles: list[tuple[str, str]], excused: dict[str, str]) -> tuple[State, str]:
    left = [f"{subject}: {text}" if subject else text for subject, text in troubles if subject not in excused]
    needless = set(excused) - {subject for subject, _ in troubles}
    left += [f"{subject}: the exemption is not needed any more" for subject in sorted(needless)]
    if left:
        more = f"\n... and {len(left) - MOST} more" if len(left) > MOST else ""
        return "failed", "\n".join(left[:MOST]) + more
    if excused:
        return "exempt", "\n".join(f"{subject}: {why}" for subject, why in excused.items())
    return "passed", ""


def _breakdown(error: Exception) -> str:
    """Where a question broke off, for the author: the last place in the system's own code, or in ours."""
    frames = traceback.extract_tb(error.__traceback__)
    place = next((f for f in reversed(frames) if "/systems/" in f.filename), frames[-1])
    name = "/".join(place.filename.rsplit("/", 2)[1:])
    return f"{type(error).__name__}: {error} ({name}:{place.lineno})"
