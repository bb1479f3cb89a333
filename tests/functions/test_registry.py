"""Declaring, finding, describing and binding functions."""

import sys

import pytest

import topstitch.functions
from topstitch.errors import Bug, ConfigError
from topstitch.functions import bind, describe, registry
from topstitch.functions.lookup import EXAMPLE_ENVIRONMENT as ENV
from topstitch.functions.registry import VALUE, Example, Param, Registry, function

EXAMPLES = [Example(input="a", output="a"), Example(input=None, output=None)]


def declare(name="string.same", *, params=(), examples=EXAMPLES, factory=lambda: lambda value: value):
    return function(
        name,
        title="Same",
        group="string",
        summary="The same.",
        takes=VALUE,
        gives="text",
        params=params,
        examples=examples,
    )(factory)


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("string.uper", {}, "(did you mean string.upper?)"),
        ("upper", {}, "did you mean string.upper?"),
        ("text.upper", {}, "did you mean string.upper?"),
        ("no.such_thing_at_all", {}, "there is no function 'no.such_thing_at_all'"),
        ("string.prefix", {}, "function string.prefix: the parameter 'text' (Text) is missing"),
        ("string.prefix", {"txt": "a"}, "there is no parameter 'txt' (did you mean text?); it takes text"),
        ("string.upper", {"text": "a"}, "there is no parameter 'text'; it takes no parameters"),
        ("string.prefix", {"text": None}, "'text' must be text: it is null"),
        ("string.prefix", {"text": ["a"]}, "'text' must be text: a list of 1 cannot become text"),
        ("string.limit", {"length": "x"}, "'length' must be a whole number of at least 0: 'x' is not a number"),
        ("string.limit", {"length": -1}, "'length' must be a whole number of at least 0, not -1"),
        ("string.limit", {"length": 2.5}, "2.5 is not a whole number"),
        ("string.limit", {"length": 2, "ending": "..."}, "function string.limit: the ending '...' is longer"),
        ("string.pad_left", {"length": 10**9}, "at least 0 and at most 10000, not 1000000000"),
        ("string.pad_left", {"length": 3, "character": "ab"}, "at least 1 and at most 1 characters, not 'ab'"),
        ("string.replace", {"find": ""}, "at least 1 characters, not ''"),
        ("string.replace_pattern", {"pattern": "("}, "the pattern '(' cannot be read"),
        ("string.replace_pattern", {"pattern": "a", "replacement": "$2"}, "refers to group 2, the pattern has 0"),
        ("string.replace_pattern", {"pattern": "a", "flags": "ig"}, "'g' are not flags"),
        ("string.extract_pattern", {"pattern": "(a)", "group": 2}, "group 2 is asked for, the pattern has 1"),
        ("string.custom", {"text": "{chanel}"}, "'chanel', which does not exist; there are: season, channel"),
        ("number.math", {"operation": "modulo"}, "must be one of add, subtract, multiply, divide, not 'modulo'"),
        ("number.custom", {"number": "five"}, "'number' must be a number: 'five' is not a number"),
        ("number.round", {"places": 99}, "at least -20 and at most 20, not 99"),
        ("number.divide", {"number": "0.0"}, "cannot be divided by zero"),
        ("number.remove_tax", {"rate": -100}, "cannot be removed"),
        ("number.to_minor_units", {"currency": "POUND"}, "'POUND' is not an ISO 4217 currency code"),
        ("number.convert_weight", {"from_unit": "kg", "to_unit": "cm"}, "'cm' is not a unit of weight"),
        ("number.convert_weight", {"from_unit": "kgg", "to_unit": "g"}, "did you mean 'kg'"),
        ("date.format", {}, "give either a named format"),
        ("date.format", {"format": "date", "custom": "Y"}, "give either a named format"),
        ("date.format", {"format": "date", "to_zone": "Europe/Berln"}, "Did you mean Europe/Berlin"),
        ("date.format", {"format": "date", "input_format": "d/m"}, "needs one year"),
        ("date.dynamic", {"adjustment": 10**15}, "beyond any date"),
        ("date.dynamic", {"adjustment": 9000, "unit": "year"}, "outside the years 1 to 9999"),
        ("array.pluck", {"path": "a..b"}, "cannot read the path"),
        ("other.boolean", {"value": "maybe"}, "'value' must be true or false: 'maybe' is neither true nor false"),
        ("other.map", {"table": "colors"}, "there is no lookup table 'colors', did you mean colours?"),
    ],
)
def test_a_wrong_call_is_a_config_error_that_says_how_to_mend_it(name, args, message):
    with pytest.raises(ConfigError) as caught:
        bind(name, args, ENV)

    assert message in caught.value.message


def test_arguments_are_cast_once_when_bound():
    assert bind("string.pad_left", {"length": "3", "character": 0}, ENV)("7") == "007"
    assert bind("string.concatenate", {"joiner": " ", "trim": "yes"}, ENV)([" a", "b "]) == "a b"


def test_empty_values_pass_by_the_rule_and_constants_take_nothing():
    prefix, constant = bind("string.prefix", {"text": "x"}, ENV), bind("string.custom", {"text": "x"}, ENV)

    assert (prefix(None), prefix(""), prefix("a")) == (None, "", "xa")
    assert constant(None) == constant() == constant.call() == "x"
    assert (prefix.on_empty, bind("other.fallback", {}, ENV).on_empty) == ("pass", "run")


def test_the_names_are_unique_and_sorted_into_their_groups():
    names = [entry["name"] for entry in describe()]

    assert len(set(names)) == len(names) == len(registry())
    assert {name.split(".")[0] for name in names} == {"array", "date", "number", "string", "other"}


def test_two_functions_of_one_name_are_refused():
    with pytest.raises(ConfigError, match=r"two functions are called 'string\.same'"):
        Registry([declare(), declare()])


@pytest.mark.parametrize("name", ["same", "text.same", "string.Same", "string.", "string.a b"])
def test_a_badly_named_function_is_a_bug(name):
    with pytest.raises(Bug, match="must be `string"):
        declare(name)


def test_a_function_without_an_edge_example_is_a_bug():
    with pytest.raises(Bug, match="two examples"):
        declare(examples=EXAMPLES[:1])


def test_a_factory_that_does_not_take_the_declared_parameters_is_a_bug():
    with pytest.raises(Bug, match=r"declares the parameters \['text'\], its factory takes \[\]"):
        declare(params=[Param("text", "Text", str)])


def test_the_description_of_a_parameter_says_what_a_form_needs():
    described = registry().get("string.pad_left").describe()["params"]

    assert described == [
        {"name": "length", "title": "Length", "kind": "integer", "required": True, "minimum": 0, "maximum": 10_000},
        {
            "name": "character",
            "title": "Character",
            "kind": "text",
            "required": False,
            "default": " ",
            "minimum": 1,
            "maximum": 1,
        },
    ]


THIRD_PARTY = """
from topstitch.functions.registry import VALUE, Example, function

@function("string.shout", title="Shout", group="string", summary="Louder.", takes=VALUE, gives="text",
          examples=[Example(input="hi", output="hi!"), Example(input="", output="")])
def shout():
    return lambda value: f"{value}!"
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a distribution with one entry point on the path; the registry is read anew, before and after."""

    def put(source, target):
        (tmp_path / "shouting.py").write_text(source)
        info = tmp_path / "shouting-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[topstitch.functions]\nshouting = {target}\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    topstitch.functions.registry.cache_clear()
    yield put
    topstitch.functions.registry.cache_clear()
    sys.modules.pop("shouting", None)


@pytest.mark.parametrize("target", ["shouting", "shouting:shout"])
def test_another_package_adds_functions_by_entry_point(install, target):
    install(THIRD_PARTY, target)

    assert bind("string.shout", {}, ENV)("hi") == "hi!"
    assert "string.upper" in registry()


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("1 / 0", "shouting", "'shouting' cannot be loaded: division by zero"),
        ("x = 1", "shouting:x", "'shouting:x' is neither a module nor a function"),
        (THIRD_PARTY.replace("string.shout", "string.upper"), "shouting", "two functions are called 'string.upper'"),
    ],
)
def test_a_broken_package_is_named(install, source, target, message):
    install(source, target)

    with pytest.raises(ConfigError) as caught:
        registry()

    assert message in caught.value.message
