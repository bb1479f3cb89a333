"""Scripts: finding one and its versions, and who uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.scripts.model import ScriptSpec
from topstitch.store.models import Company, CompanyGroup, Script, ScriptVersion
from topstitch.store.queries.uses import Using, using


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a service names a script. Without a version it follows the latest."""

    service: str
    #: `payload script`, or `mapping`.
    where: str
    version: int | None
    variables: Mapping[str, Any]
    service_id: int


def script_named(company: Company, name: str) -> Script:
    """The script of this name. Raises ConfigError naming similar ones."""
    found = Script.objects.filter(company=company, name=name).first()
    if found is None:
        raise ConfigError(_no_script(name, script_names(company)), key="script")
    return found


def version_of(script: Script, number: int | None = None, *, at: datetime | None = None) -> ScriptVersion:
    """A version, the latest without a number (as it was `at` a moment). Raises ConfigError with those there are."""
    versions = script.versions.order_by("-number")
    if number is not None:
        found = versions.filter(number=number).first()
    else:
        found = (versions.filter(at__lte=at).first() if at else None) or versions.first()
    if found is None:
        raise ConfigError(
            f"the script {script.name!r} has no version {number}; its latest is {script.version}", key="script"
        )
    return found


def script_spec(
    company: Company,
    name: str,
    number: int | None = None,
    variables: Mapping[str, str] | None = None,
    *,
    at: datetime | None = None,
) -> ScriptSpec:
    """What the sandbox runs for a use. A run gives the moment it began, so that it keeps the version it began with.

    Raises ConfigError for a script, a version or a variable that does not exist.
    """
    version = version_of(script_named(company, name), number, at=at)
    spec = spec_of_version(name, version)
    if unknown := sorted(set(variables or ()) - set(spec.variables)):
        raise ConfigError(_no_variable(name, unknown[0], spec.variables), key="script")
    return ScriptSpec(
        name, version.number, spec.code, {**spec.variables, **(variables or {})}, spec.timeout, spec.memory
    )


def spec_of_version(name: str, version: ScriptVersion) -> ScriptSpec:
    """A version with the defaults of its variables."""
    defaults = {variable["name"]: variable["default"] for variable in version.variables}
    return ScriptSpec(name, version.number, version.code, defaults, version.timeout, version.memory)


def who_uses(script: Script) -> list[Use]:
    """Where the current revisions of the company's services name a script."""
    return uses_among(using(script.company_id), script.name)


def uses_among(services: Iterable[Using], name: str) -> list[Use]:
    """The same among services that are read already."""
    return [
        Use(one.service, where, use.get("version"), use.get("variables") or {}, one.service_id)
        for one in services
        for where, use in one.named.scripts
        if use.get("name") == name
    ]


def check_scripts(
    spec: Spec, group: CompanyGroup, *, place: str, planned: Mapping[str, Collection[str]] | None = None
) -> None:
    """Raise ConfigError when a service names a script, version or variable that is not there.

    `planned` are scripts that will be there: name -> variables.
    """
    for _, use in _uses(spec.model_dump(mode="json", by_alias=True)):
        name, variables = str(use.get("name")), use.get("variables") or {}
        if planned is not None and name in planned:
            for given in variables:
                if given not in planned[name]:
                    raise ConfigError(_no_variable(name, given, planned[name]), place=place, key="script")
            continue
        try:
            script_spec(group.company, name, use.get("version"), variables)
        except ConfigError as error:
            raise ConfigError(error.message, place=place, key="script", hint=error.hint) from error


def _uses(spec: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every use in a specification, as name, version and variables."""
    if isinstance(payload := spec.get("script"), dict):
        yield "payload script", payload
    for args in _steps(spec.get("mapping")):
        yield "mapping", {**args, "name": args.get("script")}


def _steps(part: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, list):
        for item in part:
            yield from _steps(item)
    elif isinstance(part, dict):
        if part.get("function") == "other.script":
            yield part.get("args") or {}
        for item in part.values():
            yield from _steps(item)


def script_names(company: Company) -> list[str]:
    """The names of a company's scripts, in order."""
    return list(Script.objects.filter(company=company).order_by("name").values_list("name", flat=True))


def _no_script(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, n=3) or sorted(known)[:20]
    return f"there is no script {name!r}; there are {', '.join(map(repr, close)) or 'none yet'}"


def _no_variable(script: str, name: str, known: Collection[str]) -> str:
    return f"the script {script!r} has no variable {name!r}; it has {', '.join(known) or 'none'}"
