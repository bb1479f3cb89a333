"""Where the practice Odoo's business logic hangs itself onto the models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topstitch.systems.odoo.erp.env import Doc, Env

#: (model, field) -> the value of a computed field.
COMPUTED: dict[tuple[str, str], Callable[[Env, Doc], Any]] = {}
#: (model, field) -> what writing a computed field does.
INVERSE: dict[tuple[str, str], Callable[[Env, Doc, Any], None]] = {}
#: model -> completes the values of a new record.
PREPARE: dict[str, Callable[[Env, Doc], Doc]] = {}
#: model -> whether a constraint is broken; raises. Also given the values just written.
CONSTRAINTS: dict[str, Callable[[Env, Doc], None]] = {}
#: model -> replaces create altogether.
CREATE: dict[str, Callable[[Env, Doc], int]] = {}
#: model -> replaces write altogether.
WRITE: dict[str, Callable[[Env, list[int], Doc], None]] = {}
#: (model, method) -> a public method: (env, ids, named and positional arguments as one mapping).
METHODS: dict[tuple[str, str], Callable[..., Any]] = {}


def computed(model: str, *fields: str) -> Callable[[Callable[[Env, Doc], Any]], Callable[[Env, Doc], Any]]:
    """Register the value of computed fields."""

    def register(function: Callable[[Env, Doc], Any]) -> Callable[[Env, Doc], Any]:
        COMPUTED.update({(model, field): function for field in fields})
        return function

    return register


def method(model: str, *names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a method of a model: `(env, ids, **arguments)`."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        METHODS.update({(model, name or function.__name__): function for name in (names or (function.__name__,))})
        return function

    return register
