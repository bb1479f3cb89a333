"""Finding records by a field: the right one whatever the way, in few questions, and what becomes of all that can go wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topstitch.errors import AnswerLost, AuthError, ConfigError, RemoteRejected, Unreachable
from topstitch.functions.registry import MISSING, NoAnswer
from topstitch.sdk import BadRecord, Connection, Entity, Entry, Page, Read, Setting, System
from topstitch.sdk import find as finding
from topstitch.sdk.find import Finder, Way

GOODS = [
    {"id": 1, "sku": "RED", "name": "Red mug", "tags": ["new", "hot"], "extra": None},
    {"id": 2, "sku": "BLUE", "name": "Blue mug", "tags": [], "extra": {"colour": "blue"}},
    {"id": 3, "sku": "BLUE", "name": "Old blue mug", "tags": ["hot"], "extra": None},
    {"id": 4, "sku": None, "name": "Nameless", "tags": None, "extra": None},
]


class Shop:
    """A system with one kind of record. `asked` are its questions; `trouble(asked)` raises what is to go wrong."""

    def __init__(self, goods=GOODS, *, ways=(), by_ids=False, page_size=100, bad=(), key="id"):
        self.goods, self.asked, self.logged = list(goods), [], []
        self.trouble = lambda asked: None
        self._size, self._bad = page_size, bad
        read = Read(
            pages=self._pages,
            by_ids=self._by_ids if by_ids else None,
            filters={"sku": ways, "tags[*]": ["contains"] if ways else []},
            page_size=page_size,
            max_page_size=page_size,
            options=[Setting(name="only", label="Only")],
        )
        entities = [
            Entity(name="goods", label="Goods", key=key, read=read),
            Entity(name="notes", label="Notes", key="id"),
        ]
        system = System(settings=[], entities=entities, test=lambda conn: [])
        entry = Entry("shop", {"name": "Shop"}, made=system)
        self.conn = Connection(entry=entry, settings={}, log=lambda level, text: self.logged.append((level, text)))

    def _pages(self, conn, query, cursor):
        found = [record for record in self.goods if all(self._holds(record, c) for c in query.conditions)]
        at = cursor or 0
        while True:
            asked = ("pages", at, *(c.value for c in query.conditions))
            self.asked.append(asked)
            self.trouble(asked)
            part, following = found[at : at + self._size], at + self._size
            more = following if following < len(found) else None
            yield Page(records=part, next=more, bad=self._bad)
            if more is None:
                self.trouble(("end", at, ""))
                return
            at = following

    def _holds(self, record, condition):
        value = record.get(condition.field.removesuffix("[*]"))
        if condition.op == "contains":
            return condition.value in (value or [])
        return str(value) in condition.value if condition.op == "in" else str(value) == condition.value

    def _by_ids(self, conn, ids, options):
        self.asked.append(("ids", *ids))
        self.trouble(self.asked[-1])
        return [record for record in reversed(self.goods) if str(record["id"]) in ids]

    def finder(self, match="sku", give="id", options=None, **more):
        return Finder(self.conn, "goods", match, give, options, **more)


WAYS = [
    pytest.param({"ways": ["equals", "in"]}, Way.MANY, id="many"),
    pytest.param({"ways": ["equals"]}, Way.EACH, id="each"),
    pytest.param({}, Way.ALL, id="all"),
]


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


# -- trouble --------------------------------------------------------------------------------------------------------


def raising(error, when=lambda asked: True):
    def trouble(asked):
        if when(asked):
            raise error

    return trouble


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
