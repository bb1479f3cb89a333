"""Finding a record from anywhere."""

from __future__ import annotations

import pytest
from tests.web.pages import checked, text_of

from topstitch.store.queries import find as module
from topstitch.store.queries.find import find, spellings_of
from topstitch.store.queries.scope import Scope


@pytest.fixture
def known(world):
    """Records of Ada's company, and one of another's."""
    run = world.run(world.service("Orders to warehouse"), pulled=3)
    for key, reference in (
        ("5001", "#1001"),
        ("5002", "#1002"),
        ("TS-MUG", ""),
        ("7", "ada@example.com"),
        ("8", "50%_OFF"),
    ):
        world.item(world.attempt(run, key, reference=reference), "ok")
    theirs = world.run(world.service("Theirs", group=world.other_group), pulled=1)
    world.item(world.attempt(theirs, "5009", reference="#1009"), "failed")
    return run


def scope(world):
    return Scope((world.company.pk,), (world.company.name,))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("#1001", ["#1001"]),
        ("1001", ["#1001"]),
        ("100", ["#1001", "#1002"]),
        ("5002", ["#1002"]),
        ("ts-mug", ["TS-MUG"]),
        ("ADA@example.com", ["ada@example.com"]),
        ("ada@", ["ada@example.com"]),
        ("50%", ["50%_OFF"]),
        ("%", []),
        ("5_", []),
        ("#1009", []),
        ("10", []),
        ("   ", []),
    ],
)
def test_records_are_found_by_what_people_have_in_hand(world, known, words, names):
    assert sorted(record.name for record in find(scope(world), words).records) == names


def test_runs_are_found_by_the_beginning_of_their_sync_id(world, known):
    whole = str(known.pk)
    for words in (whole, whole.upper(), whole[:8], whole[:13], whole.replace("-", "")):
        assert [run.pk for run in find(scope(world), words).runs] == [known.pk], words
    for words in (whole[:7], whole + "0", "-" * 36, f"{whole[:8]}-zz"):
        assert find(scope(world), words).runs == [], words
    assert find(Scope((world.other_group.company_id,)), whole).runs == []


def test_services_are_found_by_words_of_their_name(world, known):
    assert [entry.name for entry in find(scope(world), "warehouse orders").services] == ["Orders to warehouse"]
    assert find(scope(world), "theirs").services == []


def test_more_than_is_shown_is_said_to_be_more(world, known):
    found = find(scope(world), "100", limit=1)
    assert (len(found.records), found.more) == (1, True)
    assert not find(scope(world), "100", limit=2).more


def test_spellings_are_with_and_without_the_hash_in_any_case():
    assert spellings_of("#aB1") == ["##AB1", "##aB1", "##ab1", "#AB1", "#aB1", "#ab1", "AB1", "aB1", "ab1"]


def test_what_would_take_too_long_is_given_up(world, known, monkeypatch):
    monkeypatch.setattr(module, "BEGINS", "SELECT 1, 1, '', '', '', '', now() FROM pg_sleep(5), item WHERE ({likes})")
    monkeypatch.setattr(module, "PATIENCE", 50)
    found = find(scope(world), "#1001")
    assert (len(found.records), found.cut) == (1, True)


def test_the_page_groups_what_was_found(client, known):
    page = client.get("/find?q=100")
    assert "#1001" in text_of(page)
    assert "Records 2" in text_of(page)
    checked(page)
    assert "Orders to warehouse" in text_of(client.get("/find?q=warehouse"))
    assert str(known.pk) in text_of(client.get(f"/find?q={known.pk}"))


def test_nothing_found_says_what_can_be_done(client, known):
    assert "Nothing is called “<nothing>”" in text_of(client.get("/find?q=<nothing>")).replace("&lt;", "<").replace(
        "&gt;", ">"
    )
    assert "What are you looking for?" in text_of(client.get("/find"))


def test_suggestions_are_options_only(client, known):
    body = client.get("/find?q=100", headers={"HX-Target": "options"}).content.decode()
    assert body.count('role="option"') == 2
    assert "<html" not in body
    assert "#1009" not in body


@pytest.mark.parametrize("words", ["'", '"', "\\", "\x00", "%%", "𝕏" * 300, "0" * 36, "f" * 33, "(select 1)", "#" * 50])
def test_whatever_is_typed_is_only_text(client, known, words):
    assert client.get("/find", {"q": words}).status_code == 200


def test_it_takes_few_questions(client, known, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        client.get("/find?q=100")
