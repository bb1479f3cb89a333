"""The settings: company, groups, people, API keys, audit log, and one's own account."""
