"""Accounts for tests, with hashes that cost nothing."""

from datetime import UTC, datetime

from app.domain.users import Role, User
from app.services import passwords

PASSWORD = "my-cat-sings-at-7"
CHEAP = "scrypt:1024:8:1"


def make_user(username="Ada", **others) -> User:
    """A confirmed editor whose password is PASSWORD."""
    now = datetime.now(UTC).replace(microsecond=0)
    fields = {
        "id": "",
        "email": f"{username.lower()}@example.org",
        "password_hash": passwords.generate_password_hash(PASSWORD, method=CHEAP),
        "role": Role.EDITOR,
        "created_at": now,
        "confirmed_at": now,
    }
    return User(username=username, **(fields | others))
