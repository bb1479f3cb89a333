"""What goes wrong inside an Odoo: each exception with its full class name, XML-RPC fault code and JSON-2 status."""

from __future__ import annotations


class Fault(Exception):
    """An exception of the practice Odoo; `str(fault)` is the message."""

    name = "builtins.Exception"
    code = 1
    status = 500

    def __init__(self, message: str, *, name: str = "") -> None:
        super().__init__(message)
        if name:
            self.name = name

    @property
    def traceback(self) -> str:
        """The text an application error is shown with."""
        return f'Traceback (most recent call last):\n  File "/odoo/http.py", line 639, in _handle_exception\n{self.short}\n'

    @property
    def short(self) -> str:
        """The last line of the traceback."""
        return f"{self.name.removeprefix('builtins.')}: {self}"


class AppError(Fault):
    """A Python error of the application: builtins.ValueError, builtins.AttributeError, psycopg2.OperationalError..."""


class UserError(Fault):
    """A rule of the business was broken."""

    name = "odoo.exceptions.UserError"
    code = 2
    status = 422


class ValidationError(Fault):
    """A constraint was broken."""

    name = "odoo.exceptions.ValidationError"
    code = 2
    status = 422


class MissingError(Fault):
    """A record is not there."""

    name = "odoo.exceptions.MissingError"
    code = 2
    status = 404


class AccessError(Fault):
    """The user may not do this."""

    name = "odoo.exceptions.AccessError"
    code = 4
    status = 403


class AccessDenied(Fault):
    """Wrong credentials."""

    name = "odoo.exceptions.AccessDenied"
    code = 3
    status = 403

    def __init__(self, message: str = "Access Denied") -> None:
        super().__init__(message)


class NotFound(Fault):
    """JSON-2 only: no such model, method or database."""

    name = "werkzeug.exceptions.NotFound"
    status = 404


class Unprocessable(Fault):
    """JSON-2 only: the named arguments do not fit the method."""

    name = "werkzeug.exceptions.UnprocessableEntity"
    status = 422


class Unauthorized(Fault):
    """JSON-2 only: no key, or one that is wrong or expired."""

    name = "werkzeug.exceptions.Unauthorized"
    status = 401


def value_error(message: str) -> AppError:
    """A ValueError."""
    return AppError(message, name="builtins.ValueError")


def missing(model: str, ids: list[int], uid: int) -> MissingError:
    """Records that do not exist."""
    shown = "".join(f"{each}," for each in ids)
    return MissingError(f"Record does not exist or has been deleted.\n(Record: {model}({shown}), User: {uid})")
