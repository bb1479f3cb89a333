"""The guides within the product: every one is there, its links lead on, and its words are found."""

from __future__ import annotations

import re
import tomllib

import pytest
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.errors import ConfigError, ScriptError
from topstitch.web.components.guides import OF_CLASS
from topstitch.web.components.markdown import article
from topstitch.web.components.trouble import trouble, trouble_of
from topstitch.web.help import guides

CHECKOUT = guides.PACKAGE.parents[1]


def test_every_guide_and_reference_that_is_written_is_in_the_help(client):
    written = {path.stem for folder in ("guide", "reference") for path in (CHECKOUT / "docs" / folder).iterdir()}
    assert {guide.slug for guide in guides.ALL.values()} == written
    page = client.get("/help/").content.decode()
    for guide in guides.ALL.values():
        assert f'href="{guide.address}"' in page, guide.slug


@pytest.mark.parametrize("slug", guides.ALL)
def test_every_guide_reads_well_for_everybody(world, slug):
    client = world.client(world.person("rob@example.com", world.company, Role.READ_ONLY))
    page = client.get(f"/help/guides/{slug}")
    checked(page, outward=True)
    assert "<!--" not in page.content.decode()
    assert "&lt;!--" not in page.content.decode()


def test_links_between_guides_lead_to_places_that_are_there():
    for guide in guides.ALL.values():
        for href in re.findall(r'<a href="([^"]*)"', guides.read(guide).body):
            assert href.startswith(("/help/guides/", "https://", "#")), (guide.slug, href)
            address, _, fragment = href.partition("#")
            if fragment:
                other = guides.ALL[address.rsplit("/", 1)[-1]] if address else guide
                assert fragment in {section.id for section in guides.read(other).sections}, (guide.slug, href)


def test_a_page_lists_its_parts_and_leads_to_them(client):
    page = client.get("/help/guides/errors").content.decode()
    assert '<a href="#where-is-order-1001">Where is order 1001?</a>' in page
    assert '<h2 id="where-is-order-1001">' in page
    assert client.get("/help/guides/nothing").status_code == 404


def test_recipes_are_shown_whole(client):
    said = text_of(client.get("/help/guides/recipes"))
    assert "Order to erp" in said
    assert "mapping:" in said


def test_a_search_leads_to_the_section_that_has_the_words_headings_first(client):
    response = client.get("/help/", {"q": "where ORDER"})
    checked(response)
    assert response.context["found"][0].section.id == "where-is-order-1001"
    assert 'href="/help/guides/errors#where-is-order-1001"' in response.content.decode()
    assert "No guide has these words" in text_of(client.get("/help/", {"q": "<xyzzy>"}))
    assert "<xyzzy>" not in client.get("/help/", {"q": "<xyzzy>"}).content.decode()


def test_headings_of_the_same_words_are_each_their_own():
    made = article("# One\n\ntext\n\n## `Two`\n\na\n\n## Two\n\n[b](x.md)\n", lambda href: f"/{href}")
    assert [(each.id, each.words, each.text) for each in made.sections] == [
        ("one", "One", "text"),
        ("two", "Two", "a"),
        ("two-2", "Two", "b"),
    ]
    assert 'href="/x.md"' in made.body


def test_an_installed_package_shows_the_guides_that_came_with_it(tmp_path, monkeypatch):
    assert guides.documents() == CHECKOUT / "docs"
    monkeypatch.setattr(guides, "PACKAGE", tmp_path)
    (tmp_path / "docs").mkdir()
    assert guides.documents() == tmp_path / "docs"


def test_a_wheel_takes_the_guides_along():
    wheel = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for guide in guides.ALL.values():
        folder = guide.source.partition("/")[0]
        assert wheel["force-include"][f"docs/{folder}"] == f"topstitch/docs/{folder}"
    assert "COPY docs docs" in (CHECKOUT / "Dockerfile").read_text(), "an image is built from what is copied"


@pytest.mark.parametrize(
    ("address", "slug"), [("/lookups/", "lookups"), ("/scripts/", "scripts"), ("/services/", "runs")]
)
def test_an_empty_place_leads_to_the_guide_that_tells_more(client, address, slug):
    assert f'href="/help/guides/{slug}"' in client.get(address).content.decode()


def test_an_error_leads_to_the_guide_of_its_class():
    assert 'href="/help/guides/scripts"' in trouble("", trouble_of(ScriptError("it failed")))
    assert "/help/guides/" not in trouble("", trouble_of(ConfigError("a setting is wrong")))
    assert set(OF_CLASS.values()) <= set(guides.ALL)
