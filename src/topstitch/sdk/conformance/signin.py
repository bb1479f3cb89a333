"""Questions about the connector's test: it passes, and it fails in words a person can act on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

from topstitch.errors import AuthError, ConfigError, TopstitchError, Unreachable
from topstitch.sdk.conformance.questions import NotAsked, Troubles, question
from topstitch.sdk.conformance.stage import Stage, named
from topstitch.sdk.settings import applies, checked_settings


@question("test.passes", "The test request passes with good credentials, step by step")
def passes(stage: Stage) -> Troubles:
    """At least one step, each with a label, all of them well."""
    conn = stage.connect()
    checks = conn.entry.system.test(conn)
    if not checks:
        yield "", "it says nothing of what it saw"
    for check in checks:
        if not check.label.strip():
            yield "", "a step has no label"
        if not check.ok:
            yield "", f"{check.label}: {check.detail or 'failed'}"


@question("test.refused", "With a wrong secret it says that the credentials are refused, and what to do")
def refused(stage: Stage) -> Troubles:
    """Each secret in turn."""
    tried = 0
    for name, settings in wrong_settings(stage):
        tried += 1
        conn = stage.connect(settings=settings)
        try:
            conn.entry.system.test(conn)
        except (AuthError, ConfigError) as error:
            if not error.message.strip() or not error.hint.strip():
                yield name, f"the error has no sentence or no hint: {named(error)}"
        except TopstitchError as error:
            yield name, f"it is no AuthError: {named(error)}"
        else:
            yield name, "a wrong value is taken for good"
    if not tried:
        raise NotAsked("the practice settings hold no secret")


@question("test.unreachable", "With nothing listening it says that the system cannot be reached")
def unreachable(stage: Stage) -> Troubles:
    """A port that was free a moment ago."""
    if stage.entry.system.http is None:
        raise NotAsked("it is not reached over HTTP")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    conn = stage.connect(origin=f"http://127.0.0.1:{port}/{stage.entry.slug}")
    try:
        conn.entry.system.test(conn)
    except Unreachable as error:
        if not error.hint:
            yield "", "the error has no hint"
    except TopstitchError as error:
        yield "", f"it is not Unreachable: {named(error)}"
    else:
        yield "", "the test passes although nothing listens"


def wrong_settings(stage: Stage) -> Iterator[tuple[str, dict[str, Any]]]:
    """The practice settings with one secret wrong, for each that is in use."""
    declared = stage.entry.system.settings
    values = checked_settings(declared, stage.settings)
    for setting in declared:
        value = str(stage.settings.get(setting.name) or "")
        if setting.secret and value and applies(setting, values):
            yield setting.name, {**stage.settings, setting.name: spoilt(value)}


def spoilt(secret: str) -> str:
    """Another secret of the same kind: one letter or digit near the middle is exchanged for its neighbour."""
    for at in sorted(range(len(secret)), key=lambda n: abs(n - len(secret) // 2)):
        if secret[at].isascii() and secret[at].isalnum():
            other = {"z": "a", "Z": "A", "9": "0"}.get(secret[at]) or chr(ord(secret[at]) + 1)
            return secret[:at] + other + secret[at + 1 :]
    return secret + "x"
