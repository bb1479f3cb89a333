"""What the classes of errors mean, in words of people who do not program."""

from __future__ import annotations

WHY = {
    "value": "a value is not as it must be",
    "missing": "it points to something that is not there",
    "duplicate": "it is there already",
    "connection": "the system could not be reached",
    "authentication": "the system refuses the credentials",
    "intermittent": "it went wrong for the moment",
    "rate limit": "the system wants fewer requests",
    "configuration": "a setting is wrong",
    "script": "a custom script failed",
    "parse": "what came could not be read",
    "too large": "it is larger than can be taken",
    "bug": "a fault of ours",
}

#: Tone and shape of each class: red what a person must mend, amber what may pass by itself.
LOOKS = {
    "value": ("failed", "pencil"),
    "missing": ("failed", "link"),
    "duplicate": ("failed", "copy"),
    "connection": ("pending", "plug"),
    "authentication": ("failed", "key"),
    "intermittent": ("pending", "clock"),
    "rate limit": ("pending", "clock"),
    "configuration": ("failed", "cog"),
    "script": ("failed", "code"),
    "parse": ("failed", "lines"),
    "too large": ("failed", "warn"),
    "bug": ("failed", "warn"),
}
OTHER = ("failed", "warn")
