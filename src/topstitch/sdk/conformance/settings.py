"""Questions about settings: words a person understands, hosts that are allowed, secrets that are never shown."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from urllib.parse import quote, quote_plus, urlsplit

from topstitch.errors import TopstitchError
from topstitch.net.message import CapturedRequest
from topstitch.sdk.conformance.questions import NotAsked, Troubles, question
from topstitch.sdk.conformance.records import read_pages
from topstitch.sdk.conformance.sending import batches, good_records, outgoing, push_options
from topstitch.sdk.conformance.signin import wrong_settings
from topstitch.sdk.conformance.stage import Stage, named
from topstitch.sdk.connection import Connection
from topstitch.sdk.settings import checked_settings

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
#: Shorter secrets are found everywhere by chance.
SHORTEST = 5


@question(
    "settings.words", "Settings have labels, and secrets say what they are and where to find them", needs="system"
)
def words(stage: Stage) -> Troubles:
    """Of the connector's form and of every entity's options."""
    for setting in stage.entry.system.settings:
        if not setting.label.strip() or setting.label == setting.name:
            yield setting.name, "it has no label"
        if setting.secret and not setting.find.strip():
            yield setting.name, "it is a secret and does not say where to find it (find)"
        if setting.required and not (setting.help.strip() or setting.find.strip()):
            yield setting.name, "it is required and has neither help nor find"
        if setting.kind == "choice" and not setting.choices:
            yield setting.name, "it is a choice without choices"
        if set(setting.words) - set(setting.choices):
            yield setting.name, "it has words for a choice that there is not"
    for entity in stage.entities:
        for side in (entity.read, entity.write):
            for option in side.options if side else ():
                if not option.label.strip() or option.label == option.name:
                    yield entity.name, f"the option {option.name} has no label"
                if set(option.words) - set(option.choices):
                    yield entity.name, f"the option {option.name} has words for a choice that there is not"


@question("settings.practice", "The practice settings are settings of the system, and all that it requires")
def practice(stage: Stage) -> Troubles:
    """As a person would type them."""
    try:
        checked_settings(stage.entry.system.settings, stage.settings)
    except TopstitchError as error:
        yield "practice.py", error.message


@question("settings.hosts", "It asks allowed hosts only, and in practice nothing but the practice server")
def hosts(stage: Stage) -> Troubles:
    """The live address by the manifest's patterns, and the traffic of a test and of a page of each entity."""
    http = stage.entry.system.http
    if http is None:
        raise NotAsked("it is not reached over HTTP")
    conn = stage.connect()
    allowed = [str(pattern).lower() for pattern in stage.entry.manifest.get("allowed_hosts", ())]
    host = urlsplit(http.base_url(conn.settings)).hostname or ""
    if not any(fnmatch(host, pattern) for pattern in allowed):
        yield "allowed_hosts", f"{host}, the address made of the practice settings, is not among {', '.join(allowed)}"
    _talk(stage, conn)
    home = urlsplit(stage.origin).netloc
    for foreign in {urlsplit(seen.exchange.url).netloc for seen in stage.traffic} - {home}:
        yield "practice", f"a request went to {foreign}, which is not the practice server"


@question("settings.places", "Settings that the address is made of say so (place): kept secrets then go nowhere else")
def places(stage: Stage) -> Troubles:
    """Each setting is given other values, to see whether the host is another one then."""
    system = stage.entry.system
    if system.http is None:
        raise NotAsked("it is not reached over HTTP")
    settings = checked_settings(system.settings, stage.settings)
    home = urlsplit(system.http.base_url(settings)).netloc
    for setting in system.settings:
        for other in () if setting in system.places else setting.choices or ("elsewhere.example",):
            with suppress(TopstitchError, ValueError):
                if urlsplit(system.http.base_url({**settings, setting.name: other})).netloc != home:
                    yield setting.name, f"it decides where requests go, and is not a place: {other!r} leads elsewhere"


def _talk(stage: Stage, conn: Connection) -> None:
    with suppress(TopstitchError):
        conn.entry.system.test(conn)
    for entity in stage.entities:
        if entity.read:
            with suppress(TopstitchError):
                read_pages(stage, conn, entity, size=3, most=1)


@question("settings.masked", "Secrets are masked in logs, exchanges, captured requests and errors")
def masked(stage: Stage) -> Troubles:
    """Everything shown is searched for the secrets' values, as they are and as they travel."""
    conn = stage.connect()
    secrets = [secret for secret in conn.secrets if len(secret) >= SHORTEST]
    if not secrets:
        raise NotAsked("there are no secrets")
    shown = list(_shown(stage, conn))
    for place, text in shown:
        if any(holds(text, secret) for secret in secrets):
            yield "secrets", f"{place} shows a secret"


def holds(text: str, secret: str) -> bool:
    """Whether a text gives a secret away: plainly, percent-encoded, or inside base64."""
    if any(form in text for form in (secret, quote(secret, safe=""), quote_plus(secret))):
        return True
    raw = secret.encode()
    return any(raw in _decoded(found[0]) for found in _BASE64.finditer(text))


def _decoded(text: str) -> bytes:
    standard = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return b64decode(standard + "=" * (-len(standard) % 4))
    except Base64Error:
        return b""


def _shown(stage: Stage, conn: Connection) -> Iterator[tuple[str, str]]:
    _talk(stage, conn)
    yield "repr(connection)", repr(conn)
    for name, settings in wrong_settings(stage):
        try:
            refused = stage.connect(settings=settings)
            refused.entry.system.test(refused)
        except TopstitchError as error:
            yield f"the error after a wrong {name}", f"{error!r} {error.message} {error.hint} {error.detail}"
    yield from _captured(stage)
    for seen in list(stage.traffic):
        exchange = seen.exchange
        place = f"the exchange {exchange.method} {exchange.status}"
        yield f"{place}, its address,", exchange.url
        yield f"{place}, its headers,", f"{exchange.request_headers} {exchange.response_headers}"
        yield f"{place}, its body sent,", exchange.request_text()
        yield f"{place}, its body received,", exchange.response_text()
    yield from (("the log", line) for line in list(stage.logged))


def _captured(stage: Stage) -> Iterator[tuple[str, str]]:
    for entity in stage.entities:
        if entity.write and (records := good_records(stage, entity)):
            dry = stage.connect(dry=True)
            batch = batches(entity.write, outgoing(entity, records))[0]
            try:
                entity.write.push(dry, batch, push_options(stage, entity))
            except CapturedRequest as captured:
                yield f"the captured request of {entity.name}", repr(captured.request)
            except TopstitchError as error:
                yield f"the error of a dry push of {entity.name}", f"{named(error)} {error.detail}"
