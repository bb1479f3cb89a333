"""Addresses of the settings."""

from __future__ import annotations

from allauth.account import views as passwords
from allauth.mfa.base import views as steps
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.urls import path
from django.views.generic import RedirectView

from topstitch.web.access import personal
from topstitch.web.settings import account, audit, company, keys, people, retention

two_steps = personal(steps.index)

urlpatterns = [
    path("", personal(RedirectView.as_view(pattern_name="company")), name="settings"),
    path("switch", company.switch, name="switch"),
    path("company", company.company, name="company"),
    path("company/save", company.save_company, name="save_company"),
    path("company/linked", company.add_linked, name="add_linked"),
    path("company/linked/<int:company_id>/unlink", company.unlink, name="unlink"),
    path("groups", company.groups, name="groups"),
    path("groups/add", company.add_group, name="add_group"),
    path("groups/<int:group_id>/rename", company.rename_group, name="rename_group"),
    path("groups/<int:group_id>/remove", company.remove_group, name="remove_group"),
    path("people", people.people, name="people"),
    path("people/roles", people.matrix, name="roles"),
    path("people/invite", people.invite, name="invite"),
    path("people/invitations/<int:invitation_id>/resend", people.resend, name="resend"),
    path("people/invitations/<int:invitation_id>/withdraw", people.withdraw, name="withdraw"),
    path("people/<int:membership_id>", people.person, name="person"),
    path("people/<int:membership_id>/save", people.save_person, name="save_person"),
    path("people/<int:membership_id>/switch", people.switch_person, name="switch_person"),
    path("people/<int:membership_id>/remove", people.remove_person, name="remove_person"),
    path("people/<int:membership_id>/reset", people.send_reset, name="send_reset"),
    path("api-keys", keys.keys, name="api_keys"),
    path("api-keys/make", keys.make_key, name="make_key"),
    path("api-keys/<int:key_id>/revoke", keys.end_key, name="end_key"),
    path("kept", retention.retention, name="retention"),
    path("audit", audit.audit_log, name="audit_log"),
    path("audit/<int:event_id>", audit.audit_event, name="audit_event"),
    path("account", account.account, name="account"),
    path("account/save", account.save_account, name="save_account"),
    # Django-allauth's, by its own names.
    path("account/password", personal(passwords.password_change), name="account_change_password"),
    path("account/confirm", personal(passwords.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code", personal(steps.reauthenticate), name="mfa_reauthenticate"),
    path("account/confirm/passkey", personal(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("account/security", two_steps, name="mfa_index"),
    path("account/security", two_steps, name="mfa_list_webauthn"),
    path("account/security/app", personal(totp.activate_totp), name="mfa_activate_totp"),
    path("account/security/app/remove", personal(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/security/codes", personal(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/security/codes/new", personal(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("account/security/codes/file", personal(codes.download_recovery_codes), name="mfa_download_recovery_codes"),
    path("account/security/passkeys/add", personal(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/security/passkeys/<int:pk>/remove", personal(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/security/passkeys/<int:pk>/edit", personal(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/sessions", personal(sessions.list_usersessions), name="usersessions_list"),
]
