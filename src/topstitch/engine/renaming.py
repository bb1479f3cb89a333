"""The same service between other connectors."""

from __future__ import annotations

from collections.abc import Mapping

from topstitch.engine.finds import FIND
from topstitch.engine.spec import MappingRow, Service, Step


def between_others(spec: Service, source: str, destination: str) -> Service:
    """The service with these connectors; lookups in the connectors that it had ask those that it has now."""
    names = {spec.destination.connector: destination, spec.source.connector: source}
    return spec.model_copy(
        update={
            "source": spec.source.model_copy(update={"connector": source}),
            "destination": spec.destination.model_copy(update={"connector": destination}),
            "mapping": [_row(row, names) for row in spec.mapping],
        }
    )


def _row(row: MappingRow, names: Mapping[str, str]) -> MappingRow:
    sources = [each.model_copy(update={"do": _steps(each.do, names)}) for each in row.sources]
    return row.model_copy(update={"sources": sources, "do": _steps(row.do, names)})


def _steps(steps: list[Step], names: Mapping[str, str]) -> list[Step]:
    return [_step(step, names) for step in steps]


def _step(step: Step, names: Mapping[str, str]) -> Step:
    asked = str(step.args.get("connector"))
    if step.function != FIND or asked not in names:
        return step
    return step.model_copy(update={"args": {**step.args, "connector": names[asked]}})
