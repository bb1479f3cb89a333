"""Scripts: saving versions, deleting, and who may."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from topstitch.accounts.capabilities import SCRIPTS_UPDATE
from topstitch.accounts.standing import may
from topstitch.errors import ConfigError
from topstitch.scripts import shared_sandbox
from topstitch.scripts.model import LONGEST_TIMEOUT, MEMORY, MOST_MEMORY, TIMEOUT
from topstitch.store.actions.audit import audit
from topstitch.store.models import Company, Script, ScriptVersion
from topstitch.store.queries.scripts import who_uses

if TYPE_CHECKING:
    from topstitch.accounts.models import User

#: Variables of a script.
MOST_VARIABLES = 100
_NAME = re.compile(r"[A-Za-z_][\w.\-]{0,99}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A text that each use of a script may set."""

    name: str
    default: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A version to be. Without a description the script keeps the one it has."""

    code: str
    variables: Sequence[Variable] = ()
    timeout: float = TIMEOUT
    memory: int = MEMORY
    description: str | None = None
    note: str = ""

    @property
    def content(self) -> dict[str, Any]:
        """What makes a new version when it changes."""
        return {
            "code": self.code.replace("\r\n", "\n").replace("\r", "\n"),
            "variables": [asdict(variable) for variable in self.variables],
            "timeout": self.timeout,
            "memory": self.memory,
        }


def may_edit_scripts(person: User | None, company: Company) -> bool:
    """Who may save and delete scripts: administrators, and the roles of TOPSTITCH_SCRIPT_ROLES.

    None is whoever sits at the server: the command line and files.
    """
    return may(person, company, SCRIPTS_UPDATE)


def check_draft(draft: Draft, name: str) -> None:
    """Raise ConfigError or ScriptError, with its line, for what cannot be saved."""
    if not name.strip() or len(name) > 200 or "\0" in name:
        raise ConfigError("a script needs a name of at most 200 characters", place=name[:80], key="script")
    if not 0 < draft.timeout <= LONGEST_TIMEOUT:
        raise ConfigError(f"timeout is more than 0 and at most {LONGEST_TIMEOUT:g} seconds", place=name, key="script")
    if not 8 <= draft.memory <= MOST_MEMORY:
        raise ConfigError(f"memory is from 8 to {MOST_MEMORY} MB", place=name, key="script")
    names = [variable.name for variable in draft.variables]
    if len(names) > MOST_VARIABLES or len(set(names)) < len(names):
        raise ConfigError(f"a script has at most {MOST_VARIABLES} variables, each once", place=name, key="script")
    for variable in names:
        if not _NAME.fullmatch(variable):
            raise ConfigError(
                f"{variable[:80]!r} cannot be the name of a variable: letters, digits and _ . - only",
                place=name,
                key="script",
            )
    shared_sandbox().check(draft.code, name=name)


@transaction.atomic
def save_script(company: Company, name: str, draft: Draft, *, person: User | None = None) -> Script:
    """Create a script, or give the one of this name a new version if anything changed. Its code is checked first.

    Raises ConfigError for a person who may not, or a draft that cannot be; ScriptError with the line for its code.
    """
    _allowed(person, company)
    check_draft(draft, name)
    script, created = Script.objects.get_or_create(company=company, name=name)
    # Whoever saves the same script waits here.
    script = Script.objects.select_for_update().get(pk=script.pk)
    last = script.versions.order_by("-number").first()
    before, after = (version_content(last) if last else None), draft.content
    description = script.description if draft.description is None else draft.description
    if before == after and description == script.description:
        return script
    if before != after:
        script.version = last.number + 1 if last else 1
        ScriptVersion.objects.create(
            script=script, number=script.version, note=draft.note[:500], author=person, at=timezone.now(), **after
        )
    script.description = description
    script.save()
    audit(
        "create" if created else "update",
        "script",
        script.pk,
        name,
        company=company,
        person=person,
        before=before,
        after={**after, "version": script.version},
    )
    return script


def create_script(company: Company, name: str, draft: Draft, *, person: User | None = None) -> Script:
    """A new one. Raises ConfigError for a name that is taken, and what `save_script` raises."""
    _allowed(person, company)
    if Script.objects.filter(company=company, name=name).exists():
        raise ConfigError(
            f"there is a script {name!r} already", key="script", hint="Choose another name, or change that script."
        )
    return save_script(company, name, draft, person=person)


def restore_script(script: Script, version: ScriptVersion, *, person: User | None = None) -> Script:
    """What a script was in a version, as its next one. Raises what `save_script` raises."""
    variables = [Variable(**variable) for variable in version.variables]
    note = f"Version {version.number} restored"
    draft = Draft(version.code, variables, version.timeout, version.memory, note=note)
    return save_script(script.company, script.name, draft, person=person)


def version_content(version: ScriptVersion) -> dict[str, Any]:
    """A version in the shape of a draft's content."""
    return {name: getattr(version, name) for name in ("code", "variables", "timeout", "memory")}


@transaction.atomic
def delete_script(script: Script, *, person: User | None = None) -> None:
    """Delete a script with all its versions. Raises ConfigError naming the services that use it."""
    _allowed(person, script.company)
    if users := sorted({use.service for use in who_uses(script)}):
        raise ConfigError(
            f"the script {script.name!r} is used by {', '.join(users)}", hint="Take it out of these services first."
        )
    audit(
        "delete",
        "script",
        script.pk,
        script.name,
        company=script.company,
        person=person,
        before={"version": script.version},
    )
    script.delete()


def _allowed(person: User | None, company: Company) -> None:
    if not may_edit_scripts(person, company):
        raise ConfigError(
            "only administrators may change scripts",
            key="permission",
            hint="An administrator can change it, or allow other roles with TOPSTITCH_SCRIPT_ROLES.",
        )
