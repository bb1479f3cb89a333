"""Writing what is configured as a file that can be applied again, here or elsewhere. Secrets become references."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.actions.connectors import effective_settings, stored_values
from topstitch.store.files.lookups import lookup_content
from topstitch.store.files.parts import parts
from topstitch.store.files.scripts import exported_scripts
from topstitch.store.models import CompanyGroup, Connector, LookupTable, Service, UserSystem
from topstitch.store.queries.lookups import tables


def exported(group: CompanyGroup, folder: Path | None = None) -> str:
    """One YAML text with a group's connectors and services, its and its company's lookups and the user-made systems.

    Large lookup tables go into CSV files in `folder`. Raises ConfigError for such a table where there is none.
    """
    lookups = _lookups(group, folder)
    content = {
        "systems": [system.definition for system in UserSystem.objects.order_by("slug")],
        "lookups": {t.name: content for t, content in lookups if t.group_id is None},
        "group_lookups": {t.name: content for t, content in lookups if t.group_id is not None},
        "scripts": exported_scripts(group),
        "connectors": {c.name: _connector(c) for c in Connector.objects.filter(group=group).order_by("name")},
        "services": {
            s.name: _service(s) for s in Service.objects.filter(group=group).select_related("revision").order_by("name")
        },
        **{part.name: part.export(group) for part in parts()},
    }
    return yaml.safe_dump(
        {part: value for part, value in content.items() if value}, sort_keys=False, allow_unicode=True, width=120
    )


def _lookups(group: CompanyGroup, folder: Path | None) -> list[tuple[LookupTable, dict[str, object]]]:
    return [(t, lookup_content(t, folder, number)) for number, t in enumerate(tables(group), 1)]


def _connector(connector: Connector) -> dict[str, Any]:
    entry = CATALOGUE.get(connector.system)
    declared = entry.system.settings
    defaults = effective_settings(entry, connector.environment, {})
    defaults = {s.name: s.default for s in declared} | dict(defaults)
    settings: dict[str, Any] = {k: v for k, v in connector.settings.items() if v != defaults.get(k)}
    secrets = _secrets(connector, [s.name for s in declared if s.secret])
    settings |= {n: {"env": variable(connector.name, n)} for n, v in secrets.items() if v != defaults.get(n)}
    out = {"system": connector.system, "environment": connector.environment, "settings": settings}
    for name, default in (("base_url", ""), ("zone", "UTC"), ("date_format", "")):
        if (value := getattr(connector, name)) != default:
            out[name] = value
    return out


def _secrets(connector: Connector, names: Sequence[str]) -> dict[str, Any]:
    """Those that are set, to be compared only; under a lost key all that could be."""
    try:
        values = stored_values(connector)
    except ConfigError:
        return dict.fromkeys(names, _UNREADABLE)
    return {name: values[name] for name in names if name in values}


_UNREADABLE = object()


def variable(connector: str, setting: str) -> str:
    """The environment variable that an exported secret is to come from."""
    return re.sub(r"\W+", "_", f"{connector}_{setting}").strip("_").upper()


def _service(service: Service) -> dict[str, Any]:
    # Written also when it is empty: a file without a mapping means the default one.
    spec = {"mapping": [], **service.revision.spec} if service.revision else {}
    out: dict[str, Any] = {"active": service.active}
    if service.type != "standard":
        out["type"] = service.type
    return {**out, **spec}
