"""Mapping: rows of data compiled once per revision into closures, run per record."""

from topstitch.engine.mapping.compile import Mapper, compile_mapping
from topstitch.engine.mapping.plan import RowError

__all__ = ["Mapper", "RowError", "compile_mapping"]
