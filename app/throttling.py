"""How often somebody may try to log in: per address and per account, the same for pages and API.

Only failures count, so that nobody is kept out by their own success; an account's name is folded, so
that other spellings of it are no further attempts. Counts live where Flask-Limiter's do (memory or
Redis); while a Redis is away they are kept in the process.
"""

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from weakref import WeakKeyDictionary

import structlog
from flask import request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from redis.exceptions import RedisError

from app.domain.errors import InvalidInput, LoginRefused, TooManyAttempts
from app.domain.usernames import username_key
from app.extensions import limiter

T = TypeVar("T")

PER_ACCOUNT = parse("10 per 15 minutes")
PER_ADDRESS = parse("60 per 15 minutes")
# Each of these sends a mail to somebody.
MAILS_PER_ADDRESS = parse("60 per hour")
MAILS_PER_RECIPIENT = parse("10 per hour")

_local = FixedWindowRateLimiter(MemoryStorage())
# A store that failed is left alone for so many seconds, or each request would wait for it again.
_PAUSE = 5.0
_away_until: WeakKeyDictionary[Storage, float] = WeakKeyDictionary()

log = structlog.get_logger(__name__)


@contextmanager
def login_attempt(identifier: str) -> Iterator[None]:
    """Raise TooManyAttempts if too many failed of late; count this one if LoginRefused leaves the block.

    It is counted before and given back after, so that a thousand attempts at once are a thousand too.
    """
    limits = _login_limits(identifier)
    try:
        for limit, key in limits:
            _require(limit, key)
    except TooManyAttempts:
        log.warning("log-in throttled", **_attempt(identifier))
        raise
    try:
        yield
    except LoginRefused:
        log.warning("log-in refused", **_attempt(identifier))
        raise
    except BaseException:
        _give_back(limits)
        raise
    _give_back(limits)
    log.info("log-in", **_attempt(identifier))


@dataclass(frozen=True, slots=True)
class Window:
    """How much of a limit is left; ``reset`` is in seconds from now."""

    limit: RateLimitItem
    allowed: bool
    remaining: int
    reset: int


def count(limit: RateLimitItem, key: str) -> Window | None:
    """Count one request under ``key`` and return what is left; None where limits are switched off."""
    if not limiter.enabled:
        return None
    allowed = _ask(lambda strategy: strategy.hit(limit, key))
    stats = _ask(lambda strategy: strategy.get_window_stats(limit, key))
    reset = max(1, math.ceil(stats.reset_time - time.time()))
    return Window(limit, allowed, max(0, stats.remaining), reset)


def check_mail(recipient: str) -> None:
    """Count an order for a mail to somebody; raise TooManyAttempts if there were too many."""
    for limit, key in _mail_limits(recipient):
        _require(limit, key)


@contextmanager
def mail_order(recipient: str) -> Iterator[None]:
    """As :func:`check_mail`, but an order that InvalidInput ends sends no mail and does not count."""
    check_mail(recipient)
    try:
        yield
    except InvalidInput:
        _give_back(_mail_limits(recipient))
        raise


def _mail_limits(recipient: str) -> tuple[tuple[RateLimitItem, str], ...]:
    to = username_key(recipient)[:320]
    return (MAILS_PER_ADDRESS, f"mail from {_remote_address()}"), (MAILS_PER_RECIPIENT, f"mail to {to}")


def _login_limits(identifier: str) -> tuple[tuple[RateLimitItem, str], ...]:
    account = username_key(identifier)[:320]
    return (PER_ADDRESS, f"login from {_remote_address()}"), (PER_ACCOUNT, f"login to {account}")


def _attempt(identifier: str) -> dict[str, str]:
    # The same account has the same mark in every line; who typed a password for a name has not logged it.
    mark = hashlib.sha256(username_key(identifier).encode(errors="replace")).hexdigest()[:12]
    return {"account": mark, "address": _remote_address()}


def _remote_address() -> str:
    return request.remote_addr or "nowhere"


def _require(limit: RateLimitItem, key: str) -> None:
    if not limiter.enabled or _ask(lambda strategy: strategy.hit(limit, key)):
        return
    reset_at = _ask(lambda strategy: strategy.get_window_stats(limit, key)).reset_time
    raise TooManyAttempts(max(1, math.ceil(reset_at - time.time())))


def _give_back(limits: tuple[tuple[RateLimitItem, str], ...]) -> None:
    for limit, key in limits if limiter.enabled else ():
        _ask(partial(_hit_back, limit, key))


def _hit_back(limit: RateLimitItem, key: str, strategy: RateLimiter) -> bool:
    return strategy.hit(limit, key, cost=-1)


def _ask(question: Callable[[RateLimiter], T]) -> T:
    shared = limiter.limiter
    if time.monotonic() >= _away_until.get(shared.storage, 0):
        try:
            return question(shared)
        except (RedisError, OSError) as error:
            _away_until[shared.storage] = time.monotonic() + _PAUSE
            log.warning("the store of rate limits is away, this process counts by itself", error=repr(error))
    return question(_local)
