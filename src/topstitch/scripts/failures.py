"""What goes wrong in the sandbox, told to the person who wrote the script: which line, what happened, what to do."""

from __future__ import annotations

from typing import Literal

from pydantic_monty import Frame, MontyRuntimeError, MontySyntaxError

from topstitch.errors import ScriptError, ScriptPostponed
from topstitch.scripts.model import MOST_MESSAGE, MOST_STOPPED, RETRIES, ScriptSpec
from topstitch.scripts.source import OFFSET, Source

#: How the first text given to a session, the script, is called in its tracebacks, and where it is nested too deeply.
SCRIPT = ("<python-input-0>", "main.py")
MODULES = (
    "asyncio, base64, bisect, collections, copy, csv, dataclasses, datetime, decimal, functools, hashlib, itertools, json, "
    "math, random, re, time, typing, unicodedata"
)
NO_WAY_OUT = (
    "Scripts have no files, no network and no other programs; give them what they need in data or in a lookup table."
)
Stop = Literal["time", "memory", "calls"]

_HINTS = {
    "ModuleNotFoundError": f"Scripts may import {MODULES}.",
    "PermissionError": NO_WAY_OUT,
    "NotImplementedError": "The sandbox knows most of Python, but no inheritance of classes, no yield and no star imports.",
    "RecursionError": "A function calls itself without end, or data is nested too deeply.",
}

_WORDS = {
    "The monty syntax parser does not yet support": "Scripts cannot use",
    "Internal error in monty: exceptions can only be called with": "Exceptions can only be made with",
}


def stop_of(error: MontyRuntimeError) -> Stop | None:
    """The limit that ended a call, None for an ordinary exception."""
    kind, text = type(error.exception()), error.display("msg")[:200]
    if kind is TimeoutError and "time limit exceeded" in text:
        return "time"
    if kind is MemoryError and "memory limit" in text:
        return "memory"
    return "calls" if kind is RuntimeError and "suspension limit" in text else None


def stopped(spec: ScriptSpec, stop: Stop) -> ScriptError:
    """A call that met a limit. It is not tried again: it would only be stopped again."""
    what, hint = {
        "time": (
            f"it ran longer than {spec.timeout:g} seconds and was stopped",
            "Look for a loop that does not end, or give the script more time (120 seconds at most).",
        ),
        "memory": (
            f"it used more than {spec.memory} MB and was stopped",
            "Look for a list or text that grows without end; large pages need more memory, or a smaller page_size.",
        ),
        "calls": ("it called functions too many times and was stopped", "Use Python's own functions in long loops."),
    }[stop]
    return _error(spec, what, key=f"script_{stop}", hint=hint)


def given_up(spec: ScriptSpec) -> ScriptError:
    """A call that was never made, as too many before it had to be stopped. The next run makes it."""
    return ScriptPostponed(
        f"{spec.title}: it was not run for this record, as {MOST_STOPPED} others of this page had to be stopped for their"
        " time or memory",
        script=spec.name,
        version=spec.version,
        key="script_given_up",
        hint="Correct the script; the record is tried again with the next run.",
    )


def out_of_time(spec: ScriptSpec) -> ScriptError:
    """A call that somebody waited for, and that was not done when the time of all calls together was over."""
    return _error(
        spec,
        "the time for all calls together was over before this one was done",
        key="script_out_of_time",
        hint="Look for what takes long in the script, or try it with fewer records.",
    )


def crashed(spec: ScriptSpec) -> ScriptError:
    """The sandbox died again and again."""
    return _error(spec, f"the sandbox ended unexpectedly, {RETRIES + 1} times", key="script_crashed")


def unreadable(spec: ScriptSpec, error: ScriptError) -> ScriptError:
    """A script that cannot be made ready, told with its name."""
    return _error(spec, error.message, line=error.line, column=error.column, key=error.key, hint=error.hint)


def unusable(spec: ScriptSpec, error: ScriptError, what: str) -> ScriptError:
    """A value that cannot go in or came out; `what` says which."""
    return _error(spec, f"{what}: {error.message}", key=error.key, hint=error.hint)


def raised(spec: ScriptSpec, source: Source, error: MontyRuntimeError | MontySyntaxError) -> ScriptError:
    """An exception of the script, or its syntax, as ours."""
    frame = next((frame for frame in reversed(error.traceback()) if _of_script(frame)), None)
    kind = type(error.exception()).__name__
    syntax = isinstance(error, MontySyntaxError)
    hint = _hint(kind, error.display("msg")[:MOST_MESSAGE])
    if frame is None:
        return _error(spec, _cut(error.display("msg")), key="script_result", hint=hint)
    line, column = frame.line - OFFSET, max(frame.column - 1, 1)
    if line > len(source.lines):
        return _missing(spec)
    text = _cut(error.display("msg" if syntax or kind == "NotImplementedError" else "type-msg"))
    return _error(
        spec,
        text,
        line=line,
        column=column,
        source=source.line(line),
        key="script_syntax" if syntax or kind == "NotImplementedError" else "",
        hint=hint,
    )


def failed(spec: ScriptSpec, kind: str, text: str) -> ScriptError:
    """An exception that the runner saw inside, before it is known where it came from."""
    return _error(spec, _cut(f"{kind}: {text}"))


def _missing(spec: ScriptSpec) -> ScriptError:
    return _error(
        spec,
        "there is no function handle(data)",
        key="script_handle",
        hint="Write `def handle(data):`; it changes data['payload'] and returns data.",
    )


def not_callable(spec: ScriptSpec, kind: str) -> ScriptError:
    """`handle` is something else than a function."""
    return _error(
        spec,
        f"handle is of the kind {kind}, it must be a function",
        key="script_handle",
        hint="Write `def handle(data):`.",
    )


def _of_script(frame: Frame) -> bool:
    return frame.filename in SCRIPT and frame.line > OFFSET


def _hint(kind: str, text: str) -> str:
    return NO_WAY_OUT if "not supported in this environment" in text else _HINTS.get(kind, "")


def _cut(text: str) -> str:
    """Within the limit, and without the name of the interpreter, which says nothing to those who write scripts."""
    for theirs, ours in _WORDS.items():
        text = text.replace(theirs, ours)
    return text if len(text) <= MOST_MESSAGE else text[: MOST_MESSAGE - 1] + "…"


def _error(
    spec: ScriptSpec, text: str, *, line: int = 0, column: int = 0, source: str = "", key: str = "", hint: str = ""
) -> ScriptError:
    where = f", line {line}" if line else ""
    shown = f" (`{source[:120]}`)" if source else ""
    return ScriptError(
        f"{spec.title}{where}: {text}{shown}",
        line=line,
        column=column,
        source=source,
        script=spec.name,
        version=spec.version,
        key=key,
        hint=hint,
    )
