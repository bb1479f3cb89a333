"""Connectors: the list, adding one, a connector's page, its settings."""
