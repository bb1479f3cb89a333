"""What Odoo's exceptions mean: one table for the JSON-RPC class names, the XML-RPC fault codes and the JSON-2 statuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from topstitch.sdk import (
    AuthError,
    ConfigError,
    DuplicateRecord,
    MissingReference,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
)

#: XML-RPC tells a number instead of a class; 1 is any Python error, and its text a traceback.
CODES: Mapping[int, str] = {2: "UserError", 3: "AccessDenied", 4: "AccessError"}
#: The work was done and only the answer, None, could not be written (XML-RPC before Odoo allowed it).
DONE_WITHOUT_ANSWER = "cannot marshal None"
#: The answer was a question to the user, which XML-RPC of Odoo 14 cannot write.
UNWRITABLE_QUESTION = "frozendict"

_LONGEST = 400
_FIELDS = (
    re.compile(r"Invalid field '?([\w.]+)'?"),
    re.compile(r"Field:[^\n]*\((\w+)\)"),
    re.compile(r"Wrong value for [\w.]+\.(\w+):"),
    re.compile(r"'(\w+)' (?:field|is required)"),
)
_CONSTRAINT = re.compile(r"\b(\w+)_(?:uniq|unique|fkey|check)\b")
_HINT_KEY = "In Odoo: Preferences > Account security > New API key; then test the connector."


class Where(Enum):
    """Where a rule looks. The words of a user error may quote another system's trouble, which is not Odoo's own."""

    CLASS = "the class alone"
    TECHNICAL = "class and message, but of no user error"
    ANYWHERE = "class and message"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `pattern` is found in "class: message", `error` is meant. `message` replaces what Odoo said."""

    pattern: re.Pattern[str]
    error: type[TopstitchError]
    key: str = ""
    message: str = ""
    hint: str = ""
    where: Where = Where.ANYWHERE

    def fits(self, name: str, message: str) -> bool:
        """Whether this exception is meant."""
        if self.where is Where.TECHNICAL and _USER_ERROR.search(name):
            return False
        return bool(self.pattern.search(name if self.where is Where.CLASS else f"{name}: {message}"))


def _rule(
    pattern: str,
    error: type[TopstitchError],
    key: str = "",
    message: str = "",
    hint: str = "",
    where: Where = Where.ANYWHERE,
) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), error, key, message, hint, where)


_USER_ERROR = re.compile(r"(?:User|Validation|Redirect|Access|Missing)(?:Error|Warning)$")


_BUSY = (
    r"could not serialize access|deadlock detected|could not obtain lock|SerializationFailure|DeadlockDetected|LockNotAvailable"
    r"|LockError|TransactionRollback|PoolError|connection pool|too many connections|too many clients"
)
_RULES = (
    _rule(
        r"(?:^|\.)(?:AccessDenied|SessionExpired\w*|Unauthorized)$",
        AuthError,
        "",
        "Odoo refuses the user name or the API key",
        _HINT_KEY,
        Where.CLASS,
    ),
    _rule(_BUSY, TemporaryError, "busy", where=Where.TECHNICAL),
    _rule(
        r'database "?[^"\n]*"? does not exist',
        ConfigError,
        "database",
        "",
        "Check the database name of the connector.",
        Where.TECHNICAL,
    ),
    _rule(r"psycopg2\.(?:Operational|Interface)Error", TemporaryError, "database_down", where=Where.TECHNICAL),
    _rule(
        r"AccessError$",
        RemoteRejected,
        "access",
        "",
        "Give the user of the connector the group that Odoo names.",
        Where.CLASS,
    ),
    _rule(
        r"Object \S+ doesn't exist|the model '\S+' does not exist",
        ConfigError,
        "module",
        "",
        "Install the Odoo app that this kind of record belongs to, or leave it out of your services.",
    ),
    _rule(r"MissingError|does not exist or has been deleted|_fkey\b", MissingReference),
    _rule(r"_uniq(?:ue)?\b|duplicate key|already exists|must be unique|already assigned", DuplicateRecord),
)


def to_error(name: str, message: str, *, model: str = "", detail: str = "") -> TopstitchError:
    """The error of ours for an Odoo exception: `name` its class (with or without package), `message` its words."""
    said = " ".join(message.split())
    said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    for rule in _RULES:
        if rule.fits(name, message):
            return _made(rule, said, model, message, detail)
    key = "" if re.search(r"(?:User|Validation|Redirect)(?:Error|Warning)$", name) else "application_error"
    return _made(Rule(re.compile(""), RemoteRejected, key), said, model, message, detail)


def _made(rule: Rule, said: str, model: str, message: str, detail: str) -> TopstitchError:
    if rule.message:
        text = f"{rule.message} ({said})" if said else rule.message
    else:
        text = f"Odoo refuses the call ({model}): {said}" if model else f"Odoo refuses the call: {said}"
    if issubclass(rule.error, RemoteRejected):
        return rule.error(text, field=field_of(message, model), key=rule.key, hint=rule.hint, detail=detail)
    return rule.error(text, key=rule.key, hint=rule.hint, detail=detail)


def field_of(message: str, model: str) -> str:
    """The field at fault, "" when the words do not tell."""
    for pattern in _FIELDS:
        if found := pattern.search(message):
            return found[1]
    found = _CONSTRAINT.search(message)
    table = f"{model.replace('.', '_')}_"
    if found and model and found[1].startswith(table):
        return found[1].removeprefix(table)
    # A constraint of another model (a line of the order): what is left after the longest part that is no field name.
    return found[1].rpartition("_")[2] if found else ""


def from_xml_fault(code: int | str, text: str) -> tuple[str, str]:
    """(class, message) of an XML-RPC fault: an application error holds a traceback whose last line tells both."""
    name = CODES.get(int(code)) if str(code).isdigit() else None
    if name:
        return name, text
    last = next((line for line in reversed(text.splitlines()) if re.match(r"[\w.]+: ", line)), "")
    kind, _, message = last.partition(": ")
    return (kind, message) if last else ("Exception", text)
