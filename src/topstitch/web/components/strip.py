"""The strip: a service's last runs as bars, from the left, the newest last. Height is records, colour is outcome."""

from __future__ import annotations

from collections.abc import Sequence
from math import log1p

from django.utils.safestring import SafeString, mark_safe

from topstitch.store.queries.runs import STRIP, LastRun
from topstitch.web.components.status import look_of
from topstitch.web.components.words import counted

PITCH, BAR, HEIGHT = 5, 4, 20


def strip(runs: Sequence[LastRun]) -> SafeString:
    """One path a colour, so that a thousand strips stay light. `runs` are newest first."""
    paths: dict[str, list[str]] = {}
    most = log1p(max((run.pulled for run in runs), default=0)) or 1
    for place, run in enumerate(reversed(runs[:STRIP])):
        left = place * PITCH
        high = 2 + round((HEIGHT - 2) * log1p(run.pulled) / most) if run.pulled else 2
        paths.setdefault(look_of(run.status, "run").kind, []).append(f"M{left} {HEIGHT}v-{high}h{BAR}v{high}z")
    if not runs:
        places = "".join(f"M{place * PITCH} {HEIGHT}v-2h{BAR}v2z" for place in range(STRIP))
        paths["none"] = [places]
    drawn = "".join(f'<path class="fill-{kind}" d="{"".join(bars)}"/>' for kind, bars in paths.items())
    text = summary(runs)
    svg = f'<svg class="strip" viewBox="0 0 {STRIP * PITCH} {HEIGHT}" role="img" aria-label="{text}">'
    return mark_safe(f"{svg}<title>{text}</title>{drawn}</svg>")  # numbers and constants only


def summary(runs: Sequence[LastRun]) -> str:
    """The strip in words."""
    if not runs:
        return "No runs yet"
    bad = sum(look_of(run.status, "run").kind == "failed" for run in runs)
    pulled = counted(sum(run.pulled for run in runs), "record")
    trouble = f"{bad} with failures" if bad else "none failed"
    return f"Last {counted(len(runs), 'run')}: {trouble}, {pulled} pulled"
