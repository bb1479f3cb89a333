"""The sections of the pattern page and how each element is used, from sections.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Section:
    """Some elements. `use`: how a template writes them, with their parameters."""

    slug: str
    name: str
    about: str
    use: str


@lru_cache(maxsize=1)
def sections() -> Sequence[Section]:
    """All of them, in the order of the page."""
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return [Section(**section) for section in data["section"]]
