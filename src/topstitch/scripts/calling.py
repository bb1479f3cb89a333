"""Transform functions for scripts: `call("string.upper", value)`, or each by its name: `string_upper(value)`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from time import monotonic

from topstitch import functions
from topstitch.errors import AnswerLost, AuthError, Bug, ConfigError, TemporaryError, TopstitchError
from topstitch.functions.registry import Bound, Environment, Takes
from topstitch.functions.signals import Signal
from topstitch.scripts.logs import Prints
from topstitch.scripts.values import Meter

#: Errors that say nothing about the record: the run has to know.
_OURS = (TemporaryError, AuthError, AnswerLost, Bug)
#: What stands in the way of a function, told to the script as an exception that it may catch.
_RECORDS = (TopstitchError, ValueError, ArithmeticError, TypeError)

#: What a value given to a function may measure.
MOST_VALUE = 2_000_000
#: Refusals that a script may ignore before its process is ended.
_MOST_IGNORED = 100
#: Functions kept with their arguments.
_MOST_BOUND = 1000


class Calling:
    """The functions as the scripts of one batch see them. `fault` is an error that must leave the batch."""

    def __init__(self, env: Environment, prints: Prints, seconds: float) -> None:
        self._env, self._prints, self._seconds = env, prints, seconds
        self._bound: dict[tuple[str, str], Bound] = {}
        self.fault: BaseException | None = None
        #: The process that runs the scripts.
        self.worker: int | None = None
        self._ignored = 0
        #: Calls of the exchange whose functions took too long.
        self.late: set[int] = set()

    def lookup(self) -> dict[str, Callable[..., object]]:
        """Names to host functions."""
        named = {made.name.replace(".", "_"): self._named(made.name) for made in functions.registry()}
        return {**named, "call": self.call}

    def _named(self, name: str) -> Callable[..., object]:
        return lambda value=None, /, **args: self.call(name, value, **args)

    def call(self, name: str, value: object = None, /, **args: object) -> object:
        """Run a function on a value. Raises ValueError, which the script sees, for what is wrong with either."""
        if self.fault:
            raise ValueError("the run is ending")
        if monotonic() - self._prints.since > self._seconds:
            self._refuse_late()
            raise ValueError(f"the script runs longer than {self._seconds:g} s")
        try:
            meter = Meter(MOST_VALUE)
            given = {key: meter.out(arg) for key, arg in args.items()}
            return Meter(MOST_VALUE).into(self._function(str(name), given)(meter.out(value)))
        except _OURS as error:
            self.fault = error
        except Signal as error:
            raise ValueError(f"{name} works in mappings only") from error
        except _RECORDS as error:
            raise ValueError(f"{name}: {error}"[:500]) from error
        except BaseException as error:  # noqa: BLE001  # kept, and raised by the batch outside of the sandbox
            self.fault = error
        raise ValueError("the run is ending")

    def _refuse_late(self) -> None:
        """The time inside the sandbox stands still while a function runs, so it is ours to end what goes on calling."""
        self.late.add(self._prints.current)
        self._ignored += 1
        if self._ignored > _MOST_IGNORED and self.worker:
            os.kill(self.worker, getattr(signal, "SIGKILL", signal.SIGTERM))

    def _function(self, name: str, args: dict[str, object]) -> Bound:
        key = (name, repr(args))
        if len(self._bound) > _MOST_BOUND:
            self._bound.clear()
        if key not in self._bound:
            made = functions.registry().get(name)
            if made.asks or made.takes is Takes.FIELDS:
                raise ConfigError("this function asks others or looks at other fields: it works in mappings only")
            self._bound[key] = made.bind(args, self._env)
        return self._bound[key]
