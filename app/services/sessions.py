"""Log-ins that the server can end: the cookie holds a random secret, the database its hash."""

import hashlib
import secrets
from datetime import datetime, timedelta

from app.domain.users import Session, User
from app.storage.stores import Stores

# A browser that is not asked to remember drops its cookie when it closes; this is for those that never do.
SHORT = timedelta(days=2)
REMEMBERED = timedelta(days=60)


def open_session(stores: Stores, user: User, lifetime: timedelta, now: datetime) -> str:
    """Begin a log-in of ``user`` as they were when the password was checked; return its secret.

    If the password has been changed since, the session is void from the start.
    """
    secret = secrets.token_urlsafe(32)
    stores.sessions.insert(Session(_key(secret), user.id, user.epoch, now, now + lifetime))
    return secret


def find_user(stores: Stores, secret: str, now: datetime) -> User | None:
    """Return who is logged in by this secret (without hash and address), or None. One query."""
    return stores.sessions.find_user(_key(secret), now)


def end(stores: Stores, secret: str) -> None:
    """End this log-in, wherever its cookie may have got to."""
    stores.sessions.delete(_key(secret))


def end_all(stores: Stores, user_id: str) -> User:
    """End every log-in of a user; return the account, with which a new one can begin."""
    user = stores.users.raise_epoch(user_id)
    stores.sessions.delete_of_user(user_id)
    return user


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
