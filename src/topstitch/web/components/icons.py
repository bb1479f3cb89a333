"""Our own small set of icons, on a grid of 16, drawn with one stroke."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe

PATHS = {
    "tick": "M3 8.5 6.5 12 13 4.5",
    "arrow": "M4 12 12 4M5.5 4H12v6.5",
    "clock": "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3.2l2.2 1.6",
    "cross": "M4 4l8 8M12 4l-8 8",
    "question": "M5.2 5.6A2.9 2.9 0 1 1 9.4 8C8.4 8.6 8 9 8 10.2M8 12.7v.3",
    "equals": "M3.5 6.3h9M3.5 9.7h9",
    "skip": "M3 4l5 4-5 4zM12 4v8",
    "pause": "M5.5 4v8M10.5 4v8",
    "square": "M4.5 4.5h7v7h-7z",
    "warn": "M8 2.8 14 13H2zM8 6.6v3M8 11.3v.2",
    "on": "M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7",
    "play": "M5 3.5 12 8l-7 4.5z",
    "dots": "M3 8h.3M7.9 8h.3M12.7 8h.3",
    "home": "M2.5 7.5 8 3l5.5 4.5M4 6.8V13h8V6.8",
    "services": "M2.5 5.5h3v5h-3zM10.5 5.5h3v5h-3zM7 8h.5M8.5 8H9",
    "reports": "M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.5h2.5",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3l3.2 3.2",
    "copy": "M5.5 5.5h7v7h-7zM3.5 10V3.5H10",
    "download": "M8 2.5V10M4.8 7 8 10.2 11.2 7M3 13h10",
    "reload": "M12.8 6.5A5 5 0 1 0 13 9M13 3v3.5H9.5",
    "right": "M6 3.5 10.5 8 6 12.5",
    "left": "M10 3.5 5.5 8 10 12.5",
    "sun": "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.8v1M8 13.2v1M1.8 8h1M13.2 8h1"
    "M3.6 3.6l.7.7M11.7 11.7l.7.7M12.4 3.6l-.7.7M4.3 11.7l-.7.7",
    "moon": "M12.8 9.6A5.2 5.2 0 0 1 6.4 3.2a5.2 5.2 0 1 0 6.4 6.4z",
    "half": "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11v11",
    "leave": "M9.5 3H3.5v10h6M7 8h6.5M11 5.5 13.5 8 11 10.5",
    "log": "M3 4h10M3 7h10M3 10h6.5M3 13h4",
    "plug": "M6 2v3M10 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14",
    "grid": "M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z",
    "lookup": "M2.5 3h11v10h-11zM2.5 6.3h11M6.5 6.3V13",
    "code": "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5",
    "cog": "M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.400M8 2v1.8M8 12.2V14M2 8h1.8M12.2 8H14"
    "M3.8 3.8l1.2 1.2M11 11l1.2 1.200M12.2 3.8 11 5M5 11l-1.2 1.2",
    "more": "M8 3v.3M8 7.9v.3M8 12.7v.3",
    "lines": "M2.5 4.500h11M2.5 8h11M2.5 11.500h11",
    "down": "M3.5 6 8 10.5 12.5 6",
    "up": "M3.5 10 8 5.5 12.5 10",
    "sort": "M5 6.5 8 3.500l3 3M5 9.500l3 3 3-3",
    "plus": "M8 3v10M3 8h10",
    "pencil": "M3 13l.6-2.800L10.8 3 13 5.2 5.8 12.400z",
    "bin": "M3 4.500h10M6.5 4.500v-2h3v2M4.5 4.500l.6 9h5.800l.6-9",
    "eye": "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8M8 6.300a1.7 1.7 0 1 0 0 3.4"
    " 1.7 1.7 0 0 0 0-3.4",
    "grip": "M6 3.500v.2M6 8v.2M6 12.500v.2M10 3.500v.2M10 8v.2M10 12.500v.2",
    "link": "M6.5 9.500l3-3M7 4.500l1.3-1.300a3 3 0 0 1 4.5 4.500L11.5 9M9 11.500l-1.3 1.300a3 3 0 0 1-4.5-4.500L4.5 7",
    "person": "M8 2.500a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.600M2.8 13.500a5.2 5.2 0 0 1 10.4 0",
    "undo": "M6 3 2.5 6.5 6 10M2.5 6.500H9a4 4 0 0 1 0 8H6.5",
    "redo": "M10 3l3.5 3.500L10 10M13.5 6.500H7a4 4 0 0 0 0 8h2.5",
    "info": "M8 2.500a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 7.300V11M8 5v.2",
    "upload": "M8 10.500V3M4.8 6 8 2.8 11.2 6M3 13h10",
    "note": "M3 2.500h10v8l-3 3H3zM5.5 5.500h5M5.5 8h3",
    "lock": "M4 7h8v6.500H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
    "star": "M8 2.500v11M3.2 5.200l9.6 5.600M12.8 5.2 3.2 10.8",
    "keys": "M1.5 4h13v8h-13zM4 6.500h.2M6.7 6.500h.2M9.3 6.500h.2M12 6.500h.2M5 9.500h6",
}


def icon(name: str) -> SafeString:
    """An icon without a meaning of its own: what it stands beside says it in words."""
    return mark_safe(f'<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{PATHS[name]}"/></svg>')
