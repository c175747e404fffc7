"""Several starts of pkyx on one database at once, and one that dies in the middle, as real processes."""

import signal
import subprocess
import sys
import time

import pytest

from app.storage import indexes, schema
from tests.conftest import ROOT

# Counts its runs, and lasts long enough for the other process to come.
SLOW = """
import os, signal, sys, time
from pymongo import MongoClient
from app.storage import schema
from app.storage.migrations import Migration

uri, name, role = sys.argv[1:]
db = MongoClient(uri, tz_aware=True, w="majority", journal=True)[name]

def run(number):
    def work(db):
        db["log"].insert_one({"migration": number, "by": role})
        if role == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        deadline = time.monotonic() + 20
        while role != "alone" and not db["log"].find_one({"waiting": True}) and time.monotonic() < deadline:
            time.sleep(0.02)
    return Migration(number, "Slow", work)

def waiting():
    db["log"].insert_one({"waiting": True})

# One that lives renews in time also where it is given little of the processor; for the other, some wait.
done = schema.prepare(db, waiting, [run(1), run(2)], term=1.5 if role == "dies" else 15)
print(len(done))
"""


def start(uri, database, role):
    command = [sys.executable, "-c", SLOW, uri, database.name, role]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def log(database):
    return database["log"]


def test_of_two_starts_at_once_one_migrates_and_the_other_waits(mongo_uri, database, log):
    both = [start(mongo_uri, database, name) for name in ("one", "other")]
    outputs = [process.communicate(timeout=60)[0].strip() for process in both]
    assert sorted(outputs) == ["0", "2"]
    assert [process.returncode for process in both] == [0, 0]
    assert log.count_documents({"waiting": True}) == 1
    assert [row["migration"] for row in log.find({"migration": {"$gt": 0}}).sort("_id", 1)] == [1, 2]
    assert schema.version(database) == 2
    assert indexes.verify(database) == []


def test_a_start_that_is_killed_while_it_migrates_blocks_nobody_for_long(mongo_uri, database, log):
    dying = start(mongo_uri, database, "dies")
    dying.communicate(timeout=60)
    assert dying.returncode == -signal.SIGKILL
    assert schema.version(database) == 0

    begun = time.monotonic()
    assert start(mongo_uri, database, "alone").communicate(timeout=60)[0].strip() == "2"
    assert time.monotonic() - begun < 30
    # The first began again from its beginning, which is why migrations are idempotent.
    assert [row["migration"] for row in log.find({"migration": {"$gt": 0}}).sort("_id", 1)] == [1, 1, 2]
    assert indexes.verify(database) == []
