"""Mail against a real SMTP sink, a dead one, a silent one; a real worker on a real Redis, and a dead one."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller

from app.services.letters import Letter
from app.storage.stores import Stores
from app.tasks import posting
from app.tasks.background import Background
from tests import servers
from tests.people import make_user

ROOT = Path(__file__).resolve().parents[2]
# Seconds that nobody could mistake for a busy machine's delay.
LONG = 8.0
LETTER = Letter("registration", "ada@example.org")


class Sink:
    """An SMTP server that keeps what it gets, after refusing a given number of times."""

    def __init__(self, refusals=0):
        self.mails = []
        self.refusals = refusals

    async def handle_DATA(self, server, session, envelope):
        if self.refusals:
            self.refusals -= 1
            return "451 Come back later"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 Taken"


@contextmanager
def smtp(refusals=0, sink=None):
    sink = sink or Sink(refusals)
    controller = Controller(sink, hostname="127.0.0.1", port=servers.free_port(), ready_timeout=60)
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()


@pytest.fixture
def mailing_app(make_app, database):
    """An application that sends real mail, with an account that waits for its confirmation."""

    def make(**config):
        defaults = {"MAIL_SUPPRESS_SEND": False, "MAIL_SERVER": "127.0.0.1", "MAIL_RETRY_DELAYS": (0.1, 0.1)}
        Stores.connect(database).users.insert(make_user("Ada", confirmed_at=None))
        return make_app(DATABASE=database, PKYX_URL="https://wiki.example.org", **(defaults | config))

    return make


def post(app, letter=LETTER):
    with app.app_context():
        started = time.monotonic()
        posting.post(letter)
        return time.monotonic() - started


def wait_for(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)


def test_a_letter_arrives_in_html_and_plain_text_with_a_link_of_the_public_address(mailing_app):
    with smtp() as sink:
        post(mailing_app(MAIL_PORT=sink.port))
        wait_for(lambda: sink.mails)
    mail = sink.mails[0]
    assert (mail["To"], mail["Auto-Submitted"]) == ("ada@example.org", "auto-generated")
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    assert set(parts) == {"text/plain", "text/html"}
    for text in parts.values():
        assert re.search(r"https://wiki\.example\.org/users/activate/[\w.-]{40,}", text)


def test_a_letter_is_in_the_language_of_its_reader(mailing_app):
    with smtp() as sink:
        post(mailing_app(MAIL_PORT=sink.port), Letter("registration", "ada@example.org", "zh_Hans_CN"))
        wait_for(lambda: sink.mails)
    assert 'lang="zh-Hans-CN"' in sink.mails[0].get_body(("html",)).get_content()


def test_a_server_that_refuses_for_now_is_asked_again(mailing_app):
    with smtp(refusals=2) as sink:
        post(mailing_app(MAIL_PORT=sink.port))
        wait_for(lambda: sink.mails)
    assert len(sink.mails) == 1


class Forgetful(Sink):
    """It takes the first mail and loses its answer, as a network or a dying worker does."""

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 Taken" if len(self.mails) > 1 else "451 Who knows"


def test_a_letter_that_is_sent_again_is_the_same_and_whichever_arrives_holds(mailing_app):
    with smtp(sink=Forgetful()) as sink:
        app = mailing_app(MAIL_PORT=sink.port)
        post(app)
        wait_for(lambda: len(sink.mails) == 2)
    first, second = sink.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{32}@wiki\.example\.org>", first["Message-ID"])
    for mail in sink.mails:
        [path] = re.findall(
            r"https://wiki\.example\.org(/users/activate/\S+)", str(mail.get_body(("plain",)))
        )
        assert app.test_client().get(path).status_code == 200


class Rude(Sink):
    """It takes a mail and leaves without a word."""

    async def handle_QUIT(self, server, session, envelope):
        server.transport.abort()
        return "221 Never heard"


def test_a_letter_that_was_taken_is_not_sent_again_for_want_of_a_farewell(mailing_app, database):
    with smtp(sink=Rude()) as sink:
        post(mailing_app(MAIL_PORT=sink.port))
        wait_for(lambda: database["tasks"].find_one({"state": "done"}))
    assert len(sink.mails) == 1
    assert database["tasks"].find_one()["tries"] == 1


def test_a_dead_mail_server_costs_the_request_nothing(mailing_app):
    app = mailing_app(MAIL_PORT=servers.free_port(), MAIL_RETRY_DELAYS=(LONG, LONG))
    assert post(app) < LONG / 2
    assert posting.background(app).wait(60)


def test_a_silent_mail_server_costs_the_request_nothing(mailing_app, monkeypatch):
    monkeypatch.setattr("app.mailing.SMTP_SECONDS", LONG)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        app = mailing_app(MAIL_PORT=silent.getsockname()[1])
        assert post(app) < LONG / 2
    # Nobody listens any more, and whoever waited is told.
    assert posting.background(app).wait(60)


def test_a_dead_broker_costs_nothing_and_the_mail_goes_out_all_the_same(mailing_app):
    with smtp() as sink:
        app = mailing_app(MAIL_PORT=sink.port, REDIS_URL=f"redis://127.0.0.1:{servers.free_port()}/0")
        assert post(app) < LONG / 2
        wait_for(lambda: sink.mails)


def test_a_full_queue_drops_jobs_and_says_so_instead_of_growing():
    held, begun, over = Background(capacity=2), threading.Event(), threading.Event()
    held.put(lambda: begun.set() or over.wait(30))
    assert begun.wait(30)
    assert [held.put(lambda: None) for _ in range(3)] == [True, True, False]
    over.set()


def test_a_job_that_fails_for_good_does_not_stop_the_others():
    done = []
    background = Background(delays=(0.01,))
    background.put(lambda: 1 / 0)
    background.put(lambda: done.append(True))
    wait_for(lambda: done)


def test_of_two_that_put_the_first_jobs_after_a_fork_none_drops_those_of_the_other(monkeypatch):
    queue, over, done, others = Background(), threading.Event(), [], []

    def put_two():
        queue.put(lambda: over.wait(30))
        queue.put(lambda: done.append("other"))

    def ask_and_be_overtaken():
        if not others:
            others.append(threading.Thread(target=put_two))
            others[0].start()
            others[0].join(0.5)
        return 0

    # The number of a process in which the queue was not made.
    monkeypatch.setattr("app.tasks.background.os", SimpleNamespace(getpid=ask_and_be_overtaken))
    queue.put(lambda: done.append("first"))
    over.set()
    others[0].join(30)
    wait_for(lambda: sorted(done) == ["first", "other"])


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with servers.redis(tmp_path_factory.mktemp("redis")) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@contextmanager
def worker(redis_url, mongo_uri, database, port, tmp_path):
    uri = mongo_uri.replace("/pkyx?", f"/{database.name}?")
    environ = os.environ | {
        "PKYX_ENV": "development",
        "PKYX_DATA": str(tmp_path),
        "PKYX_URL": "https://wiki.example.org",
        "MONGO_URI": uri,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "only-for-tests-" * 3,
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
    }
    command = [sys.executable, str(ROOT / "manage.py"), "worker", "--concurrency", "1"]
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_a_worker_on_redis_sends_what_the_site_queued(mailing_app, redis_url, mongo_uri, database, tmp_path):
    # The site itself is told of no mail server that answers, so only the worker can have sent it.
    app = mailing_app(REDIS_URL=redis_url, MAIL_PORT=servers.free_port())
    with smtp(refusals=1) as sink:
        post(app)
        assert posting.background(app).wait(60)
        assert not sink.mails
        with worker(redis_url, mongo_uri, database, sink.port, tmp_path):
            wait_for(lambda: sink.mails)
    assert sink.mails[0]["To"] == "ada@example.org"
