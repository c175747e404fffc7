"""What spares a busy client of Basic authentication the password hash at every request."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from app.domain.users import User
from app.utils.lru import BoundedCache

SIZE = 1024
SECONDS = 300.0


class PasswordMemory:
    """Knows, for some minutes and in this process alone, which passwords were found to fit.

    It keeps no password: an entry is an HMAC-SHA256, under a random key that never leaves the process,
    of the user's id, password hash and password. A changed password changes the hash, so an entry
    never outlives what it was made from. Safe among threads.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = secrets.token_bytes(32)
        self._until: BoundedCache[bytes, float] = BoundedCache(SIZE)
        self._clock = clock

    def remember(self, user: User, password: str) -> None:
        """Note that ``password`` was found to fit."""
        self._until.put(self._digest(user, password), self._clock() + SECONDS)

    def knows(self, user: User, password: str) -> bool:
        """Say whether it was found to fit of late, under the hash that the account has now."""
        until = self._until.get(self._digest(user, password))
        return until is not None and self._clock() < until

    def _digest(self, user: User, password: str) -> bytes:
        parts = (user.id, user.password_hash, password)
        message = b"\0".join(hashlib.sha256(part.encode(errors="replace")).digest() for part in parts)
        return hmac.digest(self._key, message, "sha256")
