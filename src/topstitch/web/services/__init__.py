"""The services list, and a service."""
