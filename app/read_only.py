"""Whether the site takes changes now: PKYX_READ_ONLY for good, or the switch of the administrators.

The switch is in the database and each process looks at it once a second at most, so that requests pay
nothing for it and every host follows within about a second.
"""

import threading
import time
from contextlib import suppress
from typing import cast

from flask import Flask, current_app, request

from app import extensions
from app.domain.errors import DatabaseUnavailable, ReadOnly
from app.storage.switches import ReadOnlySwitch

_MEMORY = "pkyx.read_only"
# Methods that change nothing (RFC 9110, section 9.2.1).
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Else nobody could come in to turn it off.
_ALWAYS_OPEN = frozenset({"main.admin_read_only", "users.login", "users.logout"})


class _Memory:
    """What the switch was when it was last looked at."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._looking = threading.Lock()
        self._looked_at = float("-inf")
        self._is_on = False

    def is_on(self) -> bool:
        """Say whether it is on; a database that is away leaves it as it was."""
        # While one thread looks, the others go by what is known.
        if time.monotonic() - self._looked_at > self._seconds and self._looking.acquire(blocking=False):
            try:
                with suppress(DatabaseUnavailable):
                    self._is_on = ReadOnlySwitch(extensions.database()).is_on()
                self._looked_at = time.monotonic()
            finally:
                self._looking.release()
        return self._is_on

    def know(self, *, on: bool) -> None:
        """Be told what the switch is now."""
        # Whoever looks at this moment may have seen what was before, and would say it is the present.
        with self._looking:
            self._is_on, self._looked_at = on, time.monotonic()


def register(app: Flask) -> None:
    """Refuse changes while the site is read-only, and give templates ``is_read_only()``."""
    app.extensions[_MEMORY] = _Memory(app.config["READ_ONLY_SECONDS"])
    app.before_request(_refuse_changes)
    app.jinja_env.globals["is_read_only"] = is_on


def is_on() -> bool:
    """Say whether the site takes no changes now."""
    return bool(current_app.config["PKYX_READ_ONLY"]) or _memory().is_on()


def turn(*, on: bool) -> None:
    """Turn the switch; this process knows at once, the others within a second."""
    ReadOnlySwitch(extensions.database()).turn(on=on)
    _memory().know(on=on)


def _memory() -> _Memory:
    return cast(_Memory, current_app.extensions[_MEMORY])


def _refuse_changes() -> None:
    if request.method in READING:
        return
    is_fixed = current_app.config["PKYX_READ_ONLY"]
    if is_fixed or (request.endpoint not in _ALWAYS_OPEN and _memory().is_on()):
        raise ReadOnly
