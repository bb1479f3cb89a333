"""What a script is given, what it may give back, and what it may call."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from topstitch.errors import ConfigError, MappingError, ScriptError, Unreachable
from topstitch.functions.lookup import FixedEnvironment
from topstitch.scripts import ScriptCall, ScriptSpec
from topstitch.scripts.values import Meter

UPPER = "def handle(data):\n    data['payload'] = data['payload'].upper()\n    return data\n"
ECHO = "def handle(data): return data\n"


def test_a_script_changes_the_payload(result):
    made = result(UPPER, "dpd")
    assert (made.payload, made.error) == ("DPD", None)


def test_a_script_that_returns_nothing_has_changed_data_in_place(result):
    assert result("def handle(data): data['payload'] += 1", 41).payload == 42


def test_a_script_may_return_an_object_of_its_own(result):
    made = result("def handle(data): return {'payload': 5}", 1, meta={"file": "a.csv"}, variables={"season": "AW25"})
    assert (made.payload, made.meta, made.variables) == (5, {"file": "a.csv"}, {"season": "AW25"})


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -(10**30),
        1.5,
        "",
        '{"not": "parsed"}',
        "naïve 😀 \x00",
        Decimal("12.50"),
        datetime(2026, 3, 1, 10, 30, tzinfo=UTC),
        date(2026, 3, 1),
        [],
        {},
        {"lines": [{"sku": "A", "price": Decimal("1.10"), "at": datetime(2026, 3, 1)}], "note": None},  # noqa: DTZ001  # also without zone
    ],
)
def test_values_pass_in_and_out_as_what_they_are(result, value):
    made = result(ECHO, value)
    assert made.error is None
    assert made.payload == value
    assert type(made.payload) is type(value)


def test_a_tuple_becomes_a_list(result):
    assert result("def handle(data): data['payload'] = (1, (2, 3))").payload == [1, [2, 3]]


def test_a_script_is_given_payload_variables_meta_and_the_flow(result):
    code = "def handle(data): data['payload'] = [sorted(data), data['variables'], data['meta'], data['flow']]"
    made = result(code, 1, meta={"page": "2"}, variables={"season": "SS24", "tag": ""}, given={"season": "AW25"})
    assert made.payload == [
        ["flow", "logs", "meta", "payload", "variables"],
        {"season": "AW25", "tag": ""},
        {"page": "2"},
        {"season": "AW25", "channel": "WEB"},
    ]


def test_a_script_may_change_meta_and_variables_and_answer_with_message_and_code(result):
    code = """
def handle(data):
    data["meta"]["seen"] = "yes"
    data["variables"] = {"a": "b"}
    data["message"] = "three lines dropped"
    data["response_code"] = 2
"""
    made = result(code, 1, meta={"page": "2"})
    assert (made.meta, made.variables) == ({"page": "2", "seen": "yes"}, {"a": "b"})
    assert (made.message, made.response_code) == ("three lines dropped", 2)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("data['meta']['a'] = 1", "data['meta'] maps text to text; 'a' is not so"),
        ("data['variables'] = []", "data['variables'] must be an object, it is of the kind list"),
        ("data['logs'] = 'x'", "data['logs'] must be a list of texts, it is of the kind str"),
        ("data['response_code'] = 7", "data['response_code'] must be 0, 1, 2 or 3, not 7"),
        ("data['response_code'] = True", "data['response_code'] must be 0, 1, 2 or 3, not True"),
        ("return 5", "handle(data) must return data, an object with a payload, or nothing; it returned int"),
        ("return {}", "it returned an object without payload"),
        ("data['payload'] = {1, 2}", "the result holds a value of the kind set, which is no record data"),
        ("data['payload'] = {1: 2}", "an object has the key 1, and keys are text"),
        ("data['payload'] = float('inf')", "inf is no number that can be written"),
        ("data['payload'] = [float('nan')]", "nan is no number that can be written"),
        ("data['payload'] = 1j", "the kind complex"),
        ("data['payload'] = handle", "the kind function"),
        ("data['payload'] = [handle]", "the kind function"),
        ("data['payload'] = b'x'", "the kind bytes"),
        ("data['payload'] = range(3)", "the kind range"),
        ("a = []; a.append(a); data['payload'] = a", "the result contains itself"),
        ("a = {}; a['b'] = {'c': [a]}; data['payload'] = a", "the result contains itself"),
    ],
)
def test_a_result_that_cannot_be_used_is_an_error_and_never_another_value(result, line, said):
    error = result(f"def handle(data):\n    {line}", 1).error
    assert isinstance(error, ScriptError)
    assert said in error.message
    assert error.message.startswith("script 'Carriers' version 3")


def test_text_that_looks_like_a_list_within_itself_is_text(result):
    assert result(ECHO, ["[...]", "{...}"]).payload == ["[...]", "{...}"]


@pytest.mark.parametrize("value", [b"x", "half \ud800", {1: 2}, [object()]])
def test_a_value_that_cannot_go_in_fails_its_call_alone(results, value):
    first, second, third = results(ECHO, 1, value, 3)
    assert (first.payload, third.payload) == (1, 3)
    assert second.error is not None and "cannot be given to the script" in second.error.message


def test_logs_are_what_the_script_printed_and_logged_cut_at_500_characters_in_total(result):
    code = "def handle(data):\n    print('a', 1)\n    data['logs'].append('b')\n    data['logs'] += ['c' * 400, 'd' * 400, 'e']"
    made = result(code)
    assert made.logs[:2] == ["a 1", "b"]
    assert sum(map(len, made.logs)) == 500
    assert made.logs[-1] == "d" * 95 + "…"


def test_each_call_has_the_lines_that_it_printed_itself(results):
    made = results("def handle(data):\n    print('got', data['payload'])\n    1 / (data['payload'] - 2)", 1, 2, 3)
    assert [one.logs for one in made] == [["got 1"], ["got 2"], ["got 3"]]
    assert [one.error is None for one in made] == [True, False, True]


def test_functions_are_called_by_name_and_by_call(result):
    code = """
def handle(data):
    data["payload"] = [
        string_upper("abc"),
        string_prefix("1", text="P-"),
        call("string.concatenate", ["a", "b"], joiner="+"),
        call("other.map", "Crimson", table="colours"),
        other_variable(name="season"),
        str(number_round(1.005, places=2)),
    ]
"""
    assert result(code).payload == ["ABC", "P-1", "a+b", "DC143C", "AW25", "1.01"]


def test_a_function_that_refuses_raises_what_the_script_may_catch(result):
    code = """
def handle(data):
    try:
        other_map("Beige", table="colours", no_match="fail")
    except ValueError as error:
        data["payload"] = str(error)
"""
    assert "Beige" in result(code).payload


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("call('string.uper', 'x')", "did you mean string.upper?"),
        ("string_uper('x')", "name 'string_uper' is not defined"),
        ("string_prefix('x', txt='P')", "did you mean text?"),
        ("call('other.script', 'x', script='Carriers')", "works in mappings only"),
        ("call('other.sequence', 'x', name='n')", "works in mappings only"),
        ("other_skip_record('x')", "works in mappings only"),
        ("string_replace_pattern('a' * 60 + 'b', pattern='(a|a)*$')", "takes more than 1 second"),
        ("other_map('x', table='nowhere')", "there is no lookup table 'nowhere'"),
    ],
)
def test_a_wrong_call_of_a_function_is_told_with_its_line(result, line, said):
    error = result(f"x = 1\ndef handle(data):\n    {line}").error
    assert error is not None and said in error.message
    assert error.line == 3 and error.source == line


class Broken:
    """A lookup whose database is away."""

    def __init__(self, error):
        self.error = error

    def find(self, value, *, reverse, match, field=""):
        raise self.error


@pytest.mark.parametrize("error", [Unreachable("the database is away"), ConnectionError("gone"), KeyboardInterrupt()])
def test_what_is_no_fault_of_the_record_ends_the_batch(results, error):
    env = FixedEnvironment(datetime.now(UTC), tables={"t": Broken(error)})
    code = "def handle(data):\n    try:\n        other_map('x', table='t')\n    except Exception:\n        pass"
    with pytest.raises(type(error)):
        results(code, 1, 2, env=env)


def test_a_mapping_error_of_a_lookup_fails_only_its_record(result):
    env = FixedEnvironment(datetime.now(UTC), tables={"t": Broken(MappingError("no"))})
    assert result("def handle(data): other_map('x', table='t')", env=env).error is not None


@pytest.mark.parametrize(
    ("code", "line", "column", "said"),
    [
        ("def handle(data)\n    pass\n", 1, 17, "Expected `:`"),
        ("x = 1\n\ndef handle(data):\n    return data[\n", 5, None, "EOF in multi-line statement"),
        ("def handle(data):\n        x = 1\n    y = 2\n", 3, None, "unindent does not match"),
        ("x = '''abc", 1, None, "EOF in multi-line string"),
        ("import socket\ndef handle(data): pass\n", 1, 1, "No module named 'socket'"),
        ("RATE = 1 / 0\ndef handle(data): pass\n", 1, None, "division by zero"),
        ("class A(dict): pass\ndef handle(data): pass\n", 1, None, "Scripts cannot use class inheritance"),
        ("def handel(data): pass\n", 0, None, "there is no function handle(data)"),
        ("", 0, None, "there is no function handle(data)"),
        ("handle = 5", 0, None, "handle is of the kind int, it must be a function"),
        ("while True: pass", 0, None, "it ran longer than 2 seconds"),
        ("(" * 5000, 0, None, ""),
        ("-" * 90_000 + "1", 1, None, "nested"),
        ("x" * 200_000, 0, None, "larger than 100 KB"),
        ("x = 1\0", 0, None, "no text"),
        ("x = '\ud800'", 0, None, "no text"),
    ],
)
def test_checking_names_line_and_column(sandbox, code, line, column, said):
    with pytest.raises(ScriptError) as caught:
        sandbox.check(code)
    assert said in caught.value.message
    assert caught.value.line == line or not line
    assert column in (None, caught.value.column)
    assert caught.value.hint


def test_checking_passes_a_good_script_that_uses_functions_outside_of_handle(sandbox):
    sandbox.check("TITLE = string_upper('x')\nhandle = lambda data: data")


def test_a_script_that_cannot_be_read_fails_every_call_with_its_line(results):
    made = results("def handle(data):\n  return data[\n", 1, 2)
    assert [one.error.line for one in made] == [3, 3]


def test_the_answers_are_in_order_and_of_the_same_number(results):
    made = results("def handle(data): data['payload'] *= 2", *range(2500))
    assert [one.payload for one in made] == [n * 2 for n in range(2500)]


def test_no_call_is_no_work(sandbox):
    env = FixedEnvironment(datetime.now(UTC))
    assert sandbox.run_batch(ScriptSpec("x", 1, ECHO), [], env) == []
    assert sandbox.run_batch(ScriptSpec("x", 1, ECHO), [ScriptCall(1)], env)[0].payload == 1


def test_the_environment_is_the_batchs_own(result):
    env = FixedEnvironment(datetime.now(UTC), variables={"sync_id": "s", "nested": {"a": [1]}})
    code = "def handle(data):\n    data['flow']['nested']['a'].append(2)\n    data['payload'] = data['flow']"
    assert result(code, env=env).payload == {"sync_id": "s", "nested": {"a": [1, 2]}}
    assert env.variables["nested"] == {"a": [1]}


def test_an_unknown_function_of_the_environment_is_told_as_it_is(result):
    class Env(FixedEnvironment):
        def lookup(self, name):
            raise ConfigError("there is no such table here")

    error = result("def handle(data): other_map('x', table='t')", env=Env(datetime.now(UTC))).error
    assert error is not None and "there is no such table here" in error.message


def test_once_the_run_must_end_no_function_is_called_any_more(results):
    broken = Broken(ConnectionError("gone"))
    asked = []
    broken.find = lambda value, **how: asked.append(value) or Broken.find(broken, value, reverse=False, match="")
    env = FixedEnvironment(datetime.now(UTC), tables={"t": broken})
    code = """
def handle(data):
    for n in range(5):
        try:
            other_map(str(n), table="t")
        except ValueError:
            pass
"""
    with pytest.raises(ConnectionError):
        results(code, 1, 2, 3, env=env)
    assert asked == ["0"]


def test_values_are_measured_and_checked_outside_too():
    deep: object = 1
    for _ in range(150):
        deep = [deep]
    for value, said in ((deep, "nested"), ("x" * 50, "too large"), ([[1]] * 9, "too large"), ({1: 2}, "keys are text")):
        with pytest.raises(ScriptError, match=said):
            Meter(1_000_000 if value is deep else 49).out(value)
