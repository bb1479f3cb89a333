"""Buttons of the mapper that concern the mapping as a whole: suggestions, the default rows, a document taken in."""

from __future__ import annotations

from collections.abc import Callable

from topstitch.engine.mapping.document import plain_row, read_document
from topstitch.errors import ConfigError
from topstitch.store.actions.mapping import destination_fields, generated_mapping, strangeness
from topstitch.store.models import Service
from topstitch.web.components.words import counted
from topstitch.web.mapper.draft import Draft


def _generate(service: Service, draft: Draft, given: bytes) -> tuple[Draft, str]:
    """The default rows that the draft lacks; what a person changed or took out stays so."""
    rows, _ = draft.parsed()
    made = generated_mapping(service, keep_changes=True, present=rows)
    added = len(made.rows) - len(rows)
    return Draft([plain_row(row) for row in made.rows]), (
        f"{counted(added, 'row')} added." if added else "Every row of the default mapping is there, or was taken out."
    )


def _take_in(service: Service, draft: Draft, given: bytes) -> tuple[Draft, str]:
    """The rows of a document in place of those of the draft."""
    if not given.strip():
        raise ConfigError("there is nothing to import", key="mapping_document", hint="Choose a file or paste one.")
    document = read_document(given, destination_fields(service))
    rows = [plain_row(row) for row in document.rows]
    doubts = "".join(f" But {each}." for each in strangeness(service, document))
    return Draft(rows), f"{counted(len(rows), 'row')} from the document in place of {len(draft.rows)}.{doubts}"


def _as_it_is(service: Service, draft: Draft, given: bytes) -> tuple[Draft, str]:
    return draft, ""


#: Buttons that concern the mapping as a whole: each gives the draft that it makes, and what there is to say.
WHOLE: dict[str, Callable[[Service, Draft, bytes], tuple[Draft, str]]] = {
    "suggest": _as_it_is,
    "request": _as_it_is,
    "generate": _generate,
    "import": _take_in,
}
