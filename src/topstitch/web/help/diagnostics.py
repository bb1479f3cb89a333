"""Diagnostics as text that may be sent to somebody who helps: masked by value, by name, and of personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from topstitch.alerts.masking import masked
from topstitch.errors import ConfigError
from topstitch.redact import Redactor
from topstitch.store.actions.connectors import stored_values
from topstitch.store.models import Company, Connector
from topstitch.store.queries.diagnostics import Part
from topstitch.store.tokens import tokens_of

UNREADABLE = Part(
    "Secrets", lines=["They cannot be read with this installation's key; values were masked by name only."]
)


def text_of(company: Company, parts: Sequence[Part]) -> str:
    """The parts as text, without the secrets of any connector of the company, e-mail addresses and telephone numbers."""
    known, unreadable = _secrets(company)
    body = "\n".join(_lines([*parts, *unreadable]))
    return masked(Redactor(known).text(body))


def _secrets(company: Company) -> tuple[set[str], list[Part]]:
    """Every secret value that the company's connectors have; beside them a remark about those that cannot be read."""
    connectors = list(Connector.objects.filter(group__company=company))
    found: set[str] = set()
    try:
        for one in connectors:
            found |= {str(value) for name, value in stored_values(one).items() if name not in one.settings and value}
        for token in tokens_of([one.pk for one in connectors]):
            found |= {token.value, token.refresh_token, *token.extra.values()}
    except ConfigError:
        return found, [UNREADABLE]
    return found, []


def _lines(parts: Iterable[Part]) -> Iterator[str]:
    yield f"Topstitch diagnostics, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    for part in parts:
        yield ""
        yield f"== {part.title}"
        for name, value in part.facts:
            yield f"{name}: {_plain(value)}"
        yield from (line.replace("\n", " ") for line in part.lines)
        if not part.facts and not part.lines:
            yield "none"


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return str(value).replace("\n", " ")
