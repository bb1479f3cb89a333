"""GraphQL over the HTTP client: data out, `errors[]` as errors of ours with their paths and codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from topstitch.errors import AnswerLost, AuthError, FormatError, RateLimited, RemoteRejected, TopstitchError
from topstitch.net.http import HttpClient
from topstitch.net.judgement import make_error
from topstitch.net.message import Response, snippet
from topstitch.net.rules import pluck

Json = dict[str, Any]
#: What some widely used servers call things; a system adds to it or overrides it.
CODES: Mapping[str, type[TopstitchError]] = {
    "THROTTLED": RateLimited,
    "TOO_MANY_REQUESTS": RateLimited,
    "UNAUTHENTICATED": AuthError,
    "ACCESS_DENIED": AuthError,
    "FORBIDDEN": AuthError,
    "INTERNAL_SERVER_ERROR": AnswerLost,
}


class GraphqlError(RemoteRejected):
    """The server answered with errors. `errors` is its list; `codes`, `paths` (`orders.0.name`) come from it."""

    default_key = "graphql"

    def __init__(self, message: str, errors: Sequence[Json], *, data: Json | None = None) -> None:
        self.errors = errors
        self.data = data
        self.codes = [code for each in errors if (code := code_of(each))]
        self.paths = [".".join(map(str, each["path"])) for each in errors if isinstance(each.get("path"), list)]
        super().__init__(message, field=self.paths[0] if self.paths else "")


@dataclass(frozen=True, slots=True)
class GraphqlClient:
    """One GraphQL endpoint.

    `codes` says what `errors[].extensions.code` means. `wait` computes from the whole answer how many seconds a
    throttled query should pause. `on_extensions` gets the `extensions` of each answer (cost, budget left).
    An error code that is AnswerLost is only temporary for a query.
    """

    http: HttpClient
    path: str
    codes: Mapping[str, type[TopstitchError]] = field(default_factory=lambda: dict(CODES))
    wait: Callable[[Json], float | None] | None = None
    on_extensions: Callable[[Json], None] | None = None

    def query(
        self,
        query: str,
        variables: Mapping[str, object] | None = None,
        *,
        mutation: bool = False,
        idempotent: bool | None = None,
        operation: str = "",
        on_extensions: Callable[[Json], None] | None = None,
    ) -> Json:
        """Run a query (safe: repeated freely, sent by dry clients) or a mutation, and give its `data`.

        `on_extensions` hears of this call only, in place of the client's.
        Raises GraphqlError, or what `codes` says, and what the HTTP client raises.
        """
        body: Json = {"query": query, "variables": variables or {}}
        if operation:
            body["operationName"] = operation
        hear = on_extensions or self.on_extensions

        def judge(response: Response) -> TopstitchError | None:
            return self._judge(response, hear)

        response = self.http.post(self.path, json=body, safe=not mutation, idempotent=idempotent, judge=judge)
        data = cast(Json, response.json()).get("data")
        return data if isinstance(data, dict) else {}

    def _judge(self, response: Response, hear: Callable[[Json], None] | None) -> TopstitchError | None:
        if not 200 <= response.status < 300 and response.status not in (400, 422):
            return None
        try:
            body = response.json()
        except FormatError as error:
            return error if 200 <= response.status < 300 else None
        except AnswerLost as error:
            return error
        if not isinstance(body, dict):
            return FormatError(f"the answer is no GraphQL answer: {snippet(response.text)}", key="not_graphql")
        if hear is not None and isinstance(body.get("extensions"), dict):
            hear(body["extensions"])
        errors = body.get("errors")
        return self._error(body, _listed(errors)) if errors else None

    def _error(self, body: Json, errors: list[Json]) -> TopstitchError:
        message = "; ".join(dict.fromkeys(str(each.get("message") or "no message") for each in errors))
        kind = next((self.codes[code] for each in errors if (code := code_of(each)) in self.codes), None)
        if kind is None:
            data = body.get("data")
            return GraphqlError(snippet(message, 300), errors, data=data if isinstance(data, dict) else None)
        wait = self.wait(body) if self.wait and issubclass(kind, RateLimited) else None
        return make_error(kind, snippet(message, 300), detail=str(errors)[:2000], wait=wait)


def code_of(error: Json) -> str:
    return str(pluck(error, "extensions.code") or "")


def _listed(errors: object) -> list[Json]:
    """Give errors as objects: some servers send a text, or texts, where objects belong."""
    many = errors if isinstance(errors, list) else [errors]
    return [each if isinstance(each, dict) else {"message": str(each)} for each in many]
