"""What of the alerts is done by one worker at a time: the open troubles are read, compared and written in one transaction."""

from __future__ import annotations

NOTICING = 0x7057_0010
BUNDLING = 0x7057_0011
CLEANING = 0x7057_0012
