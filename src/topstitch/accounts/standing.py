"""Where a person stands in a company: by their own membership, or by that of the company it is linked to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from topstitch.accounts.capabilities import capability
from topstitch.accounts.models import Membership, Role, User
from topstitch.errors import ConfigError

if TYPE_CHECKING:
    from topstitch.store.models import Company


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's role in a company."""

    role: str
    advanced: bool
    #: They switched in from the company above.
    linked: bool = False

    @property
    def role_name(self) -> str:
        """As people say it."""
        return str(Role(self.role).label)

    def may(self, name: str) -> bool:
        """Whether they may do what a row of the table says."""
        return capability(name).allows(self.role, advanced=self.advanced)


def standing_in(person: User, company: Company) -> Standing | None:
    """Their own membership counts first; else that of the parent company, if it lets them switch in."""
    if not person.is_active:
        return None
    memberships = Membership.objects.filter(user=person, is_active=True)
    own = memberships.filter(company_id=company.pk).first()
    if own:
        return Standing(own.role, own.advanced_editor)
    above = company.parent_id and memberships.filter(company_id=company.parent_id, switches=True).first()
    return Standing(above.role, above.advanced_editor, linked=True) if above else None


def may(person: User | None, company: Company, name: str) -> bool:
    """Whether a person may do something in a company. None is whoever sits at the server: the command line and files."""
    if person is None:
        return True
    standing = standing_in(person, company)
    return standing is not None and standing.may(name)


def require(person: User | None, company: Company, name: str) -> None:
    """Raise ConfigError for a person who may not; actions begin with this."""
    if not may(person, company, name):
        row = capability(name)
        raise ConfigError(
            f"{row.task[0].lower()}{row.task[1:]}: only {row.who} may",
            key="permission",
            hint="An administrator of the company can do it, or change your role.",
        )
