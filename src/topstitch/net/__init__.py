"""The one door outward: HTTP and the protocols spoken over it, credentials, limits and the guard against misuse."""
