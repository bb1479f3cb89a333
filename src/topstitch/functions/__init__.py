"""Transform functions: the built-in ones, listed here, and those that other packages offer by entry point.

bound = functions.bind("string.prefix", {"text": "SHP-"}, environment)
bound("1001")        # by the rules for empty values
bound.call("1001")   # the bare closure, for an engine that applies them itself
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from topstitch.errors import ConfigError
from topstitch.functions import (
    array,
    array_groups,
    array_keys,
    array_order,
    array_select,
    array_sums,
    date,
    number,
    number_fields,
    number_money,
    other,
    other_asking,
    other_branches,
    other_casts,
    other_conditions,
    other_find,
    other_places,
    string,
    string_codes,
    string_parts,
    string_patterns,
    templates,
)
from topstitch.functions.registry import Bound, Environment, Function, Registry

#: Third parties name a module with functions, or one function, under this group.
ENTRY_POINTS = "topstitch.functions"

BUILT_IN: tuple[ModuleType, ...] = (
    string,
    string_parts,
    string_patterns,
    string_codes,
    templates,
    number,
    number_money,
    number_fields,
    date,
    array,
    array_order,
    array_select,
    array_groups,
    array_keys,
    array_sums,
    other,
    other_asking,
    other_branches,
    other_casts,
    other_conditions,
    other_find,
    other_places,
)


def functions_of(module: ModuleType) -> Iterator[Function]:
    """The functions that a module declares, in its order."""
    return (member for member in vars(module).values() if isinstance(member, Function))


def _offered(point: EntryPoint) -> list[Function]:
    try:
        loaded = point.load()
    except Exception as error:  # code of third parties may fail in any way when imported
        raise ConfigError(
            f"the package behind {point.value!r} cannot be loaded: {error}", place=ENTRY_POINTS
        ) from error
    if isinstance(loaded, Function):
        return [loaded]
    if isinstance(loaded, ModuleType):
        return list(functions_of(loaded))
    raise ConfigError(f"{point.value!r} is neither a module nor a function", place=ENTRY_POINTS)


@cache
def registry() -> Registry:
    """All functions. Third-party packages are loaded at the first call. Raises ConfigError when one cannot be."""
    built_in = [made for module in BUILT_IN for made in functions_of(module)]
    offered = [made for point in entry_points(group=ENTRY_POINTS) for made in _offered(point)]
    return Registry([*built_in, *offered])


def bind(name: str, args: Mapping[str, object], env: Environment) -> Bound:
    """A function with its arguments, ready to run. Raises ConfigError for an unknown function or wrong arguments."""
    return registry().bind(name, args, env)


def describe() -> list[dict[str, object]]:
    """All functions as JSON."""
    return registry().describe()
