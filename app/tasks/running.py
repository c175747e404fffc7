"""Doing a task once: claimed in the database, limited in time, its outcome kept where administrators look."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import structlog
from flask import Flask

from app.domain.errors import DatabaseUnavailable
from app.extensions import stores
from app.storage.deadlines import limited
from app.storage.leases import RENEWALS_A_TERM
from app.storage.tasks import Order
from app.tasks.background import DELAYS
from app.tasks.jobs import JOBS
from app.utils.redaction import redacted
from app.utils.repeating import repeating

log = structlog.get_logger(__name__)


class NeverEnded(Exception):
    """Whoever began the task was stopped or died each time, so it is not begun once more."""

    def __init__(self) -> None:
        super().__init__("each time, what had begun it was stopped at its limit, or died")


class TryAgain(Exception):
    """The task failed for now; ``delay`` is the seconds after which it is due again."""

    def __init__(self, delay: float) -> None:
        super().__init__(delay)
        self.delay = delay


def perform(app: Flask, order: Order) -> None:
    """Do a task unless it is done, or somebody is at it, or it is not due yet; raise TryAgain.

    Raises DatabaseUnavailable where that cannot be told. A task that failed for good is kept as such.
    """
    with app.app_context(), _named(order):
        now, holder = datetime.now(UTC), _holder()
        stores().tasks.add(order, now)
        term = timedelta(seconds=app.config["PKYX_TASK_TERM"])
        tries = stores().tasks.claim(order.id, holder, now, now + term)
        if tries > _most_tries(app):
            _record(app, order.id, holder, tries, NeverEnded())
        elif tries:
            with _renewed(app, order.id, holder, term):
                error = _error_of(order)
            _record(app, order.id, holder, tries, error)


def delays(app: Flask) -> tuple[float, ...]:
    """Return the seconds before each further try of a task."""
    return tuple(app.config.get("MAIL_RETRY_DELAYS", DELAYS))


def _most_tries(app: Flask) -> int:
    return len(delays(app)) + 1


def _error_of(order: Order) -> Exception | None:
    job = JOBS[order.name]
    try:
        with limited(job.seconds):
            job.run(**order.arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is kept and tried again
        return error
    return None


def _record(app: Flask, task_id: str, holder: str, tries: int, error: Exception | None) -> None:
    now = datetime.now(UTC)
    if error is None:
        stores().tasks.finish(task_id, holder, now)
        log.info("task done", tries=tries)
        return
    words = redacted(f"{type(error).__name__}: {error}")
    log.warning("task failed", tries=tries, error=words)
    if tries >= _most_tries(app):
        stores().tasks.give_up(task_id, holder, words, now)
        return
    delay = delays(app)[tries - 1]
    stores().tasks.postpone(task_id, holder, words, now + timedelta(seconds=delay), now)
    raise TryAgain(delay) from error


def _renewed(app: Flask, task_id: str, holder: str, term: timedelta) -> AbstractContextManager[None]:
    """Keep the claim while the work goes on, however long its limit is beside the term."""

    def renew() -> None:
        with app.app_context(), suppress(DatabaseUnavailable):
            stores().tasks.renew(task_id, holder, datetime.now(UTC) + term)

    return repeating(renew, term.total_seconds() / RENEWALS_A_TERM, f"task {task_id}")


@contextmanager
def _named(order: Order) -> Iterator[None]:
    names = {"task": order.name, "task_id": order.id, "request_id": order.request_id}
    with structlog.contextvars.bound_contextvars(**{name: told for name, told in names.items() if told}):
        yield


def _holder() -> str:
    return f"{socket.gethostname()} {os.getpid()} {threading.get_ident()}"
