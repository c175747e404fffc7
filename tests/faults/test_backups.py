"""Backups and restores as an operator makes them: real processes, edits meanwhile, and kill -9."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from itertools import count
from random import Random

import pytest

from app.domain.errors import EditConflict, TitleTaken
from app.storage import schema
from app.storage.files import AVATAR, Picture
from app.storage.maintenance import is_restoring
from app.storage.stores import Stores
from tests.conftest import ROOT
from tests.factories import make_category, make_item, revised
from tests.people import make_user
from tests.servers import free_port

EDITORS = 4
ENTRIES = 600
PICTURE = Picture(b"picture" * 1000, "image/webp", 256, 256, {64: b"pic"})


@pytest.fixture
def manage(mongo_uri, tmp_path):
    """Run a command on one of the test's databases; return its status and all that it said."""

    def start(db, *arguments):
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PKYX_")}
        environ |= {
            "MONGO_URI": mongo_uri.replace("/pkyx?", f"/{db.name}?"),
            "PKYX_DATA": str(tmp_path / "instance"),
        }
        return subprocess.Popen(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(db, *arguments):
        process = start(db, *arguments)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    run.start = start
    return run


@pytest.fixture
def restored(mongo_client, database):
    name = f"{database.name}_restored"
    yield mongo_client[name]
    mongo_client.drop_database(name)


@pytest.fixture
def stores(manage, database):
    schema.prepare(database)
    found = Stores.connect(database)
    found.categories.put(make_category("Countries"))
    found.items.insert_many([make_item(f"Entry {n}", id=f"{n + 1:024x}") for n in range(ENTRIES)])
    for number in range(EDITORS):
        found.users.insert(make_user(f"Editor{number}"))
    return found


class Editing:
    """Editors that do all there is to do until they are told to stop."""

    def __init__(self, stores):
        self._stores = stores
        self._stop = threading.Event()
        self.edits = [0] * EDITORS
        self.failures = []
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(EDITORS)]

    @contextmanager
    def going_on(self):
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()
        assert self.failures == []

    def _work(self, number):
        chance = Random(number)
        try:
            for turn in count():
                if self._stop.is_set():
                    return
                chance.choice(
                    (self._edit, self._edit, self._rename, self._create, self._delete, self._picture)
                )(number, chance, turn)
                self.edits[number] += 1
        except Exception as error:  # noqa: BLE001 - a thread's only way to tell
            self.failures.append(error)

    def _change(self, chance, **changes):
        head = self._stores.items.get(f"{chance.randrange(ENTRIES) + 1:024x}")
        try:
            self._stores.items.replace(head, revised(head, **changes))
        except (EditConflict, TitleTaken):
            return

    def _edit(self, number, chance, turn):
        self._change(chance, summary=f"{number} {turn}", deleted=False)

    def _rename(self, number, chance, turn):
        # Few names for many entries: they change hands all the time.
        name = chance.randrange(20)
        self._change(chance, title=f"Name {name}", slug=f"name-{name}", deleted=False)

    def _create(self, number, chance, turn):
        self._stores.items.insert(make_item(f"New {number} {turn}", id=self._stores.items.new_id()))

    def _delete(self, number, chance, turn):
        self._change(chance, deleted=True)

    def _picture(self, number, chance, turn):
        user = self._stores.users.find_by_username(f"Editor{number}")
        new = self._stores.files.insert(PICTURE, AVATAR, user.id)
        self._stores.users.swap_avatar(user.id, user.avatar, new)
        self._stores.files.delete(user.avatar)


def eventually(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.002)
    return False


def test_a_backup_made_during_edits_is_whole_and_in_order(manage, stores, database, restored, tmp_path):
    with Editing(stores).going_on() as editing:
        assert eventually(lambda: min(editing.edits) > 5)
        before = sum(editing.edits)
        code, output = manage(database, "backup", tmp_path / "backup")
        assert code == 0, output
        assert sum(editing.edits) > before

    code, output = manage(restored, "restore", tmp_path / "backup")
    assert code == 0, output
    code, output = manage(restored, "check")
    assert code == 0, output
    assert "Writes are acknowledged by a majority and journaled (replica set" in output
    assert "Note:" not in output
    assert output.splitlines()[-1] == "Everything is in order."


def test_a_damaged_backup_writes_nothing_and_a_killed_restore_says_so_and_is_done_again(
    manage, stores, database, restored, tmp_path
):
    assert manage(database, "backup", tmp_path / "backup")[0] == 0
    whole = (tmp_path / "backup" / "items.bson.gz").read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    (tmp_path / "backup" / "items.bson.gz").write_bytes(flipped)
    code, output = manage(restored, "restore", tmp_path / "backup")
    assert (code, output.count("\n")) == (1, 1)
    assert "is damaged and nothing of it was restored" in output
    assert restored.list_collection_names() == []

    (tmp_path / "backup" / "items.bson.gz").write_bytes(whole)
    restoring = manage.start(restored, "restore", tmp_path / "backup")
    assert eventually(lambda: is_restoring(restored))
    restoring.send_signal(signal.SIGKILL)
    restoring.communicate()
    assert is_restoring(restored)

    for arguments in (["check"], ["run", "--port", free_port()], ["restore", tmp_path / "backup"]):
        code, output = manage(restored, *arguments)
        assert code == 1
        assert "was begun and not finished" in output
    code, output = manage(restored, "restore", "--again", tmp_path / "backup")
    assert code == 0, output
    assert manage(restored, "check")[0] == 0
    assert restored["items"].count_documents({}) == ENTRIES
