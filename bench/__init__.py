"""The project's own benchmark: the product beside a hand-written bound, against the same two ends. See README.md."""
