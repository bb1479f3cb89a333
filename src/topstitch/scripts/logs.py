"""What the scripts of a batch print, told apart by call and kept within its limits while it comes in."""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Iterable
from time import monotonic

from topstitch.scripts.model import MOST_LOG_LINES, MOST_LOGS

#: Longest that a mark can be.
_MARK = 48


class Prints:
    """Collects printed text. The runner prints a mark before each call, which scripts cannot know."""

    def __init__(self) -> None:
        self.mark = f"\0{secrets.token_hex(8)}:"
        #: The call that began last, and when.
        self.current = -1
        self.since = monotonic()
        self._find = re.compile(f"{self.mark}([0-9]+)\0").search
        self._held = ""
        self._texts: defaultdict[int, str] = defaultdict(str)

    def __call__(self, stream: str, text: str) -> None:
        """Take in what was printed: any piece of it."""
        text = self._held + text
        while found := self._find(text):
            self._add(text[: found.start()])
            self.current, self.since = int(found[1]), monotonic()
            text = text[found.end() :]
        # A mark may come in two pieces.
        cut = text.find("\0", max(len(text) - _MARK, 0))
        self._held = "" if cut < 0 else text[cut:]
        self._add(text if cut < 0 else text[:cut])

    def _add(self, text: str) -> None:
        kept = self._texts[self.current] if text else ""
        if len(kept) <= MOST_LOGS:
            self._texts[self.current] = (kept + text)[: MOST_LOGS * 2]

    def lines(self, call: int) -> list[str]:
        """What a call printed."""
        text = self._texts.get(call)
        return text.splitlines() if text else []


def limited(lines: Iterable[str]) -> list[str]:
    """Log lines within the limits, what was cut marked with an ellipsis."""
    kept: list[str] = []
    room = MOST_LOGS
    for line in lines:
        if not room or len(kept) == MOST_LOG_LINES:
            kept[-1] = kept[-1].removesuffix("…")[: max(len(kept[-1]) - 1, 0)] + "…"
            break
        if len(line) > room:
            kept.append(line[: room - 1] + "…")
            break
        kept.append(line)
        room -= len(line)
    return kept
