"""The catalogue of systems: what can be connected, what each system can do, and its fields."""
