"""Who is calling: Basic, Bearer, or a token as the Basic username. No cookie counts here."""

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import NoReturn, cast
from zlib import crc32

from flask import Response, current_app, g, request
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth, MultiAuth
from werkzeug.datastructures import Headers

from app import throttling
from app.domain.errors import LoginRefused, Unauthenticated
from app.domain.permissions import Permission, require
from app.domain.users import ANONYMOUS, Actor, User
from app.extensions import stores
from app.services import accounts
from app.services.password_memory import PasswordMemory
from app.services.tokens import Tokens
from app.storage.wait_budgets import held

_MEMORY = "pkyx.password_memory"
# One hash at a time for each account: those who wait find its result remembered.
_LOCKS: Sequence[Lock] = tuple(Lock() for _ in range(64))


class _BearerAuth(HTTPTokenAuth):  # type: ignore[misc]  # the library has no types
    """Takes the scheme in any case, as RFC 9110 (section 11.1) says; the library compares it as written."""

    def is_compatible_auth(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("Authorization", "").strip().partition(" ")
        return bool(token) and scheme.casefold() == "bearer"


_basic = HTTPBasicAuth(realm="pkyx")
_bearer = _BearerAuth("Bearer", realm="pkyx")
_either = MultiAuth(_basic, _bearer)


@_basic.verify_password
def find_by_basic(name: str, password: str) -> User | None:
    """Return whose token or credentials these are, or None; raise TooManyAttempts."""
    if not name:
        return None
    user = find_by_token(name)
    if user is None:
        user = _find_by_password(name, password)
        g.api_by_password = user is not None
    return user


@_bearer.verify_token
def find_by_token(token: str) -> User | None:
    """Return whose token this is, or None."""
    return tokens().find_user(stores(), token, datetime.now(UTC)) if token else None


@_basic.error_handler
@_bearer.error_handler
def _refuse(_status: int) -> NoReturn:
    raise Unauthenticated


@_either.login_required
def require_user() -> Response | None:
    """Let only authenticated requests pass; raise Unauthenticated."""
    return None


def caller() -> User:
    """Return who calls, once :func:`require_user` let the request pass."""
    user = _either.current_user()
    if user is None:
        raise Unauthenticated
    return cast(User, user)


def actor() -> Actor:
    """Return in whose name the request acts."""
    return caller().actor


def allowed(permission: Permission) -> Actor:
    """Return in whose name the request acts; raise Forbidden if they may not do this, whatever they sent."""
    acting = actor()
    require(acting, permission, datetime.now(UTC))
    return acting


def reader() -> Actor:
    """Return who reads: nobody known, unless credentials were sent; raise Unauthenticated for bad ones."""
    if "Authorization" not in request.headers:
        return ANONYMOUS
    require_user()
    return actor()


def tokens() -> Tokens:
    """Return what makes and reads this site's tokens."""
    return Tokens(str(current_app.config["SECRET_KEY"]))


def _find_by_password(name: str, password: str) -> User | None:
    memory = current_app.extensions.setdefault(_MEMORY, PasswordMemory())
    known = accounts.recognise(stores(), name, password, memory)
    if known is not None:
        return known
    with held(_LOCKS[crc32(name.encode(errors="replace")) % len(_LOCKS)]):
        return accounts.recognise(stores(), name, password, memory) or _checked(name, password, memory)


def _checked(name: str, password: str, memory: PasswordMemory) -> User | None:
    try:
        with throttling.login_attempt(name):
            user = accounts.authenticate(stores(), name, password)
    except LoginRefused:
        return None
    # Read again: a hash of older parameters has just been renewed.
    memory.remember(stores().users.get(user.id), password)
    return user
