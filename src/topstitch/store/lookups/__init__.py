"""Lookup tables: how they come in, change, and are read by runs."""
