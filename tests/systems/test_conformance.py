"""Every system of the catalogue is asked every question, and every default mapping between two of them is tried."""

from __future__ import annotations

from functools import cache

import pytest

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.proposals.defaults import default_mapping, unmapped_required
from topstitch.sdk import CATALOGUE
from topstitch.sdk.conformance import QUESTIONS, Answer, examine
from topstitch.sdk.conformance.pairs import Made, pairs

SLUGS = [entry.slug for entry in CATALOGUE if entry.folder]


@cache
def answers_of(slug: str) -> dict[str, Answer]:
    """All answers of a system; it is asked once, by the one process that has all its questions."""
    return {answer.question: answer for answer in examine(CATALOGUE.get(slug))}


@pytest.mark.parametrize("question", [*QUESTIONS, "exemptions"])
@pytest.mark.parametrize("slug", [pytest.param(slug, marks=pytest.mark.xdist_group(slug)) for slug in SLUGS])
def test_every_system_answers_every_question(slug, question):
    answer = answers_of(slug).get(question)

    assert answer or question == "exemptions", f"{slug} was not asked {question}"
    assert not (answer and answer.failed), f"{slug}, {question} ({answer.sentence}):\n{answer.detail}"


def made(source, destination, entity):
    """The engine's default mapping."""
    rows = default_mapping(source, destination, entity)
    run = compile_mapping(rows, FrozenEnvironment(), destination)
    return Made(run, [row.to for row in rows], [field.path for field in unmapped_required(destination, rows)])


@pytest.mark.parametrize("slug", SLUGS)
def test_default_mappings_to_every_other_system_map_the_samples(slug):
    faults = {
        f"{pair.source} -> {pair.destination}": list(pair.troubles)
        for pair in pairs([CATALOGUE.get(slug)], list(CATALOGUE), made)
        if pair.troubles
    }

    assert faults == {}
