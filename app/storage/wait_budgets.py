"""How long a piece of work waits for the database in all, however often it asks.

Without that, each question to a server that hangs would wait anew. What is counted is the time in which slow
verbs of the stores wait, or wait for others: a body that comes slowly and a batch that gets on cost nothing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

import pymongo

from app.domain.errors import DatabaseUnavailable

# Requests that wait for a thread behind others wait for all of these, so each of them is brief then.
_WHILE_AWAY_SECONDS = 0.5
# A verb that took less is not counted.
_SLOW_SECONDS = 0.5
# How often those who wait for a lock look whether its holders get on.
_LOOK_SECONDS = 0.1
# One that failed after so long tells that the database is away; some give up sooner by themselves.
_LONG_SECONDS = 1.0
# What a verb is given when nothing is left, to clean up with; 0 would mean for ever.
_LEAST_SECONDS = 0.5


class AnyLock(Protocol):
    """A Lock or an RLock of threading."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it; say whether that was possible in time."""

    def release(self) -> None:
        """Give it back."""


class Availability:
    """Whether the last work that asked the database was answered, as far as this process knows."""

    def __init__(self) -> None:
        self.is_away = False


class WaitBudget:
    """What is left of the time that a piece of work may wait; for one thread."""

    def __init__(self, seconds: float, availability: Availability) -> None:
        self._left = seconds
        self._availability = availability
        self._is_waiting = False
        self._is_confirmed = False
        self._answers = self._failures = 0

    def confirm(self) -> None:
        """Take note that a majority answers: a primary that is cut off answers some questions too."""
        self._is_confirmed = True

    def finish(self) -> None:
        """Take note that the database is there, if all was answered."""
        if self._is_confirmed and self._answers and not self._failures:
            self._availability.is_away = False

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Limit what is asked of the database within to what is left, and count it."""
        # One verb that calls another is counted once.
        if self._is_waiting:
            yield
            return
        began, self._is_waiting = time.monotonic(), True
        try:
            with pymongo.timeout(self._share()):
                yield
            self._answers += 1
        except DatabaseUnavailable:
            self._failures += 1
            if time.monotonic() - began >= _LONG_SECONDS:
                self._availability.is_away = True
            raise
        finally:
            self._is_waiting = False
            self._count(time.monotonic() - began)

    def acquire(self, lock: AnyLock) -> None:
        """Take a lock when it is free; raise DatabaseUnavailable if its holder waits in vain."""
        began = time.monotonic()
        try:
            while not lock.acquire(timeout=_LOOK_SECONDS):
                if self._availability.is_away or time.monotonic() - began > self._left:
                    raise DatabaseUnavailable
        finally:
            self._count(time.monotonic() - began)

    def _share(self) -> float:
        left = min(self._left, _WHILE_AWAY_SECONDS) if self._availability.is_away else self._left
        return max(left, _LEAST_SECONDS)

    def _count(self, seconds: float) -> None:
        if self._availability.is_away:
            self._left = min(self._left, _WHILE_AWAY_SECONDS)
        if seconds >= _SLOW_SECONDS:
            self._left -= seconds


_current: ContextVar[WaitBudget | None] = ContextVar("wait_budget", default=None)


@contextmanager
def limited_to(budget: WaitBudget) -> Iterator[None]:
    """Let all verbs of the stores within, in this thread, share ``budget``."""
    token = _current.set(budget)
    try:
        yield
    finally:
        _current.reset(token)
        budget.finish()


def confirm() -> None:
    """Take note, for the budget of this work if it has one, that a majority of the database answers."""
    if (budget := _current.get()) is not None:
        budget.confirm()


@contextmanager
def waiting() -> Iterator[None]:
    """Let what is asked of the database within end when the budget of this work ends, if it has one."""
    budget = _current.get()
    if budget is None:
        yield
        return
    with budget.waiting():
        yield


@contextmanager
def held(lock: AnyLock) -> Iterator[bool]:
    """Hold a lock whose holder may wait for the database; yield whether another held it before.

    Raises DatabaseUnavailable where that waits in vain, if this work has a budget.
    """
    waited = not lock.acquire(blocking=False)
    if waited:
        budget = _current.get()
        if budget is None:
            lock.acquire()
        else:
            budget.acquire(lock)
    try:
        yield waited
    finally:
        lock.release()
