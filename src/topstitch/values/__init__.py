"""Pure helpers on record data."""
