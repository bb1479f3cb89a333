"""Finding records by a field: what becomes of outages, refusals, fields that nothing has, and too much to remember."""

from __future__ import annotations

import pytest
from tests.sdk.goods import WAYS, Shop, raising

from topstitch.errors import AnswerLost, AuthError, ConfigError, RemoteRejected, Unreachable
from topstitch.functions.registry import MISSING, NoAnswer
from topstitch.sdk import BadRecord
from topstitch.sdk import find as finding


@pytest.mark.parametrize("error", [Unreachable("away"), AuthError("who are you?")])
@pytest.mark.parametrize(("declared", "way"), WAYS)
def test_an_outage_is_told_and_then_the_same_question_is_answered(declared, way, error):
    shop = Shop(**declared)
    finder = shop.finder()
    shop.trouble = raising(error)

    with pytest.raises(type(error)):
        finder.answer(["RED"])
    shop.trouble = lambda asked: None

    assert finder.answer(["RED"]) == [1]


def test_a_lost_answer_is_no_more_than_an_outage_since_nothing_was_written():
    shop = Shop()
    shop.trouble = raising(AnswerLost("gone"))

    with pytest.raises(Exception, match="gone") as caught:
        shop.finder().answer(["RED"])
    assert caught.value.default_key == "temporary"


def test_what_was_answered_before_an_outage_is_not_asked_again():
    shop = Shop(ways=["equals"])
    finder = shop.finder()
    shop.trouble = raising(Unreachable("away"), lambda asked: asked[2] == "BLUE")
    with pytest.raises(Unreachable):
        finder.answer(["RED", "BLUE"])

    shop.trouble, shop.asked = lambda asked: None, []
    finder.answer(["RED", "BLUE"])

    assert [asked[2] for asked in shop.asked] == ["BLUE"]


@pytest.mark.parametrize("key", ["id", lambda record, options: record["sku"]])
def test_reading_everything_goes_on_where_an_outage_broke_it_off(key):
    shop = Shop([{"id": n, "sku": f"S{n}"} for n in range(30)], page_size=10, key=key)
    finder = shop.finder(several="fail")
    shop.trouble = raising(Unreachable("away"), lambda asked: asked[1] == 20)
    with pytest.raises(Unreachable):
        finder.answer(["S1"])

    shop.trouble, shop.asked = lambda asked: None, []

    assert finder.answer(["S1", "S29"]) == [1, 29]
    assert [asked[1] for asked in shop.asked] == [20]


def test_an_outage_after_the_last_page_counts_no_record_twice():
    shop = Shop(key=lambda record, options: record["sku"])
    finder = shop.finder(several="fail")
    shop.trouble = raising(Unreachable("away"), lambda asked: asked[0] == "end")
    with pytest.raises(Unreachable):
        finder.answer(["RED"])

    shop.trouble = lambda asked: None

    assert finder.answer(["RED"]) == [1]


def test_one_value_that_is_refused_spoils_no_other():
    shop = Shop(ways=["in"])
    shop.trouble = raising(RemoteRejected("no quotes please"), lambda asked: any('"' in value for value in asked[2]))

    answers = shop.finder().answer(["RED", 'TV 32"', *(f"S{n}" for n in range(40)), "BLUE"])

    assert (answers[0], answers[-1]) == (1, 2)
    assert answers[1] == NoAnswer("'TV 32\"' cannot be looked up: no quotes please", answers[1].hint)
    assert set(answers[2:-1]) == {MISSING}


def test_a_question_that_is_always_refused_is_given_up_for_all_after_a_few_tries():
    shop = Shop(ways=["in"])
    shop.trouble = raising(RemoteRejected("the token may not read goods"))
    finder = shop.finder()

    for _ in range(2):
        with pytest.raises(ConfigError, match="Shop refuses to be asked: the token may not read goods"):
            finder.answer([f"S{n}" for n in range(200)])
    assert len(shop.asked) < 30


def test_a_question_that_was_answered_before_is_not_given_up_for_a_page_of_odd_values():
    shop = Shop(ways=["in"])
    shop.trouble = raising(RemoteRejected("no quotes please"), lambda asked: any('"' in value for value in asked[2]))
    finder = shop.finder()
    finder.answer(["RED"])

    *odd, blue = finder.answer([*(f'TV {n}"' for n in range(40)), "BLUE"])

    assert blue == 2
    assert all(isinstance(answer, NoAnswer) for answer in odd)


def test_a_field_that_does_not_exist_is_told_with_those_that_do_instead_of_finding_nothing():
    with pytest.raises(ConfigError, match="none of 4 goods has anything at 'skuu'") as caught:
        Shop().finder("skuu").answer(["RED"])
    assert caught.value.hint == "They have extra, id, name, sku, tags."


def test_a_field_that_is_empty_everywhere_finds_nothing_and_says_so():
    shop = Shop([{"id": 1, "barcode": ""}, {"id": 2, "barcode": None}])

    assert shop.finder("barcode").answer(["5012345678900"]) == [MISSING]
    assert shop.logged == [("warning", "none of 2 goods has anything at 'barcode', so nothing can be found by it.")]


def test_a_field_to_give_that_nothing_has_is_told():
    shop = Shop(ways=["in"])

    assert shop.finder(give="idd").answer(["RED"]) == [None]
    assert shop.logged == [("warning", "So far none of the goods found has anything at 'idd'; is the path right?")]


def test_records_that_cannot_be_read_are_told_of():
    shop = Shop(bad=[BadRecord("goods.csv line 7", "five columns instead of six")])

    shop.finder().answer(["TEAL"])

    assert shop.logged == [
        ("warning", "Shop has goods that cannot be read: goods.csv line 7: five columns instead of six")
    ]


def test_too_many_to_remember_end_with_what_to_do_instead(monkeypatch):
    monkeypatch.setattr(finding, "MOST_KEPT", 20)
    shop = Shop([{"id": n, "sku": f"S{n}", "name": f"N{n}"} for n in range(100)], ways=["in"], page_size=10)
    finder = shop.finder("name")

    for _ in range(2):
        with pytest.raises(ConfigError, match="too many to remember: more than 20") as caught:
            finder.answer(["N1"])
    assert "Match a field it can be searched by (sku)" in caught.value.hint
    assert len(shop.asked) == 3


def test_a_value_that_half_of_everything_has_is_no_key(monkeypatch):
    monkeypatch.setattr(finding, "MOST_KEPT", 20)
    shop = Shop([{"id": n, "sku": "RED"} for n in range(100)], ways=["in"], page_size=10)

    with pytest.raises(ConfigError, match="more than 20 goods have one of 2 values at 'sku'"):
        shop.finder().answer(["RED", "TEAL"])
    assert len(shop.asked) == 3


def test_answers_kept_are_bounded_and_a_page_larger_than_that_is_still_answered(monkeypatch):
    monkeypatch.setattr(finding, "MOST_KEPT", 10)
    finder = Shop([{"id": n, "sku": f"S{n}"} for n in range(40)], ways=["equals"]).finder()

    assert finder.answer([f"S{n}" for n in range(40)]) == list(range(40))
    assert len(finder._answers) == 10


@pytest.mark.parametrize("value", ["a\x00b", "a\nb", "half \ud800", "x" * 1025, ("a", "b"), object()])
def test_a_value_that_cannot_be_asked_for_fails_alone_and_is_not_sent(value):
    shop = Shop(ways=["in"])

    odd, red = shop.finder().answer([value, "RED"])

    assert isinstance(odd, NoAnswer)
    assert red == 1
    assert shop.asked == [("pages", 0, ["RED"])]
