"""A day of one worker in some minutes: memory, threads, files and connections stay as they are.

An ordinary day is taken to be a worker's share of a million requests a month, 33,333: more than one every
three seconds around the clock, beside the assets, which nginx serves. One worker alone gets all of them, so
nothing is halved, and ``conf/gunicorn.conf.py`` then never exchanges it. Likewise with the worker of Celery,
for which a thousand letters a day are many. ``make soak`` makes 24 such hours of each, PKYX_SOAK_HOURS
another number; the other tests bear half of one.

What is remembered is bounded, and filled before anything is judged. Then memory may grow by a tenth from
the middle to the end, in a short run, which is hardly warm, by some more: so the long run notices 1,400 bytes
lost at each request, the short one 90,000, and both a thread, a file or a connection kept now and then.
"""

import gzip
import os
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from app import create_app
from app.services import demo, imports
from app.services.bulk_formats import Format
from app.services.imports import Options
from app.storage import clients, indexes
from app.storage.stores import Stores
from app.storage.tasks import Order
from app.tasks.celery_app import publish
from app.tasks.jobs import MAIL
from app.tasks.posting import celery_of
from tests import servers
from tests.faults.test_mail import smtp, wait_for
from tests.faults.test_tasks import LETTER, worker
from tests.faults.visitors import EDITORS, Crowd, compares, reads_by_api
from tests.faults.vital_signs import require_flat, sample
from tests.people import make_user
from tests.processes import descendants

HOURS = float(os.environ.get("PKYX_SOAK_HOURS", "0.5"))
REQUESTS = round(1_000_000 / 30 / 24 * HOURS)
LETTERS = max(160, round(1000 / 24 * HOURS))
SAMPLES = 8 if HOURS < 6 else 50
ENTRIES = ("countries", "chemical-elements")
# Comparisons beyond those that are remembered, and every entry as JSON.
COMPARED, READ = 320, 400
GROWTH = 0.15 if HOURS < 6 else 0.1
# Readers of the change stream who are gone are noticed after some seconds, four at most.
SLACK = 4


@pytest.fixture(scope="module")
def uri(mongo_uri, mongo_client):
    yield mongo_uri.replace("/pkyx?", "/soak?")
    mongo_client.drop_database("soak")


@pytest.fixture(scope="module")
def entries(uri):
    with clients.connected(uri) as db:
        indexes.ensure(db)
        stores = Stores.connect(db)
        for name in EDITORS:
            stores.users.insert(make_user(name))
        for name in ENTRIES:
            with gzip.open(demo.FOLDER / f"{name}.jsonl.gz") as lines:
                imports.run(
                    stores, lines, Format.JSONL, Options(only_new=True), datetime.now(UTC), pytest.fail
                )
        yield [(row["slug"], row["title"]) for row in db["items"].find({}, {"slug": 1, "title": 1})]


def worker_of(process):
    """The one worker of gunicorn: the process of the site that has no child."""
    [only] = [pid for pid in descendants(process.pid) if not descendants(pid)]
    return only


def test_a_day_of_visitors_leaves_a_worker_as_it_was(uri, entries, mongo_client, tmp_path):
    with ExitStack() as stack:
        sink = stack.enter_context(smtp())
        settings = {"WEB_CONCURRENCY": "1", "PKYX_TRUSTED_PROXIES": "1", "LOG_LEVEL": "WARNING"}
        settings |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(sink.port)}
        port, process = stack.enter_context(servers.site_process(uri, tmp_path, **settings))
        pid, crowd, samples = worker_of(process), Crowd(port, entries), []
        crowd.send(COMPARED, {compares: 1})
        crowd.send(READ, {reads_by_api: 1})
        for _ in range(SAMPLES):
            crowd.send(REQUESTS // SAMPLES)
            samples.append(sample([pid], mongo_client, crowd.requests))
        assert crowd.unexpected == []
        assert worker_of(process) == pid
    assert sink.mails
    print(dict(crowd.statuses))  # noqa: T201
    require_flat(samples, GROWTH, SLACK)


def test_a_day_of_tasks_leaves_a_celery_worker_as_it_was(mongo_uri, database, mongo_client, tmp_path):
    Stores.connect(database).users.insert(make_user("Ada", confirmed_at=None))
    with ExitStack() as stack:
        sink = stack.enter_context(smtp())
        redis = stack.enter_context(servers.redis(tmp_path))
        environ = {
            "PKYX_DATA": str(tmp_path),
            "SECRET_KEY": servers.SECRET_KEY,
            "MONGO_URI": mongo_uri.replace("/pkyx?", f"/{database.name}?"),
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(sink.port),
        }
        celery = celery_of(create_app({"PKYX_ENV": "testing", "REDIS_URL": environ["REDIS_URL"]}))
        process = stack.enter_context(worker(tmp_path / "log", **environ))
        samples = []
        for turn in range(1, SAMPLES + 1):
            for _ in range(LETTERS // SAMPLES):
                publish(celery, Order(uuid.uuid4().hex, MAIL, LETTER))
            wait_for(lambda: len(sink.mails) >= LETTERS // SAMPLES)
            wait_for(lambda: database["tasks"].find_one({"state": {"$ne": "done"}}) is None)
            sink.mails.clear()
            pids = [process.pid, *descendants(process.pid)]
            samples.append(sample(pids, mongo_client, turn * (LETTERS // SAMPLES)))
    require_flat(samples, GROWTH, SLACK)
