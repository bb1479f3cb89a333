"""The framework-free heart: one run of a service, page by page, record by record."""
