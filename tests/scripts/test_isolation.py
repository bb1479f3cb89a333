"""Nothing of one record is seen by another: globals, lists, default arguments, shared values."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "code",
    [
        "seen = []\ndef handle(data):\n    seen.append(1)\n    data['payload'] = len(seen)",
        "n = 0\ndef handle(data):\n    global n\n    n += 1\n    data['payload'] = n",
        "def handle(data):\n    global n\n    try:\n        n += 1\n    except NameError:\n        n = 1\n    data['payload'] = n",
        "def handle(data, cache=[]):\n    cache.append(1)\n    data['payload'] = len(cache)",
        "class A:\n    n = 0\ndef handle(data):\n    A.n += 1\n    data['payload'] = A.n",
        "def handle(data):\n    data['variables']['x'] = data['variables'].get('x', '') + '1'\n"
        "    data['payload'] = int(data['variables']['x'])",
        "def handle(data):\n    data['meta']['x'] = data['meta'].get('x', '') + '1'\n    data['payload'] = int(data['meta']['x'])",
        "def handle(data):\n    data['flow']['x'] = data['flow'].get('x', 0) + 1\n    data['payload'] = data['flow']['x']",
        "def a(): global n; n = 1\ndef b():\n    global n, \\\n      m\n    m = n\ndef handle(data): a(); b(); data['payload'] = m",
        "global z, \\\n    y; n = 0\nif True: global x\ndef handle(data):\n    global n\n    n += 1\n    data['payload'] = n",
    ],
)
def test_every_call_begins_from_nothing(results, code):
    made = results(code, *[None] * 5)
    assert [one.error and one.error.message for one in made] == [None] * 5
    assert [one.payload for one in made] == [1] * 5


def test_a_list_given_to_two_calls_is_two_lists(results):
    shared = [1]
    made = results("def handle(data): data['payload'].append(len(data['payload']))", shared, shared)
    assert [one.payload for one in made] == [[1, 1], [1, 1]]
    assert shared == [1]


def test_a_list_twice_in_one_value_is_two_lists(result):
    line = {"sku": "A"}
    made = result("def handle(data): data['payload'][0]['sku'] = 'B'", [line, line])
    assert made.payload == [{"sku": "B"}, {"sku": "A"}]


@pytest.mark.parametrize("line", ["exec('global n\\nn = 1')", "eval('1')", "exec('import os', {})"])
def test_exec_and_eval_are_not_there(result, line):
    error = result(f"def handle(data):\n    {line}").error
    assert error is not None and "no exec and no eval" in error.message
    assert error.line == 2


def test_texts_over_several_lines_stay_as_they_are(result):
    head = 'A = """\nfirst\n  second\n"""\n\n\n'
    code = head + 'def handle(data):\n\tif True:\n\t\tdata["payload"] = A + f"""{1 +\n1}\nx"""  # end\n\n# last'
    assert result(code).payload == "\nfirst\n  second\n2\nx"


def test_windows_line_ends_are_line_ends(result):
    assert result("x = '''a\r\nb'''\r\ndef handle(data):\r\n    data['payload'] = x\r\n").payload == "a\nb"


def test_the_line_of_an_error_is_the_line_in_the_script(result):
    code = (
        "RATES = {}\n\ndef rate(code):\n    # looks up\n    return RATES[code]\n\ndef handle(data):\n    rate('GB')\n"
    )
    error = result(code).error
    assert error is not None
    assert (error.line, error.source, error.script, error.version) == (5, "return RATES[code]", "Carriers", 3)
    assert error.message == "script 'Carriers' version 3, line 5: KeyError: GB (`return RATES[code]`)"
