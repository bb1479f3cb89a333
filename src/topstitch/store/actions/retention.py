"""How long a company keeps things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction

from topstitch.accounts.standing import require
from topstitch.errors import ConfigError
from topstitch.store.actions.audit import audit
from topstitch.store.models import Company
from topstitch.store.retention import PERIODS

if TYPE_CHECKING:
    from topstitch.accounts.models import User


@transaction.atomic
def set_periods(company: Company, days: Mapping[str, int | None], *, person: User | None = None) -> None:
    """Days by the fields of PERIODS; None: as long as the server keeps it. Raises ConfigError for more than that."""
    require(person, company, "company.update")
    for period in PERIODS:
        wanted = days[period.field]
        if wanted is not None and not 1 <= wanted <= period.most:
            raise ConfigError(
                f"this is kept from 1 to {period.most} days",
                place=period.field,
                hint=f"Whoever runs the server decides how long that may be, by TOPSTITCH_{period.setting}.",
            )
    before = {period.field: getattr(company, period.field) for period in PERIODS}
    after = {period.field: days[period.field] for period in PERIODS}
    if before == after:
        return
    for field, value in after.items():
        setattr(company, field, value)
    company.save(update_fields=list(after))
    audit("update", "company", company.pk, company.name, company=company, person=person, before=before, after=after)
