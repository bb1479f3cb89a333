"""Topstitch: self-hosted integration for retail."""

__version__ = "0.1.0"
