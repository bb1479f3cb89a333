"""Run inside a product's environment: a person for every role, signed in. Prints {role: session key} as JSON."""

from __future__ import annotations

import json

from topstitch.runtime.django import setup


def main() -> None:
    """Make them."""
    setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from topstitch.accounts.models import Membership, Role, User
    from topstitch.store.actions.companies import default_group

    company = default_group().company
    sessions: dict[str, str] = {}
    for role in Role:
        email = f"{role.value.replace('_', '-')}@example.com"
        person = User.objects.filter(email=email).first() or User.objects.create_user(email, name=str(role.label))
        Membership.objects.get_or_create(user=person, company=company, defaults={"role": role})
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        sessions[role.value] = str(session.session_key)
    print(json.dumps(sessions))


if __name__ == "__main__":
    main()
