"""People on the command line: whoever sits at the server can always let somebody in."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Any

import click

from topstitch.cli.output import as_json as print_json
from topstitch.cli.output import json_option, table
from topstitch.cli.start import ready
from topstitch.errors import ConfigError

if TYPE_CHECKING:
    from topstitch.accounts.models import Membership, User
    from topstitch.store.models import Company

ROLES = ("administrator", "manager", "user", "read_only")
role_option = click.option("--role", type=click.Choice(ROLES), default="administrator", show_default=True)
company_option = click.option("--company", help="Short name of the company; needed only where there are several.")


@click.group()
def users() -> None:
    """People, their roles, and getting in again."""


@users.command()
@click.argument("email")
@click.option("--name", default="", help="How they are called.")
@role_option
@company_option
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
def create(email: str, name: str, role: str, company: str | None, password_stdin: bool) -> None:
    """Make a person, or give somebody who is known a place in another company."""
    place = _company(company)
    from topstitch.store.actions.people import create_person
    from topstitch.store.queries.people import is_known

    known = is_known(email.strip().lower())
    password = _given_password() if password_stdin else secrets.token_urlsafe(12)
    if not known:
        _check(email, password)
    person = create_person(email, password, place, role, name=name)
    click.echo(f"{person.email} is {_words(role)} of {place.name}.")
    if not known and not password_stdin:
        click.echo(f"Password: {password}")
    elif known:
        click.echo("They sign in with the password that they have.")


@users.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List people with their places."""
    ready()
    from topstitch.store.queries.people import everybody

    rows = [_row(person, membership) for person, membership in everybody()]
    if as_json:
        print_json(rows)
    else:
        table(rows, {c: c.replace("_", " ") for c in ("email", "name", "company", "role", "state", "last_sign_in")})


def _row(person: User, membership: Membership | None) -> dict[str, Any]:
    active = person.is_active and (membership is None or membership.is_active)
    return {
        "email": person.email,
        "name": person.name,
        "company": membership.company.slug if membership else "",
        "role": membership.role if membership else "",
        "advanced_editor": bool(membership and membership.advanced_editor),
        "state": "active" if active else "switched off",
        "last_sign_in": person.last_login,
    }


@users.command("reset-password")
@click.argument("email")
@click.option("--link", is_flag=True, help="Print a link to set a new one, instead of setting one.")
@click.option("--password-stdin", is_flag=True, help="Read the new password from standard input.")
@click.option("--second-step", is_flag=True, help="Also remove their authenticator app, recovery codes and passkeys.")
def reset_password(email: str, link: bool, password_stdin: bool, second_step: bool) -> None:
    """Set a new password, which signs the person out everywhere."""
    person = _person(email)
    from topstitch.store.actions.people import remove_second_steps, set_password

    if second_step:
        remove_second_steps(person)
        click.echo("The second step and the passkeys are removed.")
    if link:
        from topstitch.web.account.links import reset_link

        click.echo(f"{reset_link(person)}\nIt works once and for an hour.")
        return
    password = _given_password() if password_stdin else secrets.token_urlsafe(12)
    _check(person.email, password)
    set_password(person, password)
    click.echo(f"{person.email} has a new password." if password_stdin else f"Password: {password}")


@users.command("set-role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@company_option
@click.option("--advanced-editor/--no-advanced-editor", default=None, help="The JSON editors.")
@click.option("--switches/--no-switches", default=None, help="May switch into linked companies.")
def set_role(email: str, role: str, company: str | None, advanced_editor: bool | None, switches: bool | None) -> None:
    """Give a person another role; somebody who was switched off is switched on."""
    place, person = _company(company), _person(email)
    from topstitch.store.actions.people import change_place, set_active

    membership = person.memberships.filter(company=place).first()
    if membership is None:
        raise ConfigError(f"{person.email} is not in {place.name}", hint="Use `topstitch users create`.")
    advanced = membership.advanced_editor if advanced_editor is None else advanced_editor
    change_place(membership, role=role, advanced_editor=advanced, switches=switches)
    set_active(membership, True)
    click.echo(f"{person.email} is {_words(role)} of {place.name}.")


def _words(role: str) -> str:
    from topstitch.accounts.models import Role

    return str(Role(role).label).lower()


def _company(slug: str | None) -> Company:
    ready()
    from topstitch.store.actions.companies import default_group
    from topstitch.store.models import Company

    if slug is None:
        default_group()
        companies = list(Company.objects.order_by("pk")[:2])
        if len(companies) == 1:
            return companies[0]
        raise ConfigError("there are several companies", hint=f"Say which with --company: {_slugs()}.")
    found = Company.objects.filter(slug=slug).first()
    if found is None:
        raise ConfigError(f"there is no company {slug!r}", hint=f"There are {_slugs()}.")
    return found


def _slugs() -> str:
    from topstitch.store.models import Company

    return ", ".join(Company.objects.order_by("slug").values_list("slug", flat=True)[:20])


def _person(email: str) -> User:
    ready()
    from topstitch.accounts.models import User

    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise ConfigError(
            f"there is nobody with the address {email!r}", hint="`topstitch users list` shows who is there."
        )
    return found


def _check(email: str, password: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    for check, value in ((validate_email, email), (validate_password, password)):
        try:
            check(value)
        except ValidationError as error:
            raise ConfigError(" ".join(error.messages), hint="Choose another one.") from error


def _given_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


COMMANDS = (users,)
