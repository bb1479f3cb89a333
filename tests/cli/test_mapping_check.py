"""`mapping check`: what it shows of a service, and of samples that are given to it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from topstitch.cli import mapping_check
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.actions.companies import create_company
from topstitch.store.actions.connectors import save_connector
from topstitch.store.actions.services import save_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def check(monkeypatch):
    """The command, on the database of the test."""
    monkeypatch.setattr(mapping_check, "ready", lambda: None)

    def run(*arguments):
        return CliRunner().invoke(mapping_check.check, ["Products", *map(str, arguments)])

    return run


@pytest.fixture
def save():
    """A service of these rows, saved."""
    group = create_company("Acme")
    for system in ("shopify", "woocommerce"):
        save_connector(group, system, system, {}, environment="practice")

    def saved(*rows):
        source, destination = ({"connector": each, "entity": "products"} for each in ("shopify", "woocommerce"))
        spec = {"source": source, "destination": destination, "mapping": rows}
        return save_service(group, "Products", Spec.model_validate(spec))

    return saved


def test_a_sound_service_has_only_known_paths(check, save):
    save({"to": "name", "from": "products.0.title"}, {"to": "meta_data.care", "from": "metafields.custom.care"})
    result = check()
    assert (result.exit_code, result.output) == (0, "All paths are known.\n")


def test_what_is_probably_wrong_is_shown_and_the_command_leaves_with_1(check, save):
    save({"to": "name", "from": "titel"})
    result = check()
    assert result.exit_code == 1
    assert "did you mean title?" in result.output and "1 paths to look at" in result.output
    (found,) = json.loads(check("--json").output)
    assert (found["path"], found["side"], found["close"], found["part"]) == (
        "titel",
        "source",
        ["title"],
        ["mapping", 0],
    )


def test_a_sample_of_the_users_own_makes_custom_fields_known(check, save, tmp_path):
    save({"to": "name", "from": "house.style"})
    sample = tmp_path / "product.json"
    sample.write_text('{"house": {"style": "x"}}')
    assert check().exit_code == 1
    assert check("--sample", sample).exit_code == 0


@pytest.mark.parametrize("text", ["[1, 2]", "5", "{", "", '"text"'])
def test_a_sample_that_is_no_record_is_refused_by_its_name(tmp_path, text):
    sample = tmp_path / "product.json"
    sample.write_text(text)
    with pytest.raises(ConfigError, match=r"product\.json"):
        mapping_check.read_sample(sample)
