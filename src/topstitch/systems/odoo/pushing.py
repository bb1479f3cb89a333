"""What writers share about records that were written before."""

from __future__ import annotations

from topstitch.sdk import Outgoing


def own_id(out: Outgoing) -> int:
    """The id that an earlier success gave, 0 when there was none."""
    return int(out.remote_id) if out.remote_id.isdecimal() else 0
