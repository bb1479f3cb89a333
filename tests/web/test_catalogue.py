"""The catalogue: systems, what each of them can do, and its fields."""

from __future__ import annotations

import pytest
from tests.fakes.far_end import system
from tests.web.pages import checked, text_of

from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.models import UserSystem
from topstitch.web.components.markdown import markdown


def test_every_system_is_listed_with_what_it_gives_and_takes(client):
    response = client.get("/catalogue/")
    checked(response)
    text = text_of(response)
    for entry in CATALOGUE:
        assert entry.name in text
    assert "Documented" in text
    assert "Made by you" in text


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("q=shop", "Shopify", "Odoo"),
        ("q=ODOO", "Odoo", "Shopify"),
        ("category=WMS", "Peoplevox", "Shopify"),
        ("entity=returns", "Shopify", "Odoo"),
        ("entity=stock&direction=write", "Shopify", "Peoplevox"),
    ],
)
def test_the_list_is_narrowed_down(client, query, there, gone):
    text = text_of(client.get(f"/catalogue/?{query}"))
    rows = text[text.index("Practice server") : text.index("A system that is not here")]
    assert there in rows
    assert gone not in rows


def test_a_choice_that_nothing_meets_leads_back(client):
    response = client.get("/catalogue/?q=nothing+is+called+so")
    assert "No system fits." in text_of(response)
    checked(response)


@pytest.mark.parametrize("slug", [entry.slug for entry in CATALOGUE if entry.folder])
def test_every_page_of_every_system_can_be_read(client, slug):
    entry = CATALOGUE.get(slug)
    pages = [f"/catalogue/{slug}", f"/catalogue/{slug}/settings"]
    for address in pages + [f"/catalogue/{slug}/entities/{entity.name}" for entity in entry.system.entities]:
        response = client.get(address)
        assert response.status_code == 200
        checked(response, outward=True)


def test_a_page_says_what_is_known_how_and_shows_the_readme(client):
    text = text_of(client.get("/catalogue/shopify"))
    assert "Every query was checked against the published schemas" in text
    assert "The vendor serves it until 2027-07-01." in text
    assert "What you need" in text
    assert "Fulfilments" in text


def test_settings_say_what_is_needed_when_and_where_to_find_it(client):
    text = text_of(client.get("/catalogue/shopify/settings"))
    assert "Access token secret" in text
    assert "with auth method token" in text
    assert "Settings &gt; Apps &gt; Develop apps" in text
    assert "At most 10 at once" in text


def test_an_entity_says_how_it_is_read_and_written(client):
    text = text_of(client.get("/catalogue/shopify/entities/orders"))
    assert "Asked for what changed since the last run, in order of change." in text
    assert "looked up before it is sent again" in text
    assert "gid://shopify/Order/" in text


def test_fields_are_searched_and_sorted_out(client):
    text = text_of(client.get("/catalogue/shopify/entities/orders?q=tags"))
    assert "Fields 1 of" in text
    for query in ("use=required", "use=filterable", "type=money", "use=write&q=line"):
        response = client.get(f"/catalogue/shopify/entities/orders?{query}")
        assert " of 160" in text_of(response)
        checked(response, outward=True)
    assert "No field fits." in text_of(client.get("/catalogue/shopify/entities/orders?q=nothing+so"))


def test_what_is_not_there_is_not_found(client):
    for address in (
        "no-such",
        "no-such/settings",
        "shopify/entities/no-such",
        "peoplevox/files/passwd",
        "shopify/files/x",
    ):
        assert client.get(f"/catalogue/{address}").status_code == 404


def test_files_that_prepare_a_system_are_handed_out(client):
    response = client.get("/catalogue/peoplevox/files/sales_orders.csv")
    assert response["Content-Disposition"] == 'attachment; filename="sales_orders.csv"'
    assert b"," in response.content


def test_a_system_that_somebody_made_meanwhile_is_there(client):
    UserSystem.objects.create(slug="till-of-ours", definition=system("till-of-ours") | {"name": "Till of ours"})
    assert "Till of ours" in text_of(client.get("/catalogue/?q=till"))
    response = client.get("/catalogue/till-of-ours/entities/orders")
    assert "There is no list of fields" in text_of(response)
    checked(response)


def test_few_questions_are_asked(client, django_assert_max_num_queries):
    for address in ("/catalogue/", "/catalogue/shopify", "/catalogue/shopify/entities/orders"):
        client.get(address)
        with django_assert_max_num_queries(9):
            client.get(address)


def test_a_text_says_nothing_but_text():
    said = markdown(
        "# Title\n\n## Head\n\n<script>alert(1)</script> [a](javascript:alert(1)) ![b](https://x.example/p.png)\n\n"
        "| n |\n| --: |\n| <b>1</b> |\n\n[out](https://x.example)"
    )
    assert "<script" not in said
    assert "<b>" not in said
    assert "<img" not in said
    assert 'href="javascript' not in said
    assert "style=" not in said
    assert "Title" not in said
    assert '<a href="https://x.example" rel="noreferrer noopener">out</a>' in said


def test_a_pace_that_depends_on_settings_says_so(client):
    definition = system("paced") | {"limits": {"requests": 4, "per": 2, "concurrency": 1}}
    CATALOGUE.add(system_from_data(definition))
    assert "At most 4 requests in any 2 seconds, one at a time" in text_of(client.get("/catalogue/paced/settings"))
