"""Configuration as code: connectors, services, lookups and systems in YAML files, planned, applied and exported."""
