"""Addresses that are secrets themselves are not written into logs: those who read logs are more than those who may use them."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"(/(?:hooks|invitation|setup|forgotten)/)[^/?\s]+")


class SecretPaths(logging.Filter):
    """Takes the secret out of what a record says of an address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes."""
        if isinstance(record.args, tuple):
            record.args = tuple(masked(each) if isinstance(each, str) else each for each in record.args)
        return True


def masked(text: str) -> str:
    """`/hooks/…` for a webhook's address, likewise for links of invitations, resets and the first person."""
    return _SECRET.sub(r"\1…", text)
