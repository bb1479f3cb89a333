"""The API keys of a company."""

from __future__ import annotations

from django.db.models import QuerySet

from topstitch.store.models import ApiKey, Company


def keys_of(company: Company) -> QuerySet[ApiKey]:
    """Those that are not revoked, newest first."""
    return ApiKey.objects.filter(company=company, revoked_at=None).select_related("person").order_by("-pk")


def find_key(company: Company, key_id: int) -> ApiKey | None:
    """A key; None when it is not there, revoked, or another company's."""
    return keys_of(company).filter(pk=key_id).first()
