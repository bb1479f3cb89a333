"""What a mapping asks of others: all questions of a page at once, and each record with its own answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from tests.engine.mapping_support import ENV

from topstitch.engine.mapping import RowError, compile_mapping
from topstitch.engine.mapping.asking import Asks
from topstitch.engine.spec import MappingRow
from topstitch.errors import MappingError, ScriptError, Unreachable
from topstitch.functions.signals import SkipRecord, Wanted

DOUBLE = {"other.script": {"script": "double"}}


class Answers:
    """Answers every script by doubling, every sequence by counting; and knows what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[object]] = []
        self.away: Exception | None = None

    def finder(self, *of):
        def answer(values):
            self.asked.append(list(values))
            return [f"{value}+" for value in values]

        return answer

    def script(self, name, version, variables):
        def answer(values):
            if self.away:
                raise self.away
            self.asked.append(list(values))
            return [ScriptError("no number", line=3) if isinstance(v, str) else v * 2 for v in values]

        return answer

    def sequence(self, name, start, step):
        numbers: dict[object, int] = {}

        def answer(keys):
            self.asked.append(list(keys))
            return [numbers.setdefault(key, start + step * len(numbers)) for key in keys]

        return answer


def made(*rows):
    answers = Answers()
    env = replace(ENV, others=answers, asks=Asks())
    return compile_mapping([MappingRow.model_validate(row) for row in rows], env), answers


def page(mapper, *records):
    return list(mapper.outcomes([(str(number), record) for number, record in enumerate(records, 1)]))


def test_the_questions_of_a_page_are_asked_at_once_and_equal_ones_once():
    mapper, answers = made({"to": "out", "from": "n", "do": [DOUBLE]}, {"to": "id", "from": "id"})
    assert page(mapper, {"n": 1, "id": 7}, {"n": 2}, {"n": 1}) == [{"out": 2, "id": 7}, {"out": 4}, {"out": 2}]
    assert answers.asked == [[1, 2]]


def test_all_lines_of_a_record_ask_at_once():
    mapper, answers = made(
        {"to": "lines[*].q", "from": "items[*].q", "do": [DOUBLE]},
        {"to": "lines[*].r", "from": "items[*].r", "do": [DOUBLE]},
    )
    assert page(mapper, {"items": [{"q": 1, "r": 2}, {"q": 3, "r": 4}]}) == [
        {"lines": [{"q": 2, "r": 4}, {"q": 6, "r": 8}]}
    ]
    assert answers.asked == [[1, 2, 3, 4]]


def test_what_asks_for_the_answer_of_another_takes_one_round_more():
    mapper, answers = made({"to": "out", "from": "n", "do": [DOUBLE, {"number.add": {"number": 1}}, DOUBLE]})
    assert page(mapper, {"n": 1}, {"n": 5}) == [{"out": 6}, {"out": 22}]
    assert len(answers.asked) == 2


def test_one_true_and_1_0_are_different_questions():
    mapper, answers = made({"to": "out", "from": "n", "do": [DOUBLE]})
    assert page(mapper, {"n": 1}, {"n": True}, {"n": 1.0}, {"n": [1]}, {"n": [1]}) == [
        {"out": 2},
        {"out": 2},
        {"out": 2.0},
        {"out": [1, 1]},
        {"out": [1, 1]},
    ]
    assert len(answers.asked[0]) == 4


def test_an_error_among_the_answers_is_that_records_alone():
    mapper, _ = made({"to": "out", "from": "n", "do": [DOUBLE]})
    good, bad = page(mapper, {"n": 1}, {"n": "x"})
    assert good == {"out": 2}
    assert isinstance(bad, ScriptError)
    assert bad.line == 3


def test_a_row_may_forgive_an_error_of_a_script():
    mapper, _ = made({"to": "out", "from": "n", "do": [DOUBLE], "on_error": "default", "default": 0})
    assert page(mapper, {"n": "x"}) == [{"out": 0}]


def test_an_outage_is_raised_and_the_page_can_be_mapped_once_it_is_over():
    mapper, answers = made({"to": "out", "from": "n", "do": [DOUBLE]})
    answers.away = Unreachable("away")
    with pytest.raises(Unreachable):
        page(mapper, {"n": 1})
    answers.away = None
    assert page(mapper, {"n": 1}) == [{"out": 2}]


def test_an_error_elsewhere_in_the_record_is_told_and_asking_goes_on_for_the_others():
    mapper, _ = made({"to": "bad", "from": "b", "do": ["other.to_decimal"]}, {"to": "out", "from": "n", "do": [DOUBLE]})
    good, bad = page(mapper, {"n": 1}, {"n": 2, "b": "x"})
    assert good == {"out": 2}
    assert isinstance(bad, MappingError)
    assert bad.row == "bad"


def test_a_condition_keeps_a_row_from_asking():
    when = [{"field": "ask", "op": "equals", "value": True}]
    mapper, answers = made({"to": "out", "from": "n", "do": [DOUBLE], "when": when})
    assert page(mapper, {"n": 1, "ask": True}, {"n": 2}) == [{"out": 2}, {}]
    assert answers.asked == [[1]]


def test_a_record_keeps_its_number_of_a_sequence():
    numbered = {"other.sequence": {"name": "invoices", "start": 100, "step": 10}}
    mapper, answers = made({"to": "no", "do": [numbered]}, {"to": "again", "do": [numbered]})
    assert page(mapper, {}, {}) == [{"no": 100, "again": 100}, {"no": 110, "again": 110}]
    assert answers.asked == [["1", "2"]]
    assert page(mapper, {}, {}) == [{"no": 100, "again": 100}, {"no": 110, "again": 110}]


def test_a_list_may_be_made_of_an_answer():
    mapper, answers = made({"to": "out[*]", "from": "lines", "do": [DOUBLE]}, {"to": "out[*].n", "from": "lines[*].n"})
    assert page(mapper, {"lines": [{"n": 1}, {"n": 2}]}) == [{"out": [{"n": 1}, {"n": 2}, {"n": 1}, {"n": 2}]}]
    assert len(answers.asked) == 1


def test_a_mapper_of_one_record_asks_too():
    mapper, _ = made({"to": "out", "from": "n", "do": [DOUBLE]})
    assert mapper({"n": 4}) == {"out": 8}
    with pytest.raises(ScriptError):
        mapper({"n": "x"})


def test_a_row_has_at_most_fifteen_scripts():
    made({"to": "a", "from": "n", "do": [DOUBLE] * 15})
    with pytest.raises(RowError, match="the row has 16 custom scripts, 15 are the most"):
        made({"to": "a", "from": [{"path": "n", "do": [DOUBLE] * 8}], "do": [DOUBLE] * 8})


NUMBERED = {"to": "no", "do": [{"other.sequence": {"name": "invoices", "start": 100}}]}
NOT_VOID = {"to": "state", "from": "state", "do": [{"other.skip_record": {"op": "equals", "value": "void"}}]}


@pytest.mark.parametrize("rows", [[NUMBERED, NOT_VOID], [NOT_VOID, NUMBERED]])
def test_a_record_that_is_left_out_asks_nothing(rows):
    mapper, answers = made(*rows)
    first, left_out, third = page(mapper, {}, {"state": "void"}, {})
    assert (first, third) == ({"no": 100}, {"no": 101})
    assert isinstance(left_out, SkipRecord)
    assert answers.asked == [["1", "3"]]


def test_a_question_that_another_record_has_too_is_asked_all_the_same():
    mapper, answers = made({"to": "out", "from": "n", "do": [DOUBLE]}, NOT_VOID)
    left_out, good = page(mapper, {"n": 1, "state": "void"}, {"n": 1})
    assert isinstance(left_out, SkipRecord)
    assert good == {"out": 2}
    assert answers.asked == [[1]]


def test_a_record_whose_first_answer_is_an_error_asks_no_further():
    more = {"to": "more", "from": "m", "do": [DOUBLE, {"number.add": {"number": 1}}, DOUBLE]}
    mapper, answers = made({"to": "out", "from": "n", "do": [DOUBLE]}, more)
    (bad,) = page(mapper, {"n": "x", "m": 1})
    assert isinstance(bad, ScriptError)
    assert answers.asked == [["x", 1]]


def test_an_error_of_a_script_says_in_which_row_and_each_record_has_its_own():
    mapper, _ = made({"to": "out", "name": "Output", "from": "n", "do": [DOUBLE]})
    one, two = page(mapper, {"n": "x"}, {"n": "x"})
    assert str(one) == str(two) == "Output: no number"
    assert one is not two
    assert one.line == 3


def test_a_head_row_may_forgive_an_error_of_a_script():
    rows = [{"to": "out[*]", "from": "a", "do": [DOUBLE], "on_error": "empty"}, {"to": "out[*].n", "from": "a[*].n"}]
    assert page(made(*rows)[0], {"a": "x"}) == [{}]
    (failed,) = page(made({**rows[0], "on_error": "fail"}, rows[1])[0], {"a": "x"})
    assert str(failed) == "out[*]: no number"


def test_numbers_and_times_that_are_written_differently_are_different_questions():
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    values = [Decimal("1.0"), Decimal("1.00"), noon, noon.astimezone(timezone(timedelta(hours=2))), 0.0, -0.0]
    values += [[noon], [noon.isoformat()], [Decimal(1)], [1]]
    asks, known = Asks(), []
    asked = asks.asked("script", lambda: lambda questions: (known.extend(questions), questions)[1])
    for value in values:
        with pytest.raises(Wanted):
            asked(value)
    asks.settle()
    assert [repr(asked(value)) for value in values] == [repr(value) for value in values]


def test_a_row_may_ask_as_often_as_it_likes():
    find = {"other.find": {"connector": "far", "entity": "orders", "match": "id"}}
    mapper, answers = made({"to": "out", "from": {"path": "n", "do": [find] * 100}, "do": [find] * 100})
    assert page(mapper, {"n": 1}) == [{"out": "1" + "+" * 200}]
    assert len(answers.asked) == 200
