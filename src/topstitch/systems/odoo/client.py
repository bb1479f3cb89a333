"""The client everything else here uses: `call(model, method, ...)` over whichever API this Odoo has, and what it is like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from topstitch.sdk import AuthError, ConfigError, MissingReference, Token
from topstitch.systems.odoo import keys
from topstitch.systems.odoo.shapes import id_of
from topstitch.systems.odoo.transports import Json2, JsonRpc, ObjectService, Transport, XmlRpc

if TYPE_CHECKING:
    from topstitch.sdk import Connection

Row = dict[str, Any]
Domain = Sequence[Any]
#: The first version with JSON-2.
JSON2_SINCE = 19
#: Ids in one read; a domain of more would be slow to plan.
MOST_IDS = 1000


def connect(conn: Connection) -> Odoo:
    """The client of this connection, made once."""
    client: Odoo = conn.remember("odoo", lambda: Odoo(conn))
    return client


class Odoo:
    """One Odoo database as one user."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self._fields: dict[str, Mapping[str, Row]] = {}
        self._rpc = XmlRpc(conn) if conn["api_style"] == "xmlrpc" else JsonRpc(conn)

    @cached_property
    def version(self) -> tuple[int, int]:
        """(17, 0), asked without signing in. Raises ConfigError when there is no Odoo at the address."""
        ways = [self._rpc_version, self._web_version]
        for ask in reversed(ways) if self.conn["api_style"] == "json2" else ways:
            try:
                return ask()
            except MissingReference:
                continue
        raise ConfigError(
            "there is no Odoo at this address", key="not_odoo", hint="Check the server URL, without /web or /odoo."
        )

    def _rpc_version(self) -> tuple[int, int]:
        told = self._rpc.service("common", "version", [], safe=True, repeatable=True)
        return _series(told.get("server_version_info"))

    def _web_version(self) -> tuple[int, int]:
        told = self.conn.http.get("/web/version").json()
        return _series(told.get("version_info") if isinstance(told, dict) else None)

    @property
    def series(self) -> int:
        """17 for 17.0; the versions of Odoo Online between two (`saas~17.2`) count as the one they follow."""
        return self.version[0]

    @cached_property
    def style(self) -> str:
        """jsonrpc, xmlrpc or json2."""
        chosen = str(self.conn["api_style"])
        if chosen == "json2" and self.series < JSON2_SINCE:
            raise ConfigError(
                f"this is Odoo {self.version[0]}.{self.version[1]}, which has no JSON-2: that came with {JSON2_SINCE}",
                key="version",
                hint="Choose auto or JSON-RPC as the API of the connector.",
            )
        if chosen != "auto":
            return chosen
        return "json2" if self.series >= JSON2_SINCE else "jsonrpc"

    @cached_property
    def _transport(self) -> Transport:
        keys.watch(self.conn, can_renew=lambda: self.series >= JSON2_SINCE)
        if self.style == "json2":
            return Json2(self.conn, lambda: keys.current_key(self.conn))
        return ObjectService(self._rpc.service, self._credentials)

    @cached_property
    def database(self) -> str:
        """The setting, or on Odoo Online the first part of the host name."""
        given = str(self.conn["database"] or "")
        host = urlsplit(str(self.conn["url"])).hostname or ""
        if not given and host.endswith(".odoo.com"):
            return host.split(".")[0]
        if not given:
            raise ConfigError("the database is missing", key="setting", hint="Enter the name of the database.")
        return given

    @property
    def _slot(self) -> str:
        return f"odoo uid {self.database} {self.conn['username']}"

    def _credentials(self) -> tuple[str, int, str]:
        return self.database, self.uid(), keys.current_key(self.conn)

    def uid(self, *, anew: bool = False) -> int:
        """The user's id, kept in the token store. Raises AuthError when Odoo refuses user name or key."""
        known = None if anew else self.conn.tokens.get(self._slot)
        if known:
            return int(known.value)
        sent = [self.database, self.conn["username"], keys.current_key(self.conn), {}]
        uid = self._rpc.service("common", "authenticate", sent, safe=True, repeatable=True)
        if not uid:
            raise AuthError(
                f"Odoo refuses the user name or the API key of {self.conn['username']} in the database {self.database}",
                hint="Check both; an API key is made in Odoo under Preferences > Account security.",
            )
        self.conn.tokens.put(self._slot, Token(str(uid)))
        return int(uid)

    def call(
        self,
        model: str,
        method: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        safe: bool = False,
        repeatable: bool = False,
    ) -> Any:
        """Call a public method. `safe` reads only; `repeatable` may be sent again after a lost answer.

        Raises AuthError, MissingReference, DuplicateRecord, RemoteRejected, ConfigError (an app that is not installed),
        TemporaryError (locks, restarts), AnswerLost.
        """
        named = dict(kwargs or {})
        if language := self.conn["language"]:
            named["context"] = {"lang": language, **named.get("context", {})}
        transport = self._transport
        try:
            return transport.call(model, method, args, named, safe=safe, repeatable=repeatable)
        except AuthError:
            # A kept user id is stale once the database was restored or the user made anew; nothing was executed.
            if self.style == "json2" or self.uid(anew=False) == self.uid(anew=True):
                raise
            return transport.call(model, method, args, named, safe=safe, repeatable=repeatable)

    def fields(self, model: str) -> Mapping[str, Row]:
        """What the model's fields are here: type, string, relation, required, digits."""
        if model not in self._fields:
            asked = {"attributes": ["type", "string", "relation", "required", "digits"]}
            self._fields[model] = self.call(model, "fields_get", (), asked, safe=True)
        return self._fields[model]

    def has(self, model: str, field: str) -> bool:
        """Whether this Odoo's model has a field: to ask for one that is missing fails the whole call."""
        return field in self.fields(model)

    def decimals(self, model: str, field: str) -> int | None:
        """To how many decimals Odoo rounds a field; None where it keeps what it gets, as it does with prices from 19 on."""
        digits = self.fields(model)[field].get("digits")
        return int(digits[-1]) if digits else None

    @cached_property
    def companies(self) -> list[int]:
        """The user's company, to which belongs what is made here; from 17 on also those it is a branch of, nearest first."""
        branches = self.has("res.company", "parent_ids")
        uid = self.call("res.users", "context_get", safe=True)["uid"] if self.style == "json2" else self.uid()
        own = id_of(self.call("res.users", "read", [[uid], ["company_id"]], safe=True)[0]["company_id"])
        if not branches:
            return [own]
        above = self.call("res.company", "read", [[own], ["parent_ids"]], safe=True)[0]["parent_ids"]
        return [own, *(id for id in reversed(above) if id != own)]

    def choices(self, model: str, field: str) -> list[str]:
        """The values a selection field may have here; asked once per run."""

        def ask() -> list[str]:
            kwargs = {"attributes": ["selection"]}
            told = self.call(model, "fields_get", [[field]], kwargs, safe=True).get(field, {})
            return [str(value) for value, _label in told.get("selection") or []]

        found: list[str] = self.conn.remember(f"odoo choices {model} {field}", ask)
        return found

    def having(self, model: str, names: Iterable[str]) -> list[str]:
        """Those of the names that exist here."""
        there = self.fields(model)
        return [name for name in names if name in there]

    def first_of(self, model: str, *names: str) -> str:
        """The first of the names that exists here: fields are renamed between versions. Raises ConfigError for none."""
        found = self.having(model, names)
        if not found:
            raise ConfigError(f"{model} of this Odoo has none of the fields {', '.join(names)}", key="version")
        return found[0]

    def search_read(
        self,
        model: str,
        domain: Domain,
        fields: Iterable[str],
        *,
        order: str = "id asc",
        limit: int | None = None,
        archived: bool = False,
        context: Mapping[str, Any] | None = None,
    ) -> list[Row]:
        """Rows as Odoo sends them, with those of the fields that exist here."""
        kwargs: Row = {"fields": self.having(model, fields), "order": order}
        if limit:
            kwargs["limit"] = limit
        surroundings = dict(context or {}) | ({"active_test": False} if archived else {})
        if surroundings:
            kwargs["context"] = surroundings
        rows: list[Row] = self.call(model, "search_read", [list(domain)], kwargs, safe=True)
        return rows

    def by_ids(self, model: str, ids: Iterable[int], fields: Iterable[str]) -> list[Row]:
        """Rows by id, archived ones too; ids that are not there are left out."""
        wanted, names = sorted(set(ids)), list(fields)
        rows: list[Row] = []
        for start in range(0, len(wanted), MOST_IDS):
            chunk = wanted[start : start + MOST_IDS]
            rows += self.search_read(model, [["id", "in", chunk]], names, archived=True)
        return rows

    def create(self, model: str, values: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> int:
        """One new record. A list of one is sent, for then every API answers with a list of ids."""
        kwargs = {"context": dict(context)} if context else {}
        ids: list[int] = self.call(model, "create", [[dict(values)]], kwargs)
        return ids[0]

    def write(
        self, model: str, ids: Sequence[int], values: Mapping[str, Any], context: Mapping[str, Any] | None = None
    ) -> None:
        """Set values; the same values twice are the same, so this may be repeated."""
        kwargs = {"context": dict(context)} if context else {}
        self.call(model, "write", [list(ids), dict(values)], kwargs, repeatable=True)

    def run(
        self,
        model: str,
        method: str,
        ids: Sequence[int],
        context: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = False,
    ) -> Any:
        """A business method of records: action_confirm, button_validate..."""
        kwargs = {"context": dict(context)} if context else {}
        return self.call(model, method, [list(ids)], kwargs, repeatable=repeatable)


def _series(info: Any) -> tuple[int, int]:
    """[17, 0, 0, "final", 0, ""], or ["saas~17", 2, ...] on Odoo Online."""
    if not isinstance(info, list) or len(info) < 2:
        raise ConfigError("the server does not tell a version as Odoo does", key="not_odoo")
    major = str(info[0]).removeprefix("saas~").removeprefix("saas-")
    return int(major), int(info[1])
