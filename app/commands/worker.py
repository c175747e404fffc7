"""``worker``: works off the queue of background jobs."""

import os

import click

from app.commands.databases import open_uri
from app.commands.errors import spoken
from conf import settings


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
    from celery.signals import worker_ready

    from app import create_app
    from app.tasks.celery_app import start_ticks
    from app.tasks.posting import celery_of

    with spoken():
        config = settings.load(os.environ)
        if not config["REDIS_URL"]:
            raise click.ClickException("worker needs REDIS_URL; without it the site does its jobs itself.")
        with open_uri(config) as uri:
            celery = celery_of(create_app({"MONGO_URI": uri}))
            if beat:
                # Once it has forked and hears its broker: what no worker was there for is taken up at once.
                worker_ready.connect(lambda **_: start_ticks(celery), weak=False)
            celery.worker_main(
                # Processes, since one that computes can be stopped, which a thread cannot.
                [
                    "worker",
                    "--pool=prefork",
                    f"--concurrency={concurrency}",
                    f"--loglevel={config['LOG_LEVEL']}",
                    # Workers have nothing to tell each other; whenever Redis is back, they would ask first.
                    "--without-gossip",
                    "--without-mingle",
                ]
            )
