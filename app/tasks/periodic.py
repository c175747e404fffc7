"""What is done by itself every hour or day, and taking up what was lost.

A tick may come twice, or from several hosts: a periodic task is named by its job and hour, so it is done
once.
"""

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

import structlog
from flask import Flask

from app import read_only
from app.domain.errors import DatabaseUnavailable
from app.extensions import stores
from app.storage.tasks import Order
from app.tasks.jobs import JOBS

TICK_SECONDS = 10.0
_SEND = "pkyx.send"
_TICKING = "pkyx.ticking"

log = structlog.get_logger(__name__)


def register(app: Flask, send: Callable[[Flask, Order], None]) -> None:
    """Let the tasks that are due be given to ``send``."""
    app.extensions[_SEND] = send


def tick(app: Flask) -> None:
    """Send what is due by now: periodic tasks, and tasks that a queue or a dead worker lost.

    A site that is read-only leaves both for later.
    """
    now = datetime.now(UTC)
    send = cast("Callable[[Flask, Order], None]", app.extensions[_SEND])
    with app.app_context():
        try:
            orders = [] if read_only.is_on() else [*_due(now), *_lost(app, now)]
        except DatabaseUnavailable:
            return
    for order in orders:
        send(app, order)


def start(app: Flask) -> None:
    """Tick in a thread of this process from now on, for sites without Redis; once in each process."""
    if app.config["REDIS_URL"] or app.extensions.get(_TICKING) == os.getpid():
        return
    app.extensions[_TICKING] = os.getpid()
    repeat(lambda: tick(app))


def repeat(action: Callable[[], object]) -> None:
    """Call ``action`` every TICK_SECONDS, whatever it raises, in a thread that ends with the process."""
    threading.Thread(target=_repeat, args=(action,), name="periodic tasks", daemon=True).start()


def _repeat(action: Callable[[], object]) -> None:
    pause = threading.Event()
    while not pause.wait(TICK_SECONDS):
        try:
            action()
        except Exception as error:  # noqa: BLE001 - the next tick may do better
            log.warning("a tick failed", error=repr(error))


def _due(now: datetime) -> list[Order]:
    orders = [
        Order(f"{name} {int(now.timestamp()) // job.every}", name) for name, job in JOBS.items() if job.every
    ]
    known = stores().tasks.known([order.id for order in orders])
    return [order for order in orders if order.id not in known]


def _lost(app: Flask, now: datetime) -> list[Order]:
    # What fails is tried again by whoever had it; only what stays lying is taken up here.
    term = timedelta(seconds=app.config["PKYX_TASK_TERM"])
    return list(stores().tasks.take_overdue(now - term, now))
