"""What an account may look like: the rules that the registration form shows beside its fields."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from email_validator import EmailNotValidError, validate_email

from app.domain.errors import FieldError, ValueRefused
from app.domain.messages import N_, Message
from app.domain.usernames import LONGEST, SHORTEST, is_reserved, is_well_formed, normal_username
from app.services import passwords


@dataclass(frozen=True, slots=True)
class Registration:
    """What a newcomer filled in, as it was typed."""

    email: str
    username: str
    password: str
    locale: str = ""


def check(registration: Registration, username_taken: bool) -> tuple[Registration, list[FieldError]]:
    """Return the registration in its normal form, and everything that is wrong with it."""
    errors: list[FieldError] = []
    email = _collect(errors, "email", lambda: normal_email(registration.email))
    username = _collect(errors, "username", lambda: _new_username(registration.username, username_taken))
    checks = (registration.password, registration.username, registration.email)
    _collect(errors, "password", lambda: passwords.checked(*checks))
    return replace(registration, email=email, username=username), errors


def normal_email(email: str) -> str:
    """Return the address in its normal form; raise ValueRefused. Nobody is asked over the network."""
    try:
        # The "test environment" lets reserved .test domains pass, which no stranger can own anyway.
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except (EmailNotValidError, UnicodeError) as error:
        raise ValueRefused(Message(N_("An e-mail address like name@example.org was expected."))) from error


def _new_username(typed: str, taken: bool) -> str:
    username = normal_username(typed)
    if not is_well_formed(username):
        limits = {"least": SHORTEST, "most": LONGEST}
        raise ValueRefused(
            Message(N_("A username has %(least)s to %(most)s letters, digits, “_” or “-”."), limits)
        )
    if taken or is_reserved(username):
        raise ValueRefused(Message(N_("The username “%(name)s” is taken."), {"name": username}))
    return username


def _collect(errors: list[FieldError], path: str, checked: Callable[[], str]) -> str:
    try:
        return checked()
    except ValueRefused as error:
        errors.append(FieldError(path, error.message))
        return ""
