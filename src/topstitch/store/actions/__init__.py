"""Every write, as a named function that also writes the audit event."""
