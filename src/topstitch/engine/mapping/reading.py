"""All that a row reads: its sources, conditions, the inputs of its functions and the fields that these name."""

from __future__ import annotations

from collections.abc import Iterator

from topstitch.engine.spec import MappingRow, Step
from topstitch.functions import registry

#: Among the inputs of a function, the value so far.
SO_FAR = "@value"
#: Where working fields stand: see `working`.
WORK = "@work"


def is_work(path: str) -> bool:
    """Whether a path is one of a working field."""
    return path.startswith(WORK) and (path == WORK or path[len(WORK)] in ".[")


def source_paths(row: MappingRow) -> Iterator[str]:
    """The paths."""
    steps: list[Step] = [*row.do, *(step for source in row.sources for step in source.do)]
    yield from (source.path for source in row.sources)
    yield from (condition.field for condition in row.when)
    yield from (path for step in steps for path in step.inputs or () if path != SO_FAR)
    yield from (path for step in steps for path in named_fields(step).values())


def named_fields(step: Step) -> dict[str, str]:
    """The parameters of a step that name fields of the record, with those that they name."""
    known = registry()
    params = known.get(step.function).params if step.function in known else ()
    names = [param.name for param in params if param.offer == "field"]
    return {name: path for name in names if isinstance(path := step.args.get(name), str) and path}
