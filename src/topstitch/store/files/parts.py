"""Parts of configuration files that belong to what lies above the store, which registers how each is planned and applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from topstitch.store.models import CompanyGroup

if TYPE_CHECKING:
    from topstitch.accounts.models import User
    from topstitch.store.files.plan import Change, Plan
    from topstitch.store.files.read import Loaded


@dataclass(frozen=True, slots=True)
class Part:
    """A part, known by its key in files."""

    name: str
    #: Kinds of the changes that it plans and applies.
    kinds: Sequence[str]
    #: Changes of all files together; the plan so far says what else there is going to be.
    plan: Callable[[Sequence[Loaded], CompanyGroup, Plan], Iterable[Change]]
    apply: Callable[[Change, CompanyGroup, User | None], None]
    #: What there is, as a file has it.
    export: Callable[[CompanyGroup], dict[str, Any]]


_parts: dict[str, Part] = {}


def register(part: Part) -> None:
    """Make a part known, once for each process."""
    _parts[part.name] = part


def parts() -> list[Part]:
    """Those that are known."""
    return list(_parts.values())


def part_of(kind: str) -> Part:
    """The part that makes changes of this kind."""
    return next(part for part in _parts.values() if kind in part.kinds)
