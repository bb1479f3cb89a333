"""What a system is excused from, written in its manifest with the reason:

[conformance.exempt]
"read.since/customers" = "The API has no filter by date."      # one entity
"pace.kept" = "The vendor publishes no limit."                 # the whole question

[conformance.unlisted]
orders = ["meta_data[*].value"]      # paths of samples that the field list leaves out, and all below them
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from topstitch.sdk.conformance.questions import TABLE
from topstitch.values.paths import canonical


@dataclass(frozen=True, slots=True)
class Exemptions:
    """The manifest's table `conformance`."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Exemptions:
        """Read the table."""
        table = manifest.get("conformance", {})
        unlisted = {name: tuple(map(canonical, paths)) for name, paths in table.get("unlisted", {}).items()}
        return cls({key: str(reason) for key, reason in table.get("exempt", {}).items()}, unlisted)

    def reason(self, question: str) -> str:
        """Why this question is not for this system, "" when it is."""
        return self.reasons.get(question, "")

    def of_question(self, question: str) -> dict[str, str]:
        """Subject -> reason, for exemptions of a part of a question."""
        prefix = f"{question}/"
        return {key.removeprefix(prefix): why for key, why in self.reasons.items() if key.startswith(prefix)}

    def wrong(self) -> Iterator[str]:
        """Exemptions from what nobody asks, and those without a reason."""
        for key, reason in self.reasons.items():
            if key.partition("/")[0] not in TABLE:
                yield f"there is no question {key.partition('/')[0]!r} to be exempt from"
            elif not reason.strip():
                yield f"the exemption from {key} gives no reason"
