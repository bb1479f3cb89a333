"""Mapping: rows of data compiled once per revision into closures, run per record."""

from topstitch.engine.mapping.compile import Mapper, compile_mapping

__all__ = ["Mapper", "compile_mapping"]
