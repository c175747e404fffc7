"""Celery on Redis: the queue between processes and hosts. ``manage.py worker`` works it off.

What is to be done, and whether it was, is in the database (see ``app.tasks.running``): a message may come
twice, or get lost with Redis or a worker, and each task is still done, once.
"""

from dataclasses import asdict

from celery import Celery, Task
from flask import Flask

from app.domain.errors import DatabaseUnavailable
from app.storage.tasks import Order
from app.tasks import periodic
from app.tasks.jobs import JOBS
from app.tasks.running import TryAgain, perform

TASK = "pkyx.perform"
TICK = "pkyx.tick"
_UNTIL_DATABASE_IS_BACK = 10
# Publishing happens in a background thread; even there nothing should hang on a dead broker for long.
_BROKER_SECONDS = 3
# A task is interrupted at its limit. One that does not heed that loses its process so much later.
HEEDING_SECONDS = 10.0


def create_celery(app: Flask) -> Celery:
    """Return the Celery application of ``app``; no connection is opened."""
    celery = Celery("pkyx", broker=app.config["REDIS_URL"], set_as_current=False)
    celery.conf.update(
        task_ignore_result=True,
        task_acks_late=True,  # a worker that dies leaves its task to another
        task_publish_retry=False,
        broker_connection_timeout=_BROKER_SECONDS,
        # However long Redis is away, a worker waits for it.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_consumer="app.tasks.consumer:Consumer",
        broker_transport_options={
            "socket_connect_timeout": _BROKER_SECONDS,
            "socket_timeout": _BROKER_SECONDS * 10,
            # longer than the longest delay, or a waiting task would be given to a second worker
            "visibility_timeout": 3600,
        },
        task_default_queue="pkyx",
        task_serializer="json",
        accept_content=["json"],
        worker_hijack_root_logger=False,
        # Our handler writes to standard error, which must not lead back into the log.
        worker_redirect_stdouts=False,
        worker_prefetch_multiplier=1,
        # For what came without limits of its own.
        task_time_limit=max(job.seconds for job in JOBS.values()) + HEEDING_SECONDS,
        timezone="UTC",
    )
    _register(celery, app)
    return celery


def start_ticks(celery: Celery) -> None:
    """Send a tick now, and again and again from a thread of this process, whether or not Redis is there.

    Celery's beat would do the same and end for good by an error that it does not expect.
    """
    # Two workers send twice the ticks, and no task twice: those are named by their hour.
    send = celery.tasks[TICK].delay
    periodic.repeat(send)
    send()


def publish(celery: Celery, order: Order) -> None:
    """Give a task to the broker, with its limits; raise whatever the broker's client does."""
    seconds = JOBS[order.name].seconds
    celery.send_task(
        TASK, kwargs=asdict(order), soft_time_limit=seconds, time_limit=seconds + HEEDING_SECONDS
    )


def _register(celery: Celery, app: Flask) -> None:
    def run(task: Task, **order: object) -> None:
        try:
            perform(app, Order(**order))  # type: ignore[arg-type]
        except TryAgain as failed:
            raise task.retry(exc=failed, countdown=failed.delay) from failed
        except DatabaseUnavailable as error:
            raise task.retry(exc=error, countdown=_UNTIL_DATABASE_IS_BACK) from error

    def tick() -> None:
        periodic.tick(app)

    celery.task(run, name=TASK, bind=True, max_retries=None)
    # Ticks that nobody heard in time are of no use any more.
    celery.task(tick, name=TICK, expires=periodic.TICK_SECONDS)
