"""Editors write through gunicorn while members of the replica set under it die, freeze and come back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
