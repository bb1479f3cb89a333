"""People, known by their e-mail address, and what they may do in which company."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager["User"]):
    """Makes people."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who signs in with this address."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: How they want to see things: IANA time zone, and `light`, `dark` or "" for as the device.
    zone = models.CharField(max_length=60, blank=True)
    theme = models.CharField(max_length=10, blank=True)
    #: Where they were last, which is where they begin after signing in.
    company = models.ForeignKey("store.Company", on_delete=models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    """What a person may do, from most to least."""

    ADMINISTRATOR = "administrator", "Administrator"
    MANAGER = "manager", "Manager"
    USER = "user", "User"
    READ_ONLY = "read_only", "Read-only"


class Membership(models.Model):
    """A person's place in a company."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.READ_ONLY)
    #: Held in addition to the role: the JSON editors.
    advanced_editor = models.BooleanField(default=False)
    #: May switch into the companies that are linked to this one.
    switches = models.BooleanField(default=False)
    #: Switched off, the person is out of this company and keeps their place for later.
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One membership of a company a person."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "company"], name="one_membership_per_company")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.company}: {self.get_role_display()}"


class Invitation(models.Model):
    """An offer of a place in a company, made to an e-mail address; of its link only a digest is kept."""

    company = models.ForeignKey("store.Company", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.READ_ONLY)
    advanced_editor = models.BooleanField(default=False)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        """One open invitation an address; accepted and withdrawn ones are deleted, the audit log tells of them."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "email"], name="one_invitation_per_address")
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.company}"
