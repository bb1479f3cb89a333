"""Lookup tables: what a run gets of them, and beside it how they come in, change and are found."""

from topstitch.store.lookups.reading import tables_of

__all__ = ["tables_of"]
