"""Background tasks when workers die, messages come twice, and nothing else reminds of them."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from bson import ObjectId

from app import create_app, read_only
from app.storage import tasks
from app.storage.files import Picture
from app.storage.orphans import Orphans
from app.storage.search_keys import SearchKeys
from app.storage.stores import Stores
from app.storage.tasks import Order, TaskState
from app.tasks import celery_app, periodic, posting
from app.tasks.jobs import JOBS, MAIL
from app.tasks.running import TryAgain, perform
from tests import servers
from tests.factories import make_item
from tests.faults.endless_jobs import ENDLESS
from tests.faults.test_mail import Sink, smtp, wait_for
from tests.people import make_user

ROOT = Path(__file__).resolve().parents[2]
LETTER = {"occasion": "registration", "address": "ada@example.org", "locale": ""}


def order(**others):
    return Order(uuid.uuid4().hex, MAIL, LETTER, "feedbeefcafe", **others)


@pytest.fixture
def stores(database):
    found = Stores.connect(database)
    found.users.insert(make_user("Ada", confirmed_at=None))
    return found


@pytest.fixture
def make_site(make_app, database, stores):
    def make(**config):
        defaults = {"MAIL_SUPPRESS_SEND": False, "MAIL_SERVER": "127.0.0.1", "MAIL_RETRY_DELAYS": (0.0, 0.0)}
        return make_app(DATABASE=database, READ_ONLY_SECONDS=0.0, **(defaults | config))

    return make


def records(stores):
    return {record.id: record for record in stores.tasks.page()[0]}


# One task


def test_a_task_that_is_delivered_many_times_at_once_is_done_once(make_site, stores):
    with smtp() as sink:
        app, wanted = make_site(MAIL_PORT=sink.port), order()
        threads = [threading.Thread(target=perform, args=(app, wanted)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        perform(app, wanted)
    assert len(sink.mails) == 1
    found = records(stores)[wanted.id]
    assert (found.state, found.tries, found.error) == (TaskState.DONE, 1, "")


def test_a_task_that_fails_is_tried_again_and_then_given_up_with_its_last_words(make_site, stores, database):
    app, wanted = make_site(MAIL_PORT=servers.free_port()), order()
    for _ in range(2):
        with pytest.raises(TryAgain):
            perform(app, wanted)
    assert records(stores)[wanted.id].state is TaskState.WAITING
    perform(app, wanted)
    found = records(stores)[wanted.id]
    assert (found.state, found.tries) == (TaskState.FAILED, 3)
    assert "Connection" in found.error
    assert "ada@example.org" not in str(database["tasks"].find_one())


def test_a_task_has_a_limit_of_time(make_site, stores, monkeypatch):
    slow = JOBS[MAIL].__class__(lambda **_: read_only.extensions.database().command("ping"), seconds=0.0001)
    monkeypatch.setattr("app.tasks.running.JOBS", {MAIL: slow})
    wanted = order()
    with pytest.raises(TryAgain):
        perform(make_site(), wanted)
    assert records(stores)[wanted.id].error


def test_a_task_that_kills_whoever_begins_it_is_given_up(make_site, stores):
    app, wanted, past = make_site(), order(), datetime.now(UTC) - timedelta(minutes=1)
    stores.tasks.add(wanted, past)
    for number in range(3):
        assert stores.tasks.claim(wanted.id, f"dead {number}", past + timedelta(seconds=number), past)
    perform(app, wanted)
    found = records(stores)[wanted.id]
    assert (found.state, found.error.split(":")[0]) == (TaskState.FAILED, "NeverEnded")


def test_the_records_are_bounded(stores, monkeypatch):
    monkeypatch.setattr(tasks, "MOST_KEPT", 3)
    now = datetime.now(UTC)
    for number in range(8):
        stores.tasks.add(Order(str(number), MAIL), now + timedelta(seconds=number))
        if number != 1:
            stores.tasks.claim(str(number), "here", now + timedelta(minutes=1), now + timedelta(minutes=2))
            stores.tasks.finish(str(number), "here", now)
    stores.tasks.trim()
    # What still has to be done is not forgotten.
    assert set(records(stores)) == {"1", "5", "6", "7"}


# By themselves


def test_periodic_tasks_are_done_once_however_often_and_from_how_many_hosts_they_are_due(make_site, stores):
    hosts = [make_site(), make_site()]
    for _ in range(2):
        for app in hosts:
            periodic.tick(app)
            assert posting.background(app).wait(60)
    found = records(stores).values()
    expected = sorted(name for name, job in JOBS.items() if job.every)
    # An hour may have begun in between.
    assert sorted({record.name for record in found}) == expected
    assert all((record.state, record.tries) == (TaskState.DONE, 1) for record in found)


def test_a_site_that_is_read_only_begins_nothing_by_itself(make_site, stores):
    app = make_site(PKYX_READ_ONLY=True)
    periodic.tick(app)
    assert posting.background(app).wait(60)
    assert records(stores) == {}


def test_what_a_dead_process_left_is_taken_up_after_its_term_without_redis(make_site, stores):
    with smtp() as sink:
        app, wanted, past = make_site(MAIL_PORT=sink.port), order(), datetime.now(UTC) - timedelta(minutes=1)
        stores.tasks.add(wanted, past)
        # Taken up once already, by one that died as well.
        assert stores.tasks.take_overdue(past + timedelta(seconds=1), datetime.now(UTC))
        stores.tasks.claim(wanted.id, "dead", past, past + timedelta(seconds=5))
        periodic.tick(app)
        wait_for(lambda: records(stores)[wanted.id].state is TaskState.DONE)
    assert len(sink.mails) == 1
    assert records(stores)[wanted.id].tries == 2


def test_what_waits_in_a_long_queue_is_not_queued_again_at_every_tick(stores):
    now = datetime.now(UTC)
    stores.tasks.add(order(), now - timedelta(minutes=2))
    taken = [len(stores.tasks.take_overdue(now, now + timedelta(minutes=minute))) for minute in range(7)]
    assert taken == [1, 0, 0, 0, 0, 1, 0]


def test_a_task_that_is_begun_while_it_is_taken_up_can_be_lost_anew(stores, monkeypatch):
    now, task = datetime.now(UTC), order()
    stores.tasks.add(task, now - timedelta(minutes=2))
    kept = stores.tasks._tasks
    update_many = kept.update_many

    def begin_first(*arguments):
        assert stores.tasks.claim(task.id, "quick", now, now + timedelta(seconds=1)) == 1
        return update_many(*arguments)

    monkeypatch.setattr(stores.tasks, "_tasks", Mock(wraps=kept, update_many=begin_first))
    stores.tasks.take_overdue(now, now)
    monkeypatch.undo()
    dead = now + timedelta(seconds=2)
    assert [found.id for found in stores.tasks.take_overdue(dead, dead)] == [task.id]


def test_search_keys_that_are_wrong_are_mended_and_others_left_alone(stores, database):
    for title in ("Tofu", "Tempeh"):
        stores.items.insert(make_item(title, id=stores.items.new_id()))
    right = database["items"].find_one({"slug": "tofu"})
    database["items"].update_one({"slug": "tofu"}, {"$set": {"grams": [], "names": ["wrong"]}})
    assert SearchKeys(database).mend("", 100) == (1, "")
    assert database["items"].find_one({"slug": "tofu"}) == right
    assert SearchKeys(database).mend("", 100) == (0, "")


def test_uploads_that_came_to_nothing_are_deleted_and_all_others_stay(stores, database):
    picture = Picture(b"content", "image/png", sizes={64: b"small"})
    unused, fresh, face = (stores.files.insert(picture, "avatar", "x") for _ in range(3))
    user = stores.users.find_by_username("Ada")
    stores.users.swap_avatar(user.id, "", face)
    now = datetime.now(UTC)
    old = {"$set": {"uploadDate": now - timedelta(days=9)}}
    for key in (unused, face):
        database["fs.files"].update_many(
            {"$or": [{"_id": ObjectId(key)}, {"metadata.of": ObjectId(key)}]}, old
        )
    piece = ObjectId.from_datetime(now - timedelta(days=9))
    database["fs.chunks"].insert_one({"files_id": piece, "n": 0, "data": b"half"})
    orphans = Orphans(database)
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    assert (orphans.delete_files(long_ago, now), orphans.delete_pieces(now)) == (1, 1)
    left = {str(row["_id"]) for row in database["fs.files"].find({"metadata.of": None})}
    assert left == {fresh, face}
    assert database["fs.chunks"].count_documents({"files_id": piece}) == 0
    assert (orphans.delete_files(long_ago, now), orphans.delete_pieces(now)) == (0, 0)


# A real worker on a real Redis


class Hanging(Sink):
    """A mail server that takes the first mail and never says so."""

    def __init__(self):
        super().__init__()
        self.is_held = False

    async def handle_DATA(self, server, session, envelope):
        if not self.is_held:
            self.is_held = True
            await asyncio.sleep(60)
        return await super().handle_DATA(server, session, envelope)


class Held(Sink):
    """A mail server that takes mails and says so when it is told to."""

    def __init__(self):
        super().__init__()
        self.is_held = self.may_go = False

    async def handle_DATA(self, server, session, envelope):
        self.is_held = True
        while not self.may_go:
            await asyncio.sleep(0.05)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with servers.redis(tmp_path_factory.mktemp("redis")) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@contextmanager
def worker(log, *options, program=("manage.py",), **environ):
    command = [sys.executable, *program, "worker", *options]
    with log.open("ab") as lines:
        process = subprocess.Popen(
            command, env=os.environ | environ, cwd=ROOT, stdout=lines, stderr=lines, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(60)


@pytest.fixture
def environ(redis_url, mongo_uri, database, tmp_path):
    return {
        "PKYX_ENV": "development",
        "PKYX_DATA": str(tmp_path),
        "MONGO_URI": mongo_uri.replace("/pkyx?", f"/{database.name}?"),
        "REDIS_URL": redis_url,
        "SECRET_KEY": "only-for-tests-" * 3,
        "MAIL_SERVER": "127.0.0.1",
        "LOG_LEVEL": "INFO",
        "PKYX_TASK_TERM": "1",
    }


def test_a_worker_killed_in_the_middle_of_a_task_finishes_it_after_its_restart_once(
    redis_url, environ, database, stores, tmp_path
):
    # The site that queues it has no mail server that answers, so only a worker can have sent it.
    app = create_app({"PKYX_ENV": "testing", "DATABASE": database, "REDIS_URL": redis_url})
    wanted = order()
    with smtp(sink=Hanging()) as sink:
        environ["MAIL_PORT"] = str(sink.port)
        posting.send(app, wanted)
        with worker(tmp_path / "first.log", **environ) as first:
            wait_for(lambda: sink.is_held)
            os.killpg(first.pid, signal.SIGKILL)
        assert records(stores)[wanted.id].state is TaskState.RUNNING
        assert sink.mails == []
        with worker(tmp_path / "second.log", **environ):
            wait_for(lambda: records(stores)[wanted.id].state is TaskState.DONE)
            # Delivered once more, it is not done once more.
            posting.send(app, wanted)
            other = order()
            posting.send(app, other)
            wait_for(lambda: other.id in records(stores) and records(stores)[other.id].state == "done")
    assert (records(stores)[wanted.id].tries, records(stores)[other.id].tries) == (2, 1)
    assert len(sink.mails) == 2
    log = (tmp_path / "second.log").read_text()
    assert any("task done" in line and wanted.request_id in line for line in log.splitlines())


def test_a_task_that_computes_is_stopped_at_its_limit_and_the_worker_goes_on(
    redis_url, environ, database, stores, tmp_path, monkeypatch
):
    monkeypatch.setattr(celery_app, "HEEDING_SECONDS", 1.0)
    app = create_app({"PKYX_ENV": "testing", "DATABASE": database, "REDIS_URL": redis_url})
    for name, job in ENDLESS.items():
        monkeypatch.setitem(JOBS, name, job)
        posting.send(app, Order(name, name))
    assert posting.background(app).wait(60)
    program = ("-m", "tests.faults.endless_jobs")
    with smtp() as sink, ExitStack() as stack:
        environ["MAIL_PORT"] = str(sink.port)
        # One at a time: whatever comes later waits for what came before.
        stack.enter_context(worker(tmp_path / "log", "--concurrency", "1", program=program, **environ))
        letter = order()
        posting.send(app, letter)
        wait_for(lambda: sink.mails)
    found = records(stores)
    assert "SoftTimeLimitExceeded" in found["computes"].error
    # Killed with its process, it could say nothing; it is taken up like all that lost its worker.
    assert found["heeds-nothing"].state is TaskState.RUNNING
    assert "Hard time limit" in (tmp_path / "log").read_text()


def test_a_worker_outlives_its_redis_and_goes_on_when_that_is_back(environ, database, stores, tmp_path):
    with smtp(sink=Held()) as sink, ExitStack() as stack:
        redis = stack.enter_context(servers.redis(tmp_path))
        environ |= {"MAIL_PORT": str(sink.port), "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0"}
        # The site sends no mail itself.
        app = create_app({"PKYX_ENV": "testing", "DATABASE": database, "REDIS_URL": environ["REDIS_URL"]})
        process = stack.enter_context(worker(tmp_path / "log", **environ))
        # Which of its sockets tells the worker first is chance, and it has to bear each.
        for _ in range(3):
            sink.is_held = sink.may_go = False
            held, before = order(), (tmp_path / "log").read_text().count("Cannot connect")
            posting.send(app, held)
            wait_for(lambda: sink.is_held)
            redis.kill()
            redis.wait(60)
            wait_for(lambda before=before: (tmp_path / "log").read_text().count("Cannot connect") > before)
            # What it had begun it finishes; of that Redis hears nothing, and comes back with nothing.
            sink.may_go = True
            wait_for(lambda held=held: records(stores)[held.id].state is TaskState.DONE)
            redis = stack.enter_context(servers.redis(tmp_path, redis.port))
        posting.send(app, order())
        wait_for(lambda: len(sink.mails) == 4)
        redis.send_signal(signal.SIGSTOP)
        time.sleep(1)
        redis.send_signal(signal.SIGCONT)
        posting.send(app, order())
        wait_for(lambda: len(sink.mails) == 5)
        # Of this none but a tick knows.
        stores.tasks.add(order(), datetime.now(UTC) - timedelta(minutes=1))
        wait_for(lambda: len(sink.mails) == 6)
        assert process.poll() is None


def test_a_worker_waits_for_redis_however_long_that_is_away(make_site):
    # Left to themselves Celery's workers end after a hundred attempts, some 50 minutes.
    app = make_site(REDIS_URL=f"redis://127.0.0.1:{servers.free_port()}/0")
    assert posting.celery_of(app).conf.broker_connection_max_retries is None


def test_ticks_go_on_after_whatever_one_of_them_raised(monkeypatch):
    monkeypatch.setattr(periodic, "TICK_SECONDS", 0.01)
    ticks = []

    def send():
        ticks.append("sent")
        if len(ticks) < 3:
            raise OSError("the broker is away")

    periodic.repeat(send)
    wait_for(lambda: len(ticks) > 3)
