"""The one exception tree, shaped by what to do next.

    TopstitchError
    ├── ConfigError            a setting, file or service is wrong: a person must change it
    ├── AuthError              credentials refused or expired: a person must renew them
    ├── TemporaryError         try again later (retry_after seconds, when the system said so)
    │   ├── RateLimited        the system asked us to slow down
    │   └── Unreachable        no connection could be made: nothing was sent
    ├── AnswerLost             sent, but no usable answer came back: it may have been written
    ├── RemoteRejected         the system refused this record (field, when it said which)
    │   ├── DuplicateRecord    it is there already
    │   └── MissingReference   it points to something the system does not have
    ├── MappingError           a record could not be mapped (path, row, function)
    ├── ScriptError            a custom script failed (line)
    │   └── ScriptPostponed    it wants the record to be tried again
    ├── FormatError            bytes that are not what they claim to be (place: line, row, element)
    ├── LimitExceeded          larger, longer or more than we accept
    └── Bug                    our fault

Every error has a `key` (stable, for grouping and translation), a `message` (a sentence for the user), a `hint` (what
to do now) and a `detail` (for developers; never shown unasked and always redacted).
"""

from __future__ import annotations

from typing import ClassVar


class TopstitchError(Exception):
    """Base of all errors of ours. Raise a subclass."""

    default_key: ClassVar[str] = "error"
    default_hint: ClassVar[str] = ""
    #: The class users of integration tools know: value, missing, connection, authentication, intermittent,
    #: rate limit, too large, parse, duplicate, configuration, script, bug.
    desk_class: ClassVar[str] = "value"

    def __init__(self, message: str, *, key: str = "", hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.key = key or self.default_key
        self.hint = hint or self.default_hint
        self.detail = detail

    def __str__(self) -> str:
        return self.message


class ConfigError(TopstitchError):
    """Something a person configured is wrong. `place` says where: `orders.yaml:12`, `mapping row 3`."""

    default_key = "config"
    default_hint = "Correct the setting named above and try again."
    desk_class = "configuration"

    def __init__(self, message: str, *, place: str = "", key: str = "", hint: str = "", detail: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message, key=key, hint=hint, detail=detail)
        self.place = place


class AuthError(TopstitchError):
    """The system refuses our credentials, or they have expired."""

    default_key = "authentication"
    default_hint = "Check the credentials of the connector, then test it."
    desk_class = "authentication"


class TemporaryError(TopstitchError):
    """Worth trying again. `retry_after` is in seconds, None when the system named no time."""

    default_key = "temporary"
    default_hint = "Nothing to do: it is tried again by itself."
    desk_class = "intermittent"

    def __init__(
        self, message: str, *, retry_after: float | None = None, key: str = "", hint: str = "", detail: str = ""
    ) -> None:
        super().__init__(message, key=key, hint=hint, detail=detail)
        self.retry_after = retry_after


class RateLimited(TemporaryError):
    """The system asked us to slow down; the request was not executed."""

    default_key = "rate_limited"
    desk_class = "rate limit"


class Unreachable(TemporaryError):
    """No connection could be made: the request never left."""

    default_key = "unreachable"
    default_hint = "Check that the system is up and that its address is right; work resumes by itself."
    desk_class = "connection"


class AnswerLost(TopstitchError):
    """The request was sent and the answer never came: the record may or may not have been written."""

    default_key = "answer_lost"
    default_hint = "It is settled by looking the record up, or by your choice where that is impossible."
    desk_class = "intermittent"


class RemoteRejected(TopstitchError):
    """The system refused this record. `field` is its name for the field at fault, where it said so."""

    default_key = "rejected"
    default_hint = "Correct the record at the source, or the mapping, then sync it again."

    def __init__(self, message: str, *, field: str = "", key: str = "", hint: str = "", detail: str = "") -> None:
        super().__init__(message, key=key, hint=hint, detail=detail)
        self.field = field


class DuplicateRecord(RemoteRejected):
    """The record exists already and the system takes no second one."""

    default_key = "duplicate"
    desk_class = "duplicate"


class MissingReference(RemoteRejected):
    """The record points to something (a SKU, a customer, a location) that the system does not know."""

    default_key = "missing_reference"
    default_hint = "Create what is missing in the destination; the record is then tried again."
    desk_class = "missing"


class MappingError(TopstitchError):
    """A record could not be mapped: in which `row`, in which `function` at which `step` of the row, from which `path`."""

    default_key = "mapping"
    default_hint = "Correct the value at the source, or change the mapping row."

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        row: str = "",
        function: str = "",
        step: str = "",
        value: object = None,
        key: str = "",
        hint: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(message, key=key, hint=hint, detail=detail)
        self.path, self.row, self.function, self.step, self.value = path, row, function, step, value


class ScriptError(TopstitchError):
    """A custom script failed at `line` (0 when unknown), whose text is `source`; `script` is its name, with its `version`."""

    default_key = "script"
    default_hint = "Open the script, run it with this record in the test box, and correct it."
    desk_class = "script"

    def __init__(
        self,
        message: str,
        *,
        line: int = 0,
        column: int = 0,
        source: str = "",
        script: str = "",
        version: int = 0,
        key: str = "",
        hint: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(message, key=key, hint=hint, detail=detail)
        self.line, self.column, self.source = line, column, source
        self.script, self.version = script, version

    def saying(self, message: str) -> ScriptError:
        """The same error in other words."""
        names = ("line", "column", "source", "script", "version", "key", "hint", "detail")
        return type(self)(message, **{name: getattr(self, name) for name in names})


class ScriptPostponed(ScriptError):
    """A custom script wants its record to fail now and to be tried again."""

    default_key = "script_postponed"
    default_hint = "Nothing to do: the record is tried again with the next run."
    desk_class = "intermittent"


class FormatError(TopstitchError):
    """Bytes that are not what they claim to be. `place` is `line 3`, `row 12, column 'qty'`, `offset 90`."""

    default_key = "format"
    default_hint = "Ask the sender for a correct file, or change the format settings of the connector."
    desk_class = "parse"

    def __init__(self, message: str, *, place: str = "", key: str = "", hint: str = "", detail: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message, key=key, hint=hint, detail=detail)
        self.place = place


class LimitExceeded(TopstitchError):
    """Larger, longer or more than we accept."""

    default_key = "limit"
    default_hint = "Send less at once, or raise the limit named above."
    desk_class = "too large"


class Bug(TopstitchError):
    """Our fault: something that must not happen did."""

    default_key = "bug"
    default_hint = "Please report it with the copied diagnostics."
    desk_class = "bug"
