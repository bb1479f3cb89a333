"""Scripts in files: read with their code inline or beside, compared with what is there, written back."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

import yaml

from topstitch.errors import ConfigError, ScriptError
from topstitch.scripts.model import MEMORY, MOST_CODE, TIMEOUT
from topstitch.store.actions.scripts import Draft, Variable, check_draft, version_content
from topstitch.store.files.read import ScriptFile
from topstitch.store.models import CompanyGroup, Script
from topstitch.store.queries.scripts import version_of

#: Lines of a difference that are shown.
SHOWN = 60


def draft_of(name: str, wanted: ScriptFile, folder: Path, place: str) -> Draft:
    """The version that a file asks for, checked. Raises ConfigError with the place."""
    if (wanted.code is None) == (wanted.file is None):
        raise ConfigError("a script has either code or file", place=place)
    draft = Draft(
        wanted.code if wanted.code is not None else _text(folder / str(wanted.file), place),
        [Variable(n, v) if isinstance(v, str) else Variable(n, v.default, v.help) for n, v in wanted.variables.items()],
        wanted.timeout,
        wanted.memory,
        wanted.description,
        f"From {place}",
    )
    try:
        check_draft(draft, name)
    except (ConfigError, ScriptError) as error:
        raise ConfigError(error.message, place=place, key=error.key, hint=error.hint) from error
    return draft


def _text(path: Path, place: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_CODE + 1)
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}", place=place) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name} is not UTF-8 text", place=place) from error


def script_differences(script: Script, draft: Draft) -> list[str]:
    """What saving would change, in words; of the code the lines, as `diff` shows them."""
    before, after = version_content(version_of(script)), draft.content
    found = [
        f"{name}: {_brief(before[name])} -> {_brief(after[name])}" for name in _others() if before[name] != after[name]
    ]
    if draft.description is not None and draft.description != script.description:
        found.append(f"description: {script.description!r:.60} -> {draft.description!r:.60}")
    lines = list(_code_lines(before["code"], after["code"]))
    return found + (lines if len(lines) <= SHOWN else [*lines[:SHOWN], f"and {len(lines) - SHOWN:,} more lines"])


def _others() -> tuple[str, ...]:
    return ("variables", "timeout", "memory")


def _code_lines(before: str, after: str) -> Iterator[str]:
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    yield from (line for number, line in enumerate(lines) if number > 1)


def _brief(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"{variable['name']}={variable['default']!r:.30}" for variable in value) or "none"
    return f"{value:g}"


def exported_scripts(group: CompanyGroup) -> dict[str, dict[str, Any]]:
    """The latest versions of a company's scripts, as files have them."""
    return {s.name: _content(s) for s in Script.objects.filter(company=group.company).order_by("name")}


def _content(script: Script) -> dict[str, Any]:
    version = version_of(script)
    out: dict[str, Any] = {"description": script.description} if script.description else {}
    out |= {
        n: v
        for n, v, usual in (("timeout", version.timeout, TIMEOUT), ("memory", version.memory, MEMORY))
        if v != usual
    }
    if version.variables:
        out["variables"] = {
            v["name"]: {"default": v["default"], "help": v["help"]} if v["help"] else v["default"]
            for v in version.variables
        }
    return {**out, "code": _Lines(version.code)}


class _Lines(str):
    """Text that YAML writes line by line."""


yaml.SafeDumper.add_representer(
    _Lines, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)
