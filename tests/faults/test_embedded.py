"""The embedded database against kills, second starts and moves. Each test runs real processes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pymongo import MongoClient

from app.embedded import binaries
from app.embedded.errors import EmbeddedError, FolderInUse, NoMongod
from app.embedded.folders import DataFolder
from app.embedded.instances import command_database, find_site_database, site_database
from tests.conftest import unavailable
from tests.processes import all_of_them, command_line, is_running, open_files

ROOT = Path(__file__).parents[2]
SITE = """
import sys, time
from pathlib import Path
from app.embedded.instances import site_database
with site_database(Path(sys.argv[1]), lambda: None) as uri:
    print(uri, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def _needs_mongod():
    try:
        binaries.find_mongod()
    except NoMongod as error:
        unavailable(str(error))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "instance"


@contextlib.contextmanager
def site_process(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", SITE, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def mongod_pid(uri):
    with MongoClient(uri) as client:
        return client.admin.command("serverStatus")["pid"]


def await_end(pid, seconds=60.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_running(pid):
            return True
        time.sleep(0.02)
    return False


def count(uri):
    with MongoClient(uri) as client:
        return client.pkyx.things.count_documents({})


def test_a_database_starts_stops_and_keeps_what_was_written(folder):
    with site_database(folder, lambda: None) as uri:
        pid = mongod_pid(uri)
        with MongoClient(uri) as client, client.start_session() as session, session.start_transaction():
            client.pkyx.things.insert_one({}, session=session)
    assert await_end(pid)
    with site_database(folder, lambda: None) as uri:
        assert count(uri) == 1


def test_nothing_listens_on_the_network(folder):
    with site_database(folder, lambda: None) as uri:
        status = subprocess.run(
            ["cat", f"/proc/{mongod_pid(uri)}/net/tcp"], capture_output=True, text=True, check=True
        )
        inodes = {line.split()[9] for line in status.stdout.splitlines()[1:]}
        held = open_files(mongod_pid(uri))
    assert not held & {f"socket:[{inode}]" for inode in inodes}


def test_a_parent_killed_outright_leaves_nothing_running_and_nothing_lost(folder):
    with site_process(folder) as (process, uri):
        pid = mongod_pid(uri)
        with MongoClient(uri) as client:
            client.pkyx.things.insert_many([{} for _ in range(50)])
        process.kill()
        process.wait()
        assert await_end(pid)
    with site_database(folder, lambda: None) as uri:
        assert count(uri) == 50


def test_a_killed_database_is_started_again_under_the_same_address(folder, capsys):
    with site_database(folder, pytest.fail) as uri, MongoClient(uri) as client:
        client.pkyx.things.insert_one({})
        first = mongod_pid(uri)
        os.kill(first, signal.SIGKILL)
        assert client.pkyx.things.count_documents({}) == 1
        assert mongod_pid(uri) != first
    assert "starting it again" in capsys.readouterr().err


def test_a_second_site_on_the_folder_is_refused_and_told_whose_it_is(folder):
    with (
        site_process(folder) as (process, _uri),
        pytest.raises(FolderInUse, match=f"in use by process {process.pid}"),
        site_database(folder, lambda: None),
    ):
        pytest.fail("two sites held one folder")


def test_a_command_uses_the_database_of_the_running_site(folder):
    with site_process(folder) as (_process, uri):
        with command_database(folder) as borrowed:
            assert borrowed == uri
        assert find_site_database(folder) == uri
        assert mongod_pid(uri)


def test_a_command_without_a_site_starts_the_database_and_stops_it(folder):
    with command_database(folder) as uri:
        pid = mongod_pid(uri)
        assert find_site_database(folder) is None
    assert await_end(pid)


def test_an_announcement_left_by_a_crash_is_not_believed(folder):
    data = DataFolder(folder)
    data.create()
    stale = {"pid": os.getpid(), "role": "site", "uri": "mongodb://%2Fnowhere.sock/"}
    (folder / "holder.json").write_text(json.dumps(stale))
    assert find_site_database(folder) is None
    with command_database(folder) as uri:
        assert uri != stale["uri"]


def test_a_folder_that_was_moved_starts_again(folder, tmp_path):
    with site_database(folder, lambda: None) as uri, MongoClient(uri) as client:
        client.pkyx.things.insert_one({})
    moved = folder.rename(tmp_path / "elsewhere")
    with site_database(moved, lambda: None) as uri:
        assert count(uri) == 1


def test_a_folder_with_a_very_long_path_works(tmp_path):
    deep = tmp_path / ("long-" * 30)
    with site_database(deep, lambda: None) as uri:
        assert count(uri) == 0


def test_a_mongod_that_cannot_start_is_one_clear_line(folder, tmp_path, monkeypatch):
    program = tmp_path / "mongod"
    program.write_text("#!/bin/sh\nexit 14\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with (
        pytest.raises(EmbeddedError, match=r"did not start: it ended with status 14 \(its log: "),
        site_database(folder, lambda: None),
    ):
        pytest.fail("it started")
    assert DataFolder(folder).find_holder() is None


@pytest.mark.parametrize("delay", [0.0, 0.15, 0.4, 0.8, 1.2])
def test_ctrl_c_at_any_moment_of_the_start_leaves_nothing_and_breaks_nothing(folder, delay):
    process = subprocess.Popen(
        [sys.executable, "-c", SITE, str(folder)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    for pid in running_on(folder):
        assert await_end(pid)
    with site_database(folder, lambda: None) as uri:
        assert count(uri) == 0


def running_on(folder):
    """The processes whose command line names the folder."""
    return [pid for pid in all_of_them() if str(folder / "db").encode() in command_line(pid)]
