"""What the demo sets up and in which order its services run, and what must come out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CONFIGURATION = HERE / "demo.yaml"
#: What the trading partner has left: one row is broken, and an order beside a broken row is not taken in part.
PARTNER_ORDERS = HERE / "partner_orders.csv"


@dataclass(frozen=True, slots=True)
class Act:
    """One run of a service and the figures it must have; figures that are not named must be 0."""

    service: str
    figures: Mapping[str, int]


def acts() -> Sequence[Act]:
    """The runs of the demo in their order."""
    data = tomllib.loads((HERE / "acts.toml").read_text("utf-8"))
    return [Act(act["service"], act["figures"]) for act in data["act"]]
