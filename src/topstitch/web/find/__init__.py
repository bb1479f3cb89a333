"""Finding a record."""
