"""Processes of a running site are killed outright while it is edited or filled; it goes on where it was."""

import contextlib
import json
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
from app.embedded.instances import command_database
from app.services import items
from app.services.items import ItemDraft, Note
from app.storage import clients
from app.storage.stores import Stores
from tests.conftest import ROOT, unavailable
from tests.factories import NOW
from tests.faults.editors import Editors, Site, written
from tests.people import make_user
from tests.processes import command_line
from tests.servers import SECRET_KEY, ended, eventually, free_port, listens

EDITORS, LINES = 8, 4000


@pytest.fixture
def folder(tmp_path) -> Path:
    try:
        find_mongod()
    except NoMongod:
        unavailable("there is no mongod")
    return tmp_path / "data"


@contextmanager
def stores_of(folder: Path) -> Iterator[Stores]:
    """The stores of the running site, as a command opens them."""
    with command_database(folder) as uri, clients.connected(uri) as db:
        yield Stores.connect(db)


def environ(folder: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in ("MONGO_URI", "PKYX_ENV")}
    return own | {
        "PKYX_DATA": str(folder),
        "SECRET_KEY": SECRET_KEY,
        "WEB_CONCURRENCY": "2",
        "RATELIMIT_ENABLED": "0",
    }


@contextmanager
def running(folder: Path, port: int) -> Iterator[Site]:
    command = [sys.executable, "manage.py", "run", "--no-demo", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environ(folder))
    site = Site(port, process)
    with ended(process):
        eventually(site.is_up, 60)
        yield site


def manage(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environ(folder), capture_output=True, text=True, timeout=120, check=False
    )


def processes(site: Site, word: str) -> list[int]:
    """The processes of the site whose command line has the word, the oldest first."""
    return [pid for pid in sorted(site.processes()) if word.encode() in command_line(pid)]


def kill(*pids: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_nothing_acknowledged_is_lost_whatever_is_killed(folder):
    port, rounds = free_port(), []

    @contextmanager
    def editing(site: Site) -> Iterator[Editors]:
        rounds.append(Editors(site, entries, EDITORS, f"round {len(rounds)},"))
        with rounds[-1].at_work() as editors:
            editors.more_edits()
            yield editors

    with running(folder, port) as site:
        with stores_of(folder) as stores:
            ada = stores.users.insert(make_user("Ada", role=Role.ADMIN)).actor
            entries = [items.create(stores, ada, ItemDraft(f"E {n}"), Note(NOW)).id for n in range(4)]
        with editing(site) as editors:
            kill(processes(site, "gunicorn")[-1])
            editors.more_edits()
            kill(*processes(site, "mongod"))
            editors.more_edits()
            # The master; without it the site ends, and says so.
            kill(processes(site, "gunicorn")[0])
            assert site.process.wait(30) != 0
    with running(folder, port) as site, editing(site):
        kill(site.process.pid, *processes(site, ""))
        site.process.wait(30)
    eventually(lambda: not listens(port))
    with running(folder, port) as site:
        checked = manage(folder, "check")
        assert checked.returncode == 0, checked.stdout + checked.stderr
        with stores_of(folder) as stores:
            kept = written(stores, entries)
    acknowledged = [pair for editors in rounds for pair in editors.acknowledged]
    assert {pair for pair in acknowledged if kept[pair] != 1} == set()
    assert [answer for editors in rounds for answer in editors.unexpected] == []


def test_an_import_that_was_killed_is_finished_by_the_next(folder, tmp_path):
    facts = [{"name": f"Fact {n}", "kind": "text", "state": "value", "value": "told"} for n in range(30)]
    lines = (
        json.dumps({"title": f"Line {n}", "category": "lines", "attributes": facts}) for n in range(LINES)
    )
    source = tmp_path / "lines.jsonl"
    source.write_text("\n".join(lines))
    command = [sys.executable, "manage.py", "import", str(source)]
    with running(folder, free_port()) as site:
        first = subprocess.Popen(command, cwd=ROOT, env=environ(folder), stdout=subprocess.DEVNULL)
        eventually(lambda: first.poll() is not None or has(site, 0), 60)
        kill(first.pid, *processes(site, "mongod"))
        first.wait(10)
        eventually(site.is_up)
        assert not has(site, LINES - 1), "the import ended before it could be killed"
        second = manage(folder, "import", str(source))
        assert second.returncode == 0, second.stdout + second.stderr
        with stores_of(folder) as stores:
            assert stores.items.count_by_category() == {"lines": LINES}
        checked = manage(folder, "check")
        assert checked.returncode == 0, checked.stdout + checked.stderr


def has(site: Site, number: int) -> bool:
    """Say whether the entry of a line is there."""
    return site.send("GET", f"/api/v1/items/line-{number}?fields=title")[0] == 200
