"""Systems made from a file: the same words as in Python, as data. A file names registered behaviours, it has no code.

```yaml
slug: acme
name: Acme ERP
settings:
  url: {label: Address, kind: url, required: true}
  token: {label: Token, secret: true, required: true}
base: "{url}/api"
auth: {bearer: token}
test: /me
entities:
  orders:
    key: id
    reference: number
    modified: updated_at
    read: {path: /orders, records: data, paging: {page: {param: page, size: per_page}}, since: updated_after}
    write: {path: /orders, idempotency: natural_key}
    fields:
      number: {type: text, tag: number, flags: required}
```
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from topstitch.errors import ConfigError
from topstitch.net.auth import ApiKey, Auth, Basic, Bearer
from topstitch.net.limits import Limits
from topstitch.sdk.catalogue import Entry
from topstitch.sdk.client import Http
from topstitch.sdk.connection import Connection
from topstitch.sdk.fields import parse_field
from topstitch.sdk.model import Entity, Idempotency, Read, Setting, Stamp, System, Write
from topstitch.sdk.paging import PAGERS, OnePage, Pager
from topstitch.sdk.rest import GetTest, Param, RestFind, RestList, RestWrite
from topstitch.sdk.sign_in import SignIn

SLUG = re.compile(r"[a-z][a-z0-9_-]{1,60}")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SettingFile(_Model):
    """A setting of the connector's form."""

    label: str = ""
    kind: Literal["text", "multiline", "url", "integer", "number", "boolean", "choice", "date"] = "text"
    required: bool = False
    secret: bool = False
    default: Any = None
    choices: list[str] = Field(default_factory=list)
    help: str = ""
    find: str = ""


class LimitsFile(_Model):
    """How fast the system may be asked."""

    requests: int | None = Field(default=None, ge=1)
    per: float = Field(default=1.0, gt=0)
    concurrency: int | None = Field(default=None, ge=1, le=256)


class ParamFile(_Model):
    """A filter that the system applies itself."""

    param: str
    ops: list[str] = Field(default_factory=lambda: ["equals"])


class ReadFile(_Model):
    """Reading a paged list."""

    path: str
    records: str = ""
    paging: dict[str, dict[str, Any]] = Field(default_factory=dict)
    params: dict[str, str] = Field(default_factory=dict)
    since: str = ""
    until: str = ""
    ordered: bool = False
    overlap: float = 60
    page_size: int = Field(default=100, ge=1, le=10_000)
    max_page_size: int = Field(default=1000, ge=1, le=10_000)
    filters: dict[str, ParamFile] = Field(default_factory=dict)
    one: str = ""
    one_record: str = ""


class FindFile(_Model):
    """Looking a record up."""

    path: str
    by: dict[str, str]
    records: str = ""
    id: str = "id"


class WriteFile(_Model):
    """Writing records."""

    path: str
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    update_path: str = ""
    update_method: Literal["POST", "PUT", "PATCH"] = "PUT"
    wrap: str = ""
    batch: int = Field(default=1, ge=1, le=10_000)
    answers: str = ""
    id: str = "id"
    item_error: str = ""
    idempotency: Idempotency
    key_header: str = ""
    find: FindFile | None = None
    concurrency: int = Field(default=4, ge=1, le=64)


class EntityFile(_Model):
    """One kind of record."""

    label: str = ""
    key: str = "id"
    reference: str = ""
    modified: str = ""
    kind: str = ""
    mode: Literal["", "create_only", "create_and_update"] = ""
    read: ReadFile | None = None
    write: WriteFile | None = None
    fields: dict[str, dict[str, Any] | str] = Field(default_factory=dict)


class SignInFile(_Model):
    """Signing in on the system's own page; fields as in sdk.sign_in.SignIn."""

    page: str
    token: str
    client_id: str = "client_id"
    client_secret: str = "client_secret"  # noqa: S105  # the name of a setting
    scope: str = ""
    pkce: bool = False
    redirect: bool = True
    send_as: Literal["form", "json"] = "form"
    client_auth: Literal["body", "basic"] = "body"
    brings: dict[str, str] = Field(default_factory=dict)


class SystemFile(_Model):
    """A whole system."""

    slug: str
    name: str
    category: str = "custom"
    settings: dict[str, SettingFile] = Field(default_factory=dict)
    base: str
    auth: dict[str, Any] = Field(default_factory=dict)
    sign_in: SignInFile | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    message_paths: list[str] = Field(default_factory=lambda: ["message", "error.message", "error", "errors[0].message"])
    field_paths: list[str] = Field(default_factory=lambda: ["field", "errors[0].field"])
    test: str
    limits: LimitsFile = Field(default_factory=LimitsFile)
    entities: dict[str, EntityFile] = Field(min_length=1)


def system_from_data(data: Mapping[str, Any], *, place: str = "") -> Entry:
    """A catalogue entry from a file's data. Raises ConfigError naming the part that is wrong."""
    try:
        given = SystemFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(
            f"{'.'.join(map(str, first['loc']))}: {first['msg']}", place=place, key="system_file"
        ) from error
    _check_names(_names_in(given.base, place), given, place)
    if not SLUG.fullmatch(given.slug):
        raise ConfigError(
            f"the slug {given.slug!r} must be small letters, digits, - and _", place=place, key="system_file"
        )
    sign_in = _sign_in(given, place)
    places = _places(given)
    system = System(
        settings=[
            Setting(name=n, label=s.label or n, place=n in places, **s.model_dump(exclude={"label"}))
            for n, s in given.settings.items()
        ],
        http=Http(
            base=given.base,
            auth=sign_in.auth if sign_in else _auth(given, place),
            limits=Limits(given.limits.requests, given.limits.per, given.limits.concurrency),
            headers=given.headers,
            message_paths=tuple(given.message_paths),
            field_paths=tuple(given.field_paths),
        ),
        sign_in=sign_in,
        test=GetTest(given.test),
        entities=[_entity(name, entity, place) for name, entity in given.entities.items()],
    )
    fields = {
        n: tuple(parse_field(p, line, place=place) for p, line in e.fields.items()) for n, e in given.entities.items()
    }
    manifest = {"slug": given.slug, "name": given.name, "category": given.category, "confidence": "yours"}
    return Entry(given.slug, manifest, made=system, made_fields=fields)


def _places(given: SystemFile) -> set[str]:
    """Names of the settings that decide where requests go."""
    signing = (given.sign_in.page, given.sign_in.token) if given.sign_in else ()
    return {name for address in (given.base, *signing) for name in _names_of_host(address)}


def _names_of_host(address: str) -> Iterator[str]:
    for before, name, _, _ in Formatter().parse(address):
        if "/" in before.replace("://", ""):
            return
        if name:
            yield name


def _names_in(base: str, place: str) -> list[str]:
    try:
        return [name for _, name, _, _ in Formatter().parse(base) if name is not None]
    except ValueError as error:
        raise ConfigError(f"base: {error}", place=place, key="system_file") from error


def _check_names(names: Iterable[str], given: SystemFile, place: str) -> None:
    if unknown := [name for name in names if name not in given.settings]:
        raise ConfigError(
            f"there is no setting {', '.join(unknown)}; there are {', '.join(given.settings) or 'none'}",
            place=place,
            key="system_file",
        )


def _sign_in(file: SystemFile, place: str) -> SignIn | None:
    given = file.sign_in
    if given is None:
        return None
    if file.auth:
        raise ConfigError("a system has either auth or sign_in", place=place, key="system_file")
    texts = [name for text in (given.page, given.token) for name in _names_in(text, place)]
    _check_names([*texts, given.client_id, given.client_secret, *given.brings.values()], file, place)
    return SignIn(**given.model_dump())


def _auth(file: SystemFile, place: str) -> Any:
    """`{bearer: token}`, `{basic: [user, password]}`, `{header: [X-Api-Key, key]}`, `{query: [key, key]}`: names of settings."""
    given = file.auth
    if not given:
        return None
    ((kind, names),) = given.items() if len(given) == 1 else (("", None),)
    names = [names] if isinstance(names, str) else list(names or ())
    makers: dict[str, tuple[int, Callable[[Connection], Auth]]] = {
        "bearer": (1, lambda c: Bearer(str(c[names[0]]))),
        "basic": (2, lambda c: Basic(str(c[names[0]]), str(c[names[1]]))),
        "header": (2, lambda c: ApiKey(str(c[names[1]]), header=names[0])),
        "query": (2, lambda c: ApiKey(str(c[names[1]]), query=names[0])),
    }
    if kind not in makers or len(names) != makers[kind][0]:
        raise ConfigError(
            f"auth must be one of {', '.join(makers)} with the names of settings", place=place, key="system_file"
        )

    _check_names(names[1:] if kind in ("header", "query") else names, file, place)
    return makers[kind][1]


def _pager(given: Mapping[str, Mapping[str, Any]], place: str) -> Pager:
    ((kind, options),) = given.items() if len(given) == 1 else (("", {}),)
    made = PAGERS.get(kind)
    if made is None:
        raise ConfigError(f"paging must be one of {', '.join(PAGERS)}", place=place, key="system_file")
    try:
        pager: Pager = made(**(options or {}))
    except TypeError as error:
        raise ConfigError(f"paging {kind}: {error}", place=place, key="system_file") from error
    return pager


def _entity(name: str, given: EntityFile, place: str) -> Entity:
    return Entity(
        name=name,
        label=given.label or name.replace("_", " ").capitalize(),
        key=given.key,
        reference=given.reference,
        modified=Stamp(path=given.modified) if given.modified else None,
        kind=given.kind,
        mode=given.mode,
        read=_read(given.read, place) if given.read else None,
        write=_write(given.write, place) if given.write else None,
    )


def _read(given: ReadFile, place: str) -> Read:
    listed = RestList(
        path=given.path,
        records=given.records,
        paging=_pager(given.paging, place) if given.paging else OnePage(),
        params=given.params,
        since=given.since,
        until=given.until,
        filters={n: Param(f.param, tuple(f.ops)) for n, f in given.filters.items()},
        one=given.one,
        one_record=given.one_record,
    )
    return Read(
        pages=listed,
        by_ids=listed.by_ids if given.one else None,
        since=bool(given.since),
        until=bool(given.until),
        ordered=given.ordered,
        overlap=given.overlap,
        page_size=given.page_size,
        max_page_size=given.max_page_size,
        filters=listed.pushed,
    )


def _write(given: WriteFile, place: str) -> Write:
    if given.idempotency is Idempotency.LOOKUP and given.find is None:
        raise ConfigError("idempotency lookup needs `find`", place=place, key="system_file")
    if given.idempotency is Idempotency.HEADER and not given.key_header:
        raise ConfigError("idempotency header needs `key_header`", place=place, key="system_file")
    push = RestWrite(
        path=given.path,
        method=given.method,
        update_path=given.update_path,
        update_method=given.update_method,
        wrap=given.wrap,
        bulk=given.batch > 1,
        answers=given.answers,
        id=given.id,
        item_error=given.item_error,
        idempotent=given.idempotency in (Idempotency.NATURAL_KEY, Idempotency.HEADER),
        key_header=given.key_header,
    )
    find = RestFind(**given.find.model_dump()) if given.find else None
    return Write(push=push, idempotency=given.idempotency, batch=given.batch, concurrency=given.concurrency, find=find)
