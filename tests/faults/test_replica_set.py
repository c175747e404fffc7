"""Editors write through gunicorn while members of the replica set under it die, freeze and come back."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from app.domain.users import Role
from app.embedded.binaries import find_mongod
from app.embedded.errors import NoMongod
from app.services import items
from app.services.items import ItemDraft, Note
from app.storage import clients, indexes
from app.storage.stores import Stores
from tests.conftest import ROOT, unavailable
from tests.factories import NOW
from tests.faults.editors import Editors, Site, written
from tests.faults.replica_sets import ReplicaSet, three_members
from tests.people import make_user
from tests.servers import SECRET_KEY, ended, eventually, free_port

ENTRIES = 8


@pytest.fixture(scope="module")
def members(tmp_path_factory) -> Iterator[ReplicaSet]:
    try:
        find_mongod()
    except NoMongod:
        unavailable("there is no mongod")
    with three_members(tmp_path_factory.mktemp("replica-set")) as found:
        yield found


@pytest.fixture(scope="module")
def stores(members) -> Iterator[Stores]:
    with clients.connected(members.uri) as db:
        indexes.ensure(db)
        found = Stores.connect(db)
        found.users.insert(make_user("Ada", role=Role.ADMIN))
        yield found


@pytest.fixture(scope="module")
def site(members, stores, tmp_path_factory) -> Iterator[Site]:
    with serving(members.uri, tmp_path_factory.mktemp("data")) as found:
        yield found


@contextmanager
def serving(uri: str, folder: Path) -> Iterator[Site]:
    port = free_port()
    environ = os.environ | {
        "MONGO_URI": uri,
        "PKYX_DATA": str(folder),
        "PKYX_ENV": "production",
        "SECRET_KEY": SECRET_KEY,
        "RATELIMIT_ENABLED": "0",
        "PORT": str(port),
        "WEB_CONCURRENCY": "2",
    }
    process = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=ROOT, env=environ)
    site = Site(port, process)
    with ended(process):
        eventually(site.is_up, 60)
        # gunicorn's master and both workers, of whom one may answer before the other is there.
        eventually(lambda: len(site.processes()) == 3)
        yield site


def kill_the_primary(members: ReplicaSet, editors: Editors) -> None:
    primary = members.primary()
    primary.send(signal.SIGKILL)
    editors.more_edits()
    primary.start()


def freeze_the_primary(members: ReplicaSet, editors: Editors) -> None:
    primary = members.primary()
    primary.send(signal.SIGSTOP)
    editors.more_edits()
    primary.send(signal.SIGCONT)


def lose_the_majority(members: ReplicaSet, editors: Editors) -> None:
    primary = members.primary()
    others = [member for member in members.members if member is not primary]
    for member in others:
        member.send(signal.SIGKILL)
    editors.a_refusal()
    for member in others:
        member.start()


@pytest.mark.parametrize("fault", [kill_the_primary, freeze_the_primary, lose_the_majority])
def test_no_acknowledged_edit_is_lost_or_done_twice(members, site, stores, fault):
    actor = stores.users.find_by_username("Ada").actor
    drafts = [ItemDraft(f"{fault.__name__} {number}") for number in range(ENTRIES)]
    entries = [items.create(stores, actor, draft, Note(NOW)).id for draft in drafts]
    processes = site.processes()

    with Editors(site, entries).at_work() as editors:
        editors.more_edits()
        fault(members, editors)
        editors.more_edits()

    assert (editors.unexpected, editors.broken) == ([], [])
    assert site.processes() == processes
    eventually(lambda: sum(1 for _ in members.running()) == len(members.members))
    kept = written(stores, entries)
    assert {pair for pair in editors.acknowledged if kept[pair] != 1} == set()
    assert max(kept.values()) == 1


@contextmanager
def silent(members: ReplicaSet) -> Iterator[None]:
    """Freeze all members: connections stay open, and nobody answers."""
    for member in members.members:
        member.send(signal.SIGSTOP)
    try:
        yield
    finally:
        for member in members.members:
            member.send(signal.SIGCONT)


def timed(site: Site, method: str, path: str, body: object, **headers: str) -> tuple[float, int, str]:
    """Return the seconds that an answer took, its status and its code, 0 where there was none."""
    began = time.monotonic()
    try:
        status, answer = site.send(method, path, body, **headers)
    except OSError:
        return time.monotonic() - began, 0, ""
    return time.monotonic() - began, status, str(answer.get("code", ""))


def requests_of_all_sorts(entry: str) -> list[tuple[str, str, object]]:
    fact = {"name": "Taste", "kind": "text", "state": "value", "value": "mild"}
    return [
        ("GET", f"/api/v1/items/{entry}", None),
        ("GET", "/api/v1/changes", None),
        ("PUT", f"/api/v1/items/{entry}/attributes/taste", fact),
        ("PATCH", f"/api/v1/items/{entry}", {"summary": "new"}),
        ("POST", "/api/v1/items:batch", [{"title": f"Batch {number}"} for number in range(50)]),
    ]


def test_a_silent_database_is_told_within_ten_seconds_to_more_than_there_are_threads(members, site, stores):
    actor = stores.users.find_by_username("Ada").actor
    entry = items.create(stores, actor, ItemDraft(f"Crowded {time.monotonic()}"), Note(NOW)).id
    token = site.token()
    sorts = requests_of_all_sorts(entry) * 10

    with ExitStack() as stack, ThreadPoolExecutor(len(sorts)) as pool:
        for _ in range(4):
            stack.enter_context(streaming(site.port))
        with silent(members):
            sent = [pool.submit(timed, site, *sort, Authorization=token) for sort in sorts]
            answers = [answer.result() for answer in sent]
        eventually(site.is_up)

    assert {(status, code) for _, status, code in answers} == {(503, "database-unavailable")}
    assert max(seconds for seconds, _, _ in answers) < 10


def test_a_host_that_is_stopped_ends_within_ten_seconds_though_streams_are_open(members, stores, tmp_path):
    actor = stores.users.find_by_username("Ada").actor
    entry = items.create(stores, actor, ItemDraft(f"Stopped {time.monotonic()}"), Note(NOW)).id
    with serving(members.uri, tmp_path) as site, ExitStack() as stack, ThreadPoolExecutor(40) as pool:
        token = site.token()
        streams = [stack.enter_context(streaming(site.port)) for _ in range(4)]
        sorts = requests_of_all_sorts(entry) * 8
        sent = [pool.submit(timed, site, *sort, Authorization=token) for sort in sorts]
        began = time.monotonic()
        site.process.terminate()
        for stream in streams:
            while stream.read1():
                pass
        assert time.monotonic() - began < 5
        site.process.wait(20)
        assert time.monotonic() - began < 10
        answers = [answer.result() for answer in sent]
    assert max(seconds for seconds, _, _ in answers) < 10
    # Those that came too late had nobody to answer them.
    assert {status for _, status, _ in answers} <= {0, 200, 201, 503}


@contextmanager
def streaming(port: int) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with closing(connection):
        connection.request("GET", "/api/v1/changes/stream")
        stream = connection.getresponse()
        assert stream.status == 200
        yield stream
