"""Scripts as a service chooses one for its payload."""

from __future__ import annotations

from collections.abc import Sequence

from topstitch.store.models import Company, Script, ScriptVersion, Service

#: Versions that can be chosen from; older ones stay where they are chosen.
VERSIONS_SHOWN = 100


def has_scripts(company_id: int) -> bool:
    """Whether a company has any script."""
    return Script.objects.filter(company_id=company_id).exists()


def uses_script(service: Service) -> bool:
    """Whether a service's present configuration names a payload script."""
    return bool(service.revision and service.revision.spec.get("script"))


def scripts_of(company: Company) -> list[Script]:
    """The scripts of a company, by name."""
    return list(Script.objects.filter(company=company).order_by("name"))


def versions_of(script: Script) -> Sequence[ScriptVersion]:
    """The last versions of a script, newest first, without their code."""
    return list(script.versions.select_related("author").defer("code").order_by("-number")[:VERSIONS_SHOWN])


def version_numbered(script: Script, number: int | None) -> ScriptVersion | None:
    """A version, the latest without a number; None when there is none."""
    versions = script.versions.order_by("-number")
    return (versions.filter(number=number) if number else versions).first()
