"""The sync report, and one row of it."""
