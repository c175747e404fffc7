"""From a request to the background: a letter is queued at once, whatever is dead behind the queue."""

import uuid
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from typing import cast

import structlog
from celery import Celery
from flask import Flask, current_app

from app import tracing
from app.domain.errors import DatabaseUnavailable
from app.extensions import stores
from app.services.letters import Letter
from app.storage.tasks import Order
from app.tasks import periodic
from app.tasks.background import Background
from app.tasks.celery_app import create_celery, publish
from app.tasks.jobs import MAIL
from app.tasks.running import delays, perform

_BACKGROUND = "pkyx.background"
_CELERY = "pkyx.celery"

log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Give ``app`` its queue, and its Celery where REDIS_URL is set."""
    app.extensions[_BACKGROUND] = Background(delays(app))
    if app.config["REDIS_URL"]:
        app.extensions[_CELERY] = create_celery(app)
    periodic.register(app, send)


def post(letter: Letter) -> None:
    """Queue a letter and return at once. That it cannot be delivered is the log's business."""
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
    reference = uuid.uuid4().hex
    named = replace(letter, reference=reference)
    send(app, Order(reference, MAIL, asdict(named), tracing.request_id()))


def send(app: Flask, order: Order) -> None:
    """Let a task be done in the background, by a worker where there is one."""
    background(app).put(partial(_hand_over, app, order))


def background(app: Flask) -> Background:
    """Return the queue of ``app``."""
    return cast(Background, app.extensions[_BACKGROUND])


def celery_of(app: Flask) -> Celery:
    """Return the Celery application of ``app``, which needs REDIS_URL."""
    return cast(Celery, app.extensions[_CELERY])


def _hand_over(app: Flask, order: Order) -> None:
    if _CELERY not in app.extensions or not _publishes(app, order):
        perform(app, order)
        return
    # What is lost with Redis is taken up from here.
    with app.app_context(), suppress(DatabaseUnavailable):
        stores().tasks.add(order, datetime.now(UTC))


def _publishes(app: Flask, order: Order) -> bool:
    try:
        publish(celery_of(app), order)
    except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, it is done from here
        log.warning("the broker did not take a task, it is done from here", error=repr(error))
        return False
    return True
