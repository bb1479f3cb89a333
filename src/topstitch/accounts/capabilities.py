"""What each role may do: the one table. Views, templates, actions and the API ask it, and nothing else decides.

Rows marked `matrix` are the published permission matrix, row by row with its names; the others are what it leaves open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from topstitch.accounts.models import Role
from topstitch.errors import Bug

#: From most to least.
ROLES = tuple(Role)


@dataclass(frozen=True, slots=True)
class Capability:
    """One task of one area, and the least role that may do it."""

    name: str
    area: str
    task: str
    least: Role
    #: A row of the published matrix.
    matrix: bool = False
    #: Only those who are also advanced editors.
    advanced: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that may, from most to least."""
        least = ROLES.index(self.least)
        more = settings.SCRIPT_ROLES if self.name == SCRIPTS_UPDATE else ()
        return tuple(role for n, role in enumerate(ROLES) if n <= least or role in more)

    def allows(self, role: str, *, advanced: bool = False) -> bool:
        """Whether somebody of this role may."""
        return role in self.roles and (advanced or not self.advanced)

    @property
    def who(self) -> str:
        """Who may, in words: `administrators and managers`."""
        names = [WHO[role] for role in self.roles]
        words = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        return f"{words} who are also advanced editors" if self.advanced else words


WHO = {
    Role.ADMINISTRATOR: "administrators",
    Role.MANAGER: "managers",
    Role.USER: "users",
    Role.READ_ONLY: "read-only people",
}
#: TOPSTITCH_SCRIPT_ROLES adds roles to this one.
SCRIPTS_UPDATE = "scripts.update"
_ADMINISTRATOR, _MANAGER, _USER, _ANYBODY = ROLES

TABLE = (
    Capability("connectors.browse", "Service connectors", "Browse connectors", _ANYBODY, matrix=True),
    Capability("connectors.view_settings", "Service connectors", "View connector settings", _MANAGER, matrix=True),
    Capability("connectors.update", "Service connectors", "Update connector settings", _MANAGER, matrix=True),
    Capability("connectors.delete", "Service connectors", "Delete connectors", _MANAGER, matrix=True),
    Capability("services.list", "Services", "View services list", _ANYBODY, matrix=True),
    Capability("services.search", "Services", "Search services list", _ANYBODY, matrix=True),
    Capability("services.view_settings", "Services", "View service settings", _ANYBODY, matrix=True),
    Capability("services.update", "Services", "Update service settings", _MANAGER, matrix=True),
    Capability("services.create", "Services", "Create new service", _MANAGER, matrix=True),
    Capability("services.switch", "Services", "Enable & disable a service", _MANAGER, matrix=True),
    Capability("services.run", "Services", "Run service manually", _MANAGER, matrix=True),
    Capability("reports.list", "Sync reports", "View sync reports list", _ANYBODY, matrix=True),
    Capability("reports.view", "Sync reports", "View sync report details", _ANYBODY, matrix=True),
    Capability("reports.auto_resync", "Sync reports", "Perform an auto resync", _MANAGER, matrix=True),
    Capability("reports.resync", "Sync reports", "Perform a resync", _MANAGER, matrix=True),
    # What the matrix leaves open.
    Capability("home.view", "Home", "See what needs attention", _ANYBODY),
    Capability("find.search", "Home", "Find a record", _ANYBODY),
    Capability("connectors.create", "Service connectors", "Add a connector", _MANAGER),
    Capability("connectors.test", "Service connectors", "Test a connector", _MANAGER),
    Capability("connectors.edit_json", "Service connectors", "Edit settings as JSON", _MANAGER, advanced=True),
    Capability("services.delete", "Services", "Remove a service", _MANAGER),
    Capability("services.note", "Services", "Write a note", _USER),
    Capability("services.moderate_notes", "Services", "Change and remove notes of others", _ADMINISTRATOR),
    Capability("services.preview", "Services", "Try a record without sending it", _MANAGER),
    Capability("services.edit_json", "Services", "Edit settings and mappings as JSON", _MANAGER, advanced=True),
    Capability("runs.view", "Services", "View runs and their logs", _ANYBODY),
    Capability("runs.payloads", "Services", "Download stored payloads", _ANYBODY),
    Capability("runs.stop", "Services", "Stop a run", _MANAGER),
    Capability("reports.export", "Sync reports", "Download the report", _ANYBODY),
    Capability("reports.edit", "Sync reports", "Edit a record and send it", _MANAGER),
    Capability("views.save", "Sync reports", "Save a view of the report", _USER),
    Capability("errors.view", "Errors", "View errors", _ANYBODY),
    Capability("errors.comment", "Errors", "Assign and comment", _USER),
    Capability("errors.settle", "Errors", "Ignore and resolve", _MANAGER),
    Capability("catalogue.view", "Catalogue", "View systems", _ANYBODY),
    Capability("lookups.view", "Lookups", "View lookup tables", _ANYBODY),
    Capability("lookups.update", "Lookups", "Change lookup tables", _MANAGER),
    Capability("scripts.view", "Scripts", "View scripts", _ANYBODY),
    Capability(SCRIPTS_UPDATE, "Scripts", "Change scripts", _ADMINISTRATOR),
    Capability("company.view", "Settings", "View the company", _ANYBODY),
    Capability("company.update", "Settings", "Change the company profile", _ADMINISTRATOR),
    Capability("company.link", "Settings", "Link companies", _ADMINISTRATOR),
    Capability("groups.update", "Settings", "Change company groups", _MANAGER),
    Capability("people.view", "Settings", "View people", _MANAGER),
    Capability("people.update", "Settings", "Invite people and set roles", _MANAGER),
    Capability("api_keys.view", "Settings", "View API keys", _MANAGER),
    Capability("api_keys.update", "Settings", "Create and revoke API keys", _MANAGER),
    Capability("notifications.update", "Settings", "Change notification groups", _ADMINISTRATOR),
    Capability("audit.view", "Settings", "View the audit log", _ADMINISTRATOR),
)
CAPABILITIES: Mapping[str, Capability] = {capability.name: capability for capability in TABLE}


def capability(name: str) -> Capability:
    """The row of this name. A name that is in no row is a mistake of ours, never a permission."""
    try:
        return CAPABILITIES[name]
    except KeyError:
        raise Bug(f"there is no capability {name!r}") from None


def at_least(role: str, other: str) -> bool:
    """Whether a role reaches as far as another."""
    return ROLES.index(Role(role)) <= ROLES.index(Role(other))
