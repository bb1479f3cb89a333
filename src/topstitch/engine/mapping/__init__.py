"""Mapping: rows of data compiled once per revision into closures, run per record."""

from topstitch.engine.mapping.compile import Mapper, Outcome, compile_mapping
from topstitch.engine.mapping.plan import RowError

__all__ = ["Mapper", "Outcome", "RowError", "compile_mapping"]
