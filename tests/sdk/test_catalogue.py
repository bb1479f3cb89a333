"""The catalogue finds folders, reads manifests without importing Python, and names what is wrong."""

from __future__ import annotations

import sys

import pytest

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE, Catalogue, read_manifest


def test_a_folder_is_all_there_is_to_a_system(workshop):
    folder = workshop.finished()
    catalogue = Catalogue(home=workshop.home)

    entry = catalogue.get(folder.name)

    assert [each.slug for each in catalogue if each.folder and each.folder.parent == workshop.home] == [folder.name]
    assert f"{folder.name}.system" not in sys.modules
    assert entry.name and entry.has_practice
    assert entry.entity("orders").read
    assert len(entry.samples("orders")) == 2
    assert entry.fields("orders")[0].path == "id"
    assert entry.practice_settings["token"]


def test_an_unknown_system_names_those_there_are():
    with pytest.raises(ConfigError, match="there is no system 'acme-nine'; there are "):
        CATALOGUE.get("acme-nine")


def test_an_unknown_entity_names_those_there_are(workshop):
    with pytest.raises(ConfigError, match="there is no entity 'widgets' here; there are orders"):
        workshop.entry(workshop.begun()).entity("widgets")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("slug = ", "cannot read the manifest"),
        ('slug = "a"', "the manifest lacks name, category, confidence"),
        (b"\xff", "cannot read the manifest"),
    ],
)
def test_a_broken_manifest_is_told(tmp_path, text, words):
    path = tmp_path / "manifest.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(ConfigError, match=words):
        read_manifest(path)


def test_a_system_without_a_system_says_so(workshop):
    folder = workshop.begun()
    (folder / "system.py").write_text("NOTHING = 1\n", "utf-8")

    with pytest.raises(ConfigError, match="has no SYSTEM"):
        _ = workshop.entry(folder).system


def test_fields_and_samples_of_an_entity_without_any_are_empty(workshop):
    entry = workshop.entry(workshop.begun())

    assert entry.fields("refunds") == () and entry.samples("refunds") == []
