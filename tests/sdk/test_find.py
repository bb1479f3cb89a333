"""Finding records by a field: the right one whatever the way, in few questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sdk.goods import GOODS, WAYS, Shop, raising

from topstitch.errors import ConfigError, RemoteRejected
from topstitch.functions.registry import MISSING, NoAnswer
from topstitch.sdk.find import Finder, Way


@pytest.mark.parametrize(("declared", "way"), WAYS)
def test_each_value_gets_what_the_first_record_with_it_has(declared, way):
    finder = Shop(**declared).finder()

    assert finder.way is way
    assert finder.answer(["BLUE", "RED", "TEAL", "BLUE", "", None, "  "]) == [
        2,
        1,
        MISSING,
        2,
        MISSING,
        MISSING,
        MISSING,
    ]


def test_the_id_is_asked_for_by_id():
    shop = Shop(by_ids=True, ways=["in"])
    finder = shop.finder("id", "name")

    assert finder.answer([2, "1", "9"]) == ["Blue mug", "Red mug", MISSING]
    assert (finder.way, shop.asked) == (Way.IDS, [("ids", "2", "1", "9")])


def test_an_id_that_cannot_be_asked_for_is_looked_up_among_all():
    assert Shop().finder("id", "name").answer(["2"]) == ["Blue mug"]


@pytest.mark.parametrize("declared", [{"ways": ["in"]}, {}])
def test_an_element_of_a_list_is_found(declared):
    finder = Shop(**declared).finder("tags[*]", "id")

    assert finder.answer(["hot", "new", "cold"]) == [1, 1, MISSING]


def test_a_field_that_is_null_is_an_answer_and_so_is_the_whole_record():
    shop = Shop(ways=["in"])

    assert shop.finder(give="extra").answer(["RED"]) == [None]
    assert shop.finder(give="").answer(["RED"]) == [GOODS[0]]


def test_whoever_changes_an_answer_changes_it_for_nobody_else():
    finder = Shop(ways=["in"]).finder(give="")

    finder.answer(["RED"])[0]["tags"].clear()

    assert finder.answer(["RED"])[0]["tags"] == ["new", "hot"]


@pytest.mark.parametrize(("declared", "questions"), [({"ways": ["in"]}, 5), ({"ways": ["equals"]}, 72), ({}, 50)])
def test_different_values_are_asked_for_once_and_found_or_not_remembered(declared, questions):
    shop = Shop([{"id": n, "sku": f"S{n}"} for n in range(500)], page_size=10, **declared)
    finder, values = shop.finder(), [f"S{n % 60 + 460}" for n in range(200)]

    answers = finder.answer(values)

    assert answers == [n % 60 + 460 if n % 60 < 40 else MISSING for n in range(200)]
    assert finder.answer(values) == answers
    assert len(shop.asked) == questions


def test_a_small_shop_that_takes_one_value_a_question_is_read_as_a_whole_instead():
    shop = Shop(ways=["equals"], page_size=2)
    finder = shop.finder()

    assert finder.answer([*(f"S{n}" for n in range(10)), "BLUE"])[-1] == 2
    assert (finder.way, len(shop.asked)) == (Way.ALL, 2)


def test_a_shop_that_gives_no_list_of_everything_is_asked_value_by_value():
    shop = Shop(ways=["equals"])
    shop.trouble = raising(RemoteRejected("not everything, please"), lambda asked: len(asked) == 2)
    finder = shop.finder()

    assert finder.answer([*(f"S{n}" for n in range(10)), "BLUE"])[-1] == 2
    assert finder.way is Way.EACH


def test_a_question_is_never_longer_than_an_address_may_be():
    shop = Shop(ways=["in"])
    shop.finder().answer([f"{n}" * 1000 for n in range(1, 10)])

    assert [len(asked[2]) for asked in shop.asked] == [6, 3]


@pytest.mark.parametrize(("declared", "way"), WAYS)
def test_several_are_told_of_once(declared, way):
    shop = Shop(**declared)
    shop.goods.append({"id": 5, "sku": "RED"})
    finder = shop.finder()

    finder.answer(["BLUE", "RED"])
    finder.answer(["RED", "BLUE"])

    ((level, text),) = shop.logged
    assert level == "warning"
    assert text.startswith("2 goods or more have 'BLUE' at 'sku': the first is taken")


@pytest.mark.parametrize(("declared", "way"), WAYS)
def test_several_fail_where_they_may_not_be(declared, way):
    blue, red = Shop(**declared).finder(several="fail").answer(["BLUE", "RED"])

    assert isinstance(blue, NoAnswer)
    assert blue.reason == "2 records have 'BLUE' at 'sku'"
    assert red == 1


def test_a_record_that_is_read_twice_is_one_and_its_later_reading_stands():
    shop = Shop([GOODS[0], {**GOODS[0], "name": "Redder mug"}])

    assert shop.finder(give="name", several="fail").answer(["RED"]) == ["Redder mug"]


def test_two_lines_of_a_file_that_say_the_same_of_themselves_are_two():
    shop = Shop([GOODS[0], {**GOODS[0], "name": "Redder mug"}], key=lambda record, options: record["sku"])

    assert isinstance(shop.finder(give="name", several="fail").answer(["RED"])[0], NoAnswer)


def test_reading_ends_when_every_value_has_its_record():
    shop = Shop([{"id": n, "sku": "RED"} for n in range(100)], ways=["in"], page_size=10)

    assert shop.finder().answer(["RED"]) == [0]
    assert len(shop.asked) == 1


def test_case_is_ignored_by_reading_everything():
    shop = Shop(ways=["in"])
    finder = shop.finder(ignore_case=True)

    assert finder.way is Way.ALL
    assert finder.answer([" red", "Blue", "teal"]) == [1, 2, MISSING]
    assert Shop(ways=["in"]).finder().answer(["red"]) == [MISSING]


def test_options_reach_the_reader_and_unknown_ones_are_refused():
    shop = Shop()

    with pytest.raises(ConfigError, match="unknown setting 'onyl'"):
        shop.finder(options={"onyl": "x"})
    assert shop.finder(options={"only": "x"}).answer(["RED"]) == [1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"entity": "good"}, "there is no entity 'good' here; there are goods, notes"),
        ({"entity": "notes"}, "Shop does not let notes be read"),
        ({"match": "sku["}, "cannot read the path 'sku\\['"),
        ({"give": "a..b"}, "cannot read the path 'a..b'"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_is_asked(change, said):
    given = {"entity": "goods", "match": "sku", "give": "id", **change}

    with pytest.raises(ConfigError, match=said):
        Finder(Shop().conn, given["entity"], given["match"], given["give"])


_TEXTS = st.one_of(
    st.sampled_from(["", " ", "A", "a", "B ", "1", "ß", "None", "'", '"', "%", "a,b"]), st.text(max_size=3)
)
_CELLS = st.one_of(_TEXTS, st.integers(0, 3), st.none(), st.lists(_TEXTS, max_size=2), st.just({"A": "A"}))


def first_with(value, goods):
    """The id of the first record with a value, by the plainest of searches."""
    for record in goods:
        cells = record["sku"] if isinstance(record["sku"], list) else [record["sku"]]
        if value.strip() and any(not isinstance(cell, dict | None) and value == str(cell) for cell in cells):
            return record["id"]
    return MISSING


@pytest.mark.parametrize(("declared", "way"), WAYS)
@given(cells=st.lists(_CELLS, max_size=8), values=st.lists(_TEXTS, max_size=8), size=st.integers(1, 4))
def test_whatever_records_and_values_there_are_the_answer_is_that_of_a_plain_search(declared, way, cells, values, size):
    shop = Shop([{"id": n, "sku": cell} for n, cell in enumerate([*cells, "LAST"])], page_size=size, **declared)
    shop._holds = lambda record, condition: True  # a far end may filter too little

    answers = shop.finder().answer(values)

    for value, answer in zip(values, answers, strict=True):
        assert isinstance(answer, NoAnswer) or answer == first_with(value, shop.goods)
