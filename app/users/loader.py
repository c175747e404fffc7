"""Who is asking: the bridge between Flask-Login and the sessions of the database.

What Flask-Login keeps in its cookies as "the user's id" is the random secret of a session, so that a
cookie means nothing once the server has ended the session.
"""

from datetime import UTC, datetime, timedelta

from flask import g, session
from flask_login import AnonymousUserMixin, UserMixin, current_user, login_user, logout_user

from app.domain.errors import DatabaseUnavailable, Unauthenticated
from app.domain.users import ANONYMOUS, Actor, User
from app.extensions import login_manager, stores
from app.services import sessions


class LoggedIn(UserMixin):
    """An account as Flask-Login sees it. ``user`` has no address and no hash: requests need neither."""

    def __init__(self, user: User, secret: str) -> None:
        self.user = user
        self.secret = secret

    def get_id(self) -> str:
        """Return what the cookie keeps: the secret of the session."""
        return self.secret

    @property
    def actor(self) -> Actor:
        """In whose name this person acts."""
        return self.user.actor

    @property
    def username(self) -> str:
        """The name that others see."""
        return self.user.username


class Visitor(AnonymousUserMixin):
    """Somebody without an account."""

    user = None
    secret = ""
    actor = ANONYMOUS
    username = ""


def register() -> None:
    """Let the login manager load accounts from the stores."""
    login_manager.anonymous_user = Visitor
    login_manager.user_loader(load)


def load(secret: str) -> LoggedIn | None:
    """Return who a session belongs to, or None when it ended. One query for each request."""
    if g.get("accounts_are_away"):
        # The page that says so shows a header too, and must not fail in turn.
        return None
    try:
        user = sessions.find_user(stores(), secret, datetime.now(UTC))
    except DatabaseUnavailable:
        g.accounts_are_away = True
        raise
    return LoggedIn(user, secret) if user else None


def log_in(user: User, lifetime: timedelta, *, remember: bool) -> None:
    """Begin a session of ``user`` and hand its secret to the browser, leaving nothing of an earlier one."""
    secret = sessions.open_session(stores(), user, lifetime, datetime.now(UTC))
    session.clear()
    login_user(LoggedIn(user, secret), remember=remember, duration=lifetime, force=True)


def log_out() -> None:
    """End the session on the server and in the browser."""
    if current_user.is_authenticated:
        sessions.end(stores(), current_user.secret)
    session.clear()
    logout_user()


def required_user() -> User:
    """Return who is logged in, without address and hash; raise Unauthenticated."""
    if not current_user.is_authenticated:
        raise Unauthenticated
    return current_user.user  # type: ignore[no-any-return]
