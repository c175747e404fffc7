"""``users``: the first administrator, and roles, from the command line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from app.commands.databases import open_stores
from app.domain.errors import InvalidInput
from app.domain.users import SYSTEM, Role
from app.services import accounts
from app.services.account_rules import Registration
from app.storage.stores import Stores

_ROLE = click.Choice([role.value for role in Role])


@click.group(
    epilog="Example: python manage.py users create --email ada@example.org --username ada --role admin",
    short_help="Create accounts and give roles.",
)
def users() -> None:
    """Create accounts and give roles; the first administrator is made here."""


@users.command(
    epilog='Example: echo "$PASSWORD" | python manage.py users create --email ada@example.org '
    "--username ada --role admin --password-stdin"
)
@click.option("--email", required=True, help="The address of the account; no mail is sent to it.")
@click.option("--username", required=True, help="2 to 32 letters, digits, “_” or “-”.")
@click.option("--role", type=_ROLE, required=True, help="What the account may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, without asking.")
def create(email: str, username: str, role: str, password_stdin: bool) -> None:
    """Create an account that is confirmed already."""
    registration = Registration(email, username, _password(password_stdin))
    with _stores() as stores:
        user = accounts.create(stores, registration, Role(role), datetime.now(UTC))
        click.echo(f"Created {user.username} ({user.role.value}).")


@users.command(name="role", epilog="Example: python manage.py users role ada moderator")
@click.argument("username")
@click.argument("role", type=_ROLE)
def role_(username: str, role: str) -> None:
    """Give the user USERNAME the role ROLE."""
    with _stores() as stores:
        user = accounts.set_role(stores, SYSTEM, username, Role(role), datetime.now(UTC))
        click.echo(f"{user.username} is {user.role.value} now.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


@contextmanager
def _stores() -> Iterator[Stores]:
    with open_stores() as stores:
        try:
            yield stores
        except InvalidInput as error:
            lines = [f"{field.path}: {field.message}" for field in error.errors]
            raise click.ClickException("\n".join(lines)) from error
