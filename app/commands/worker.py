"""``worker``: works off the queue of background jobs."""

import os
from typing import TYPE_CHECKING

import click

from app.commands.databases import open_uri
from app.commands.errors import spoken
from conf import settings

if TYPE_CHECKING:
    from celery import Celery


@click.command(
    epilog="Example: REDIS_URL=redis://127.0.0.1:6379/0 python manage.py worker",
    short_help="Work off the background jobs of REDIS_URL (Celery).",
)
@click.option("--concurrency", default=2, show_default=True, help="How many jobs at a time.")
@click.option("--beat/--no-beat", default=True, show_default=True, help="Begin the periodic jobs too.")
def worker(concurrency: int, beat: bool) -> None:
    """Send mails and do other background jobs until stopped, with Celery and the Redis at REDIS_URL.

    Any number of workers may run, each with its beat: a periodic job is done once all the same.
    """
    # Here, so that `manage.py --help` does not import the whole site.
    from app import create_app
    from app.tasks.posting import celery_of

    with spoken():
        config = settings.load(os.environ)
        if not config["REDIS_URL"]:
            raise click.ClickException("worker needs REDIS_URL; without it the site does its jobs itself.")
        with open_uri(config) as uri:
            celery = celery_of(create_app({"MONGO_URI": uri}))
            if beat:
                _start_beat(celery)
            celery.worker_main(
                # Processes, since one that computes can be stopped, which a thread cannot.
                [
                    "worker",
                    "--pool=prefork",
                    f"--concurrency={concurrency}",
                    f"--loglevel={config['LOG_LEVEL']}",
                ]
            )


def _start_beat(celery: "Celery") -> None:
    """Run Celery's beat in a thread that ends with the process, once it has forked and heard its broker.

    It keeps no file: ticks have no memory.
    """
    from celery.beat import EmbeddedService
    from celery.signals import worker_ready

    from app.tasks.celery_app import TICK

    def begin(**_: object) -> None:
        # What was lost while no worker ran is taken up at once.
        celery.send_task(TICK)
        EmbeddedService(celery, thread=True, scheduler_cls="celery.beat:Scheduler").start()

    worker_ready.connect(begin, weak=False)
