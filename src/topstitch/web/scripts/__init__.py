"""Custom scripts: the list, the editor with its test box, versions."""
