"""Keys for programs: made, shown once, revoked, recognised."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from hmac import compare_digest

from django.db import transaction
from django.utils import timezone

from topstitch.accounts.models import User
from topstitch.accounts.standing import require
from topstitch.store.actions.audit import audit
from topstitch.store.actions.invitations import digest
from topstitch.store.models import ApiKey, Company

#: The last use is written down at most so often.
NOTED_EVERY = timedelta(minutes=1)
_SHAPE = re.compile(r"(ts_[a-z0-9]{8})_[A-Za-z0-9_-]{43}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@transaction.atomic
def create_key(
    company: Company, name: str, scope: str, *, expires_at: datetime | None = None, person: User | None = None
) -> tuple[ApiKey, str]:
    """A key; the second of the pair is the key itself, known only now."""
    require(person, company, "api_keys.update")
    prefix = "ts_" + "".join(secrets.choice(_LETTERS) for _ in range(8))
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        company=company,
        name=name,
        prefix=prefix,
        digest=digest(text),
        scope=scope,
        person=person,
        expires_at=expires_at,
    )
    shown = {"scope": scope, "expires": expires_at.date().isoformat() if expires_at else "never", "begins": prefix}
    audit("create", "api_key", key.pk, name, company=company, person=person, after=shown)
    return key, text


@transaction.atomic
def revoke_key(key: ApiKey, *, person: User | None = None) -> None:
    """From now on the key opens nothing."""
    require(person, key.company, "api_keys.update")
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        before = {"scope": key.scope, "begins": key.prefix}
        audit("delete", "api_key", key.pk, key.name, company=key.company, person=person, before=before)


def key_of(text: str) -> ApiKey | None:
    """The key that a program shows, its use noted; None for what is no key, or one that is revoked or past its day."""
    shape = _SHAPE.fullmatch(text)
    key = ApiKey.objects.select_related("company").filter(prefix=shape[1]).first() if shape else None
    if key is None or not compare_digest(key.digest, digest(text)) or not is_good(key):
        return None
    now = timezone.now()
    if key.used_at is None or now - key.used_at > NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(used_at=now)
    return key


def is_good(key: ApiKey) -> bool:
    """Whether a key still opens something."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > timezone.now())
