"""Scripts: finding one and its versions, and who uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from django.db.models import F, Q

from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, ScriptError
from topstitch.scripts.model import ScriptSpec
from topstitch.store.models import Company, CompanyGroup, ErrorGroup, Run, Script, ScriptVersion
from topstitch.store.models.errors import GroupState
from topstitch.store.models.run import RunStatus
from topstitch.store.queries.keyset import Window, window
from topstitch.store.queries.uses import Using, using

#: Scripts of a list; versions of a page; open causes that are looked through.
LISTED, VERSIONS_A_PAGE, MOST_TROUBLES = 200, 50, 500
FAILED_RUNS = 3


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


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """A script as a list shows it: its latest version, where it is used, what fails by it now."""

    script: Script
    latest: ScriptVersion
    uses: list[Use]
    troubles: list[ErrorGroup]

    @property
    def places(self) -> list[str]:
        """Where it is used: `mapping`, `payload script`."""
        return sorted({use.where for use in self.uses})

    @property
    def services(self) -> list[str]:
        """The services that use it, each once."""
        return list(dict.fromkeys(use.service for use in self.uses))

    @property
    def failing(self) -> int:
        """Records that fail by it now."""
        return sum(group.affected for group in self.troubles)


def script_lines(company: Company, *, text: str = "", limit: int = LISTED) -> list[ScriptLine]:
    """Scripts by name that have these words in name or description; one more than the limit."""
    rows = ScriptVersion.objects.filter(script__company=company, number=F("script__version"))
    for word in text.split():
        rows = rows.filter(Q(script__name__icontains=word) | Q(script__description__icontains=word))
    rows = rows.select_related("author", "script").order_by("script__name")
    services, open_groups = using(company.pk), _open_groups(company.pk)
    return [
        ScriptLine(row.script, row, uses_among(services, row.script.name), _by(row.script.name, open_groups))
        for row in rows[: limit + 1]
    ]


def troubles_of(script: Script) -> list[ErrorGroup]:
    """The open causes that say this script failed, newest first."""
    return _by(script.name, _open_groups(script.company_id))


def failed_runs_of(script: Script, uses: Iterable[Use]) -> list[Run]:
    """The last runs that it ended as payload script of these uses, newest first."""
    services = {use.service_id for use in uses if use.where == "payload script"}
    rows = Run.objects.filter(
        service__in=services, status=RunStatus.FAILED, reason__contains=f"script {script.name!r}"
    ).select_related("service")
    return list(rows.order_by("-created_at")[:FAILED_RUNS]) if services else []


def _open_groups(company_id: int) -> list[ErrorGroup]:
    """Newest first; errors of scripts say in their message which one it was."""
    rows = ErrorGroup.objects.filter(
        service__group__company=company_id, error_class=ScriptError.desk_class, state=GroupState.OPEN
    )
    return list(rows.select_related("service").order_by("-last_at")[:MOST_TROUBLES])


def _by(name: str, groups: Iterable[ErrorGroup]) -> list[ErrorGroup]:
    return [group for group in groups if f"script {name!r}" in group.message]


def find_script(company: Company, script_id: int) -> Script | None:
    """A script; None when it is not there, or another company's."""
    return Script.objects.filter(company=company, pk=script_id).select_related("company").first()


def find_version(script: Script, number: int) -> ScriptVersion | None:
    """One of its versions."""
    return script.versions.filter(number=number).select_related("author").first()


def versions_page(script: Script, *, after: int | None = None, before: int | None = None) -> Window[ScriptVersion]:
    """Its versions, newest first."""
    rows = ScriptVersion.objects.filter(script=script).select_related("author")
    return window(rows, by="number", size=VERSIONS_A_PAGE, after=after, before=before)


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
