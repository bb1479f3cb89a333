"""The recipes of the guide are true: each maps its record to what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from topstitch.engine.environment import RunEnvironment
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.mapping.paths import Notation, canonical_rows
from topstitch.engine.spec import MappingRow
from topstitch.functions.lookup import Table
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.files.yaml_text import load

RECIPES = sorted((Path(__file__).parents[2] / "docs/guide/recipes").glob("*.yaml"))


def end(place):
    if place is None:
        return Notation((), ()), ()
    entry = CATALOGUE.get(place["system"])
    return Notation.of(entry, place["entity"]), entry.fields(place["entity"])


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_recipe_is_true(path):
    recipe = load(path.read_text("utf-8"))
    tables = {name: Table(pairs.items()) for name, pairs in recipe.get("lookups", {}).items()}
    source, _ = end(recipe.get("source"))
    destination, fields = end(recipe.get("destination"))
    rows = canonical_rows([MappingRow.model_validate(row) for row in recipe["mapping"]], source, destination, place=str)
    environment = RunEnvironment(now=datetime(2026, 4, 1, tzinfo=UTC), tables=tables.__getitem__)

    assert compile_mapping(rows, environment, fields)(recipe["record"]) == recipe["expected"]
