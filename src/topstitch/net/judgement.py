"""From an answer or a fault to an error of ours and the next step, by rules first and the default table after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from topstitch.errors import AnswerLost, AuthError, RemoteRejected, TemporaryError, TopstitchError
from topstitch.net.call import Call
from topstitch.net.message import Response
from topstitch.net.retry import retry_after
from topstitch.net.rules import MESSAGE_PATHS, ErrorRule, covers_success, first_match, parsed, pluck, vendor_message
from topstitch.net.transport import WireError
from topstitch.net.verdicts import FAULTS, Action, Verdict, for_status
from topstitch.redact import Redactor

_LONGEST_DETAIL = 2000


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that failed. `wait`: the pause in seconds that the system named, None when it named none."""

    action: Action
    error: TopstitchError
    wait: float | None = None


class Judgement:
    """What the answers of one system mean."""

    def __init__(
        self,
        host: str,
        rules: Sequence[ErrorRule],
        message_paths: Sequence[str],
        field_paths: Sequence[str],
        redactor: Redactor,
    ) -> None:
        self._host = host
        self._rules = tuple(rules)
        self._message_paths = tuple(message_paths)
        self._field_paths = tuple(field_paths)
        self._redactor = redactor
        self._doubts_success = covers_success(rules)

    def without_rules(self) -> Judgement:
        """Give one for another host, which does not share the system's ways."""
        return Judgement("The token service", (), MESSAGE_PATHS, (), self._redactor)

    def of_answer(self, call: Call, response: Response) -> Failure | None:
        """Give what is wrong with an answer, None when it is one the caller wants."""
        success = 200 <= response.status < 300
        if success and not self._doubts_success and call.judge is None:
            return None
        if not success and response.status in call.expect:
            return None
        rule = first_match(self._rules, response)
        if rule is not None:
            return self._by_rule(call, response, rule)
        error = call.judge(response) if call.judge else None
        if isinstance(error, AnswerLost) and call.repeatable:
            return Failure(Action.REPEAT, TemporaryError(error.message, detail=error.detail))
        if error is not None:
            return Failure(action_of(error), error, getattr(error, "retry_after", None))
        return None if success else self._by_verdict(call, response, for_status(response.status))

    def of_fault(self, call: Call, fault: WireError) -> Failure:
        """Give what a missing answer means."""
        detail = f"{self._line(call)}: {self._redactor.text(fault.detail)}"
        return self._failure(call, FAULTS[fault.fault], detail)

    def _by_rule(self, call: Call, response: Response, rule: ErrorRule) -> Failure:
        success = 200 <= response.status < 300
        sentence = rule.message or ("{host} refused the record" if success else for_status(response.status).sentence)
        verdict = Verdict(action_of(rule.raise_as), rule.raise_as, sentence, rule.key, rule.hint)
        return self._by_verdict(call, response, verdict, rule.pause(response))

    def _by_verdict(self, call: Call, response: Response, verdict: Verdict, wait: float | None = None) -> Failure:
        waits = [each for each in (wait, retry_after(response.headers)) if each is not None]
        body = self._redactor.text(response.text[: 4 * _LONGEST_DETAIL])[:_LONGEST_DETAIL]
        return self._failure(
            call,
            replace(verdict, sentence=verdict.sentence.replace("{status}", str(response.status))),
            f"{self._line(call)} -> {response.status}\n{body}",
            said=self._redactor.text(vendor_message(response, self._message_paths)),
            wait=max(waits, default=None),
            field=self._field(response, verdict),
        )

    def _failure(
        self, call: Call, verdict: Verdict, detail: str, *, said: str = "", wait: float | None = None, field: str = ""
    ) -> Failure:
        sentence = verdict.sentence.replace("{host}", self._host)
        kind, key, hint = verdict.error, verdict.key, verdict.hint
        if verdict.action is Action.REPEAT and call.repeatable:
            kind = TemporaryError
        elif verdict.action is Action.REPEAT:
            sentence, kind, key, hint = f"{sentence}; whether the record was written is not known", AnswerLost, "", ""
        message = f"{sentence}: {said}" if said else f"{sentence}."
        error = make_error(kind, message, key=key, hint=hint, detail=detail, wait=wait, field=field)
        return Failure(verdict.action, error, wait)

    def _line(self, call: Call) -> str:
        return f"{call.request.method} {self._redactor.url(call.request.url)}"

    def _field(self, response: Response, verdict: Verdict) -> str:
        if not self._field_paths or not issubclass(verdict.error, RemoteRejected):
            return ""
        body = parsed(response)
        return next((str(found) for path in self._field_paths if (found := pluck(body, path))), "")


def make_error(
    kind: type[TopstitchError],
    message: str,
    *,
    key: str = "",
    hint: str = "",
    detail: str = "",
    wait: float | None = None,
    field: str = "",
) -> TopstitchError:
    """Make an error of a class known only at run time, with whichever of `wait` and `field` that class has."""
    if issubclass(kind, TemporaryError):
        return kind(message, retry_after=wait, key=key, hint=hint, detail=detail)
    if issubclass(kind, RemoteRejected):
        return kind(message, field=field, key=key, hint=hint, detail=detail)
    return kind(message, key=key, hint=hint, detail=detail)


def action_of(error: TopstitchError | type[TopstitchError]) -> Action:
    """Say what to do about an error that a rule or a protocol found in an answer."""
    kind = error if isinstance(error, type) else type(error)
    if issubclass(kind, AuthError):
        return Action.REFRESH
    if issubclass(kind, TemporaryError):
        return Action.RETRY
    return Action.REPEAT if issubclass(kind, AnswerLost) else Action.FAIL
