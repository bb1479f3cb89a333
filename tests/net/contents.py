"""What a file on a server holds."""

from __future__ import annotations


def content(files, path):
    with files.open(path) as stream:
        return stream.read()
