"""Lookup in another system: a field of the record there that has this value."""

from __future__ import annotations

from collections.abc import Mapping

from topstitch.errors import ConfigError, MappingError
from topstitch.functions.matching import SEVERAL
from topstitch.functions.registry import MISSING, VALUE, Environment, Example, Finding, NoAnswer, Param, function
from topstitch.functions.support import Apply, element, unmatched
from topstitch.values.paths import parse
from topstitch.values.text import as_text, show

_PRODUCT = {"connector": "Odoo", "entity": "products", "match": "default_code", "give": "id"}
_CUSTOMER = {"connector": "Shop", "entity": "customers", "match": "email"}


@function(
    "other.find",
    title="Lookup in a system",
    group="other",
    summary="A field of the first record in another system that has this value. Asked once a page and remembered for the run.",
    takes=VALUE,
    gives="any",
    params=[
        Param("connector", "Connector", str, minimum=1, maximum=200, help="its name"),
        Param("entity", "Entity", str, minimum=1, maximum=200, help="orders, products, customers..."),
        Param("match", "Field that has the value", str, minimum=1, maximum=1024, offer="path"),
        Param(
            "give",
            "Field to give",
            str,
            default="",
            maximum=1024,
            offer="path",
            help="empty: the whole record",
        ),
        Param("no_match", "If nothing matches", str, default="fail", choices=("keep", "value", "null", "fail")),
        Param("otherwise", "Value if nothing matches", object, default=None, help="for `value` only"),
        Param("several", "If several match", str, default="first", choices=SEVERAL),
        Param(
            "ignore_case",
            "Upper and lower case are the same",
            bool,
            default=False,
            help="every record is read then, since few systems can be asked so",
        ),
        Param("options", "Options of the entity", object, default=None, help="as a source has them: {which: all}"),
    ],
    examples=[
        Example(input="RED-1", args=_PRODUCT, output=41),
        Example(input="BLUE-1", args=_PRODUCT, output=42),
        Example(
            input="BLUE-1", args={**_PRODUCT, "several": "fail"}, fails="2 records have 'BLUE-1' at 'default_code'"
        ),
        Example(input="TEAL-1", args=_PRODUCT, fails="Odoo has no products with 'TEAL-1' at 'default_code'"),
        Example(input="red-1", args={**_PRODUCT, "no_match": "null"}, output=None),
        Example(input="red-1", args={**_PRODUCT, "ignore_case": True}, output=41),
        Example(
            input="bob@example.com",
            args={**_CUSTOMER, "give": "id", "no_match": "value", "otherwise": "guest"},
            output="guest",
        ),
        Example(input="ada@example.com", args={**_CUSTOMER, "give": "group", "no_match": "fail"}, output=None),
        Example(input="trade", args={**_CUSTOMER, "match": "tags[*]", "give": "email"}, output="ada@example.com"),
        Example(
            input="ada@example.com",
            args=_CUSTOMER,
            output={"id": 7, "email": "ada@example.com", "group": None, "tags": ["vip", "trade"]},
        ),
        Example(input="", args=_PRODUCT, output=""),
    ],
    pure=False,
    asks=True,
)
def find(
    env: Environment,
    connector: str,
    entity: str,
    match: str,
    give: str,
    no_match: str,
    otherwise: object,
    several: str,
    ignore_case: bool,
    options: object,
) -> Apply:
    if options is not None and not isinstance(options, Mapping):
        raise ConfigError("the parameter 'options' must be an object of names and values")
    # Whoever only checks a mapping has nobody to ask, and shall hear of a path that cannot be read.
    parse(match)
    element(give)
    ask = env.finder(Finding(connector, entity, match, give, several, ignore_case, options or {}))
    hint = f"Add it in {connector}, or choose what happens if nothing matches."
    missed = unmatched(
        no_match,
        otherwise,
        lambda value: MappingError(
            f"{connector} has no {entity} with {show(value)} at {match!r}", value=value, hint=hint, key="not_found"
        ),
    )

    def apply(value: object) -> object:
        found = ask(as_text(value))
        if isinstance(found, NoAnswer):
            raise MappingError(found.reason, value=value, hint=found.hint, key="no_answer")
        return missed(value) if found is MISSING else found

    return apply
