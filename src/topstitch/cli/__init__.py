"""The `topstitch` command."""
