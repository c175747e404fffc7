"""Rate limits whose Redis goes away, hangs, or never was there."""

import os
import shutil
import signal
import subprocess
import time

import pytest

from app import throttling
from app.services import passwords
from app.storage.stores import Stores
from tests.conftest import unavailable
from tests.people import CHEAP, PASSWORD, make_user
from tests.servers import free_port, listens


@pytest.fixture(autouse=True)
def cheap_and_few(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)
    monkeypatch.setattr(throttling, "PER_ACCOUNT", throttling.parse("2 per 15 minutes"))


@pytest.fixture
def redis(tmp_path):
    """A server of its own, on ``port``; it may be stopped by the test."""
    program = shutil.which("redis-server")
    if program is None:
        unavailable("redis-server is not installed")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen([program, *options], cwd=tmp_path, stdout=subprocess.DEVNULL)
    process.port = port
    end = time.monotonic() + 10
    while not listens(port):
        assert time.monotonic() < end, "redis-server did not start"
        time.sleep(0.02)
    yield process
    process.kill()
    process.wait(10)


@pytest.fixture
def client_on(make_app, database):
    """A factory of clients of a site whose limits are counted by the Redis on a port."""
    people = Stores.connect(database).users
    for name in ("Counted", "Uncounted", "Patient", "Absent"):
        people.insert(make_user(name))

    def make(port):
        url = f"redis://127.0.0.1:{port}/0"
        return make_app(DATABASE=database, RATELIMIT_ENABLED=True, REDIS_URL=url).test_client()

    return make


def attempt(client, name, password="not-the-password"):
    return client.post("/users/login", data={"identifier": name, "password": password}).status_code


def test_failed_log_ins_are_counted_in_redis(redis, client_on):
    client, other_process = client_on(redis.port), client_on(redis.port)
    assert [attempt(client, "Counted"), attempt(other_process, "Counted")] == [401, 401]
    assert attempt(client, "Counted", PASSWORD) == 429


def test_limits_hold_in_memory_once_redis_is_gone(redis, client_on):
    client = client_on(redis.port)
    assert attempt(client, "Uncounted") == 401
    redis.terminate()
    redis.wait(10)
    statuses = [attempt(client, "Uncounted") for _ in range(3)]
    assert statuses[-1] == 429 and set(statuses) == {401, 429}
    answer = client.get("/api/v1/items")
    assert (answer.status_code, answer.headers["RateLimit-Limit"]) == (200, "3000")
    assert attempt(client, "Absent", PASSWORD) == 302


def test_a_redis_that_hangs_holds_nobody_up(redis, client_on):
    client = client_on(redis.port)
    os.kill(redis.pid, signal.SIGSTOP)
    began = time.monotonic()
    assert [attempt(client, "Patient") for _ in range(3)] == [401, 401, 429]
    assert time.monotonic() - began < 5
    os.kill(redis.pid, signal.SIGCONT)
