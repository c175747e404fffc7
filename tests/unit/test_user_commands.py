"""``manage.py users``: the first administrator, and roles."""

from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from app.commands import users
from app.commands.errors import spoken
from app.domain.users import Role
from app.services import accounts, passwords
from app.storage import indexes
from app.storage.stores import Stores
from tests.people import CHEAP, PASSWORD, make_user

ROOT = ("create", "--email", "Root@Example.org", "--username", "Root", "--role", "admin")


@pytest.fixture
def stores(mock_database, monkeypatch):
    """An empty site, whose commands work on it."""
    indexes.ensure(mock_database)
    found = Stores.connect(mock_database)

    @contextmanager
    def opened():
        with spoken():
            yield found

    monkeypatch.setattr(users, "open_stores", opened)
    monkeypatch.setattr(passwords, "METHOD", CHEAP)
    return found


def run(*arguments, typed=""):
    return CliRunner().invoke(users.users, arguments, input=typed)


def test_an_administrator_is_made_who_can_log_in_at_once(stores):
    made = run(*ROOT, "--password-stdin", typed=PASSWORD + "\n")
    assert (made.exit_code, made.output) == (0, "Created Root (admin).\n")
    user = accounts.authenticate(stores, "root@example.org", PASSWORD)
    assert (user.username, user.role, user.confirmed_at is not None) == ("Root", Role.ADMIN, True)


def test_without_the_option_the_password_is_asked_for_twice_and_not_shown(stores):
    different = run(*ROOT, typed=f"{PASSWORD}\nanother-cat-8\n" * 3)
    assert different.exit_code == 1 and stores.users.find_by_username("Root") is None
    made = run(*ROOT, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.exit_code == 0 and PASSWORD not in made.output
    assert accounts.authenticate(stores, "Root", PASSWORD).username == "Root"


@pytest.mark.parametrize(
    ("changed", "password", "told"),
    [
        ({"--username": "x"}, PASSWORD, "username:"),
        ({"--email": "nobody"}, PASSWORD, "email:"),
        ({}, "short", "password:"),
        ({}, "", "password:"),
        ({"--username": "ADA"}, PASSWORD, "username:"),
        ({"--email": "ADA@example.org"}, PASSWORD, "already has an account"),
    ],
)
def test_what_breaks_a_rule_is_told_in_a_line_and_makes_nobody(stores, changed, password, told):
    stores.users.insert(make_user("Ada"))
    options = dict(zip(ROOT[1::2], ROOT[2::2], strict=True)) | changed
    arguments = [part for pair in options.items() for part in pair]
    refused = run("create", *arguments, "--password-stdin", typed=password + "\n")
    assert refused.exit_code == 1
    assert told in refused.output and "Traceback" not in refused.output
    assert stores.users.find_by_username("Root") is None


def test_an_unknown_role_is_a_wrong_command_line(stores):
    assert run(*ROOT[:-1], "king", "--password-stdin", typed=PASSWORD).exit_code == 2
    assert run("role", "Ada", "king").exit_code == 2


def test_roles_are_given_and_taken_by_a_name_in_any_case(stores):
    stores.users.insert(make_user("Ada"))
    given = run("role", "ADA", "moderator")
    assert (given.exit_code, given.output) == (0, "Ada is moderator now.\n")
    assert stores.users.find_by_username("Ada").role is Role.MODERATOR
    run("role", "ada", "visitor")
    assert stores.users.find_by_username("Ada").role is Role.VISITOR


def test_a_role_for_nobody_is_told_in_a_line(stores):
    refused = run("role", "nobody", "editor")
    assert refused.exit_code == 1 and "There is no user “nobody”." in refused.output
