"""Migrations run once, in order, by one process at a time; and the lock behind that."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from pymongo import MongoClient

from app.domain.errors import DatabaseUnavailable
from app.services import integrity
from app.storage import indexes, migrations, schema
from app.storage.inspection import Inspection
from app.storage.leases import Lease, LeaseLost
from app.storage.maintenance import COLLECTION
from app.storage.migrations import MIGRATIONS, Migration
from app.storage.schema import SchemaNewer
from tests.factories import revised
from tests.storage.conftest import Making


def noted(number):
    def run(db):
        db["log"].insert_one({"ran": number})

    return Migration(number, f"Note {number}", run)


def ran(db):
    return [row["ran"] for row in db["log"].find().sort("_id", 1)]


def never():
    raise AssertionError("nobody holds the lock")


def test_what_is_pending_runs_once_in_order_and_is_recorded(database):
    assert [one.number for one in schema.prepare(database, never, [noted(2), noted(1)])] == [1, 2]
    assert schema.prepare(database, never, [noted(1), noted(2), noted(3)]) != []
    assert schema.prepare(database, never, [noted(1), noted(2), noted(3)]) == []
    assert ran(database) == [1, 2, 3]
    assert schema.version(database) == 3
    assert [row["title"] for row in database["migrations"].find().sort("_id", 1)][2] == "Note 3"
    assert indexes.verify(database) == []


def test_one_that_fails_is_not_recorded_and_runs_again(database):
    def fail(db):
        db["log"].insert_one({"ran": "half"})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        schema.prepare(database, never, [noted(1), Migration(2, "Fails", fail), noted(3)])
    assert schema.version(database) == 1
    # The lock is free again at once.
    schema.prepare(database, never, [noted(1), noted(2), noted(3)])
    assert ran(database) == [1, "half", 2, 3]


def test_a_database_of_a_newer_release_is_left_alone(live_database):
    live_database["migrations"].insert_one({"_id": schema.newest() + 1})
    before = sorted(live_database.list_collection_names())
    with pytest.raises(SchemaNewer, match="newer pkyx"):
        schema.prepare(live_database)
    assert sorted(live_database.list_collection_names()) == before


def test_the_numbers_of_migrations_are_their_own_and_go_up():
    numbers = [migration.number for migration in MIGRATIONS]
    assert numbers == sorted(set(numbers))


def test_every_migration_can_run_again_and_on_an_empty_database(database):
    for migration in (*MIGRATIONS, *MIGRATIONS):
        migration.run(database)


def test_revisions_of_older_releases_get_identities_and_go_on(live_stores, live_database):
    add = Making(live_stores)
    for title in ("Tofu", "Natto", "Tempeh"):
        item = add(title)
        live_stores.items.replace(item, revised(item, summary="new"))
    without = {"$unset": {"revision_id": "", "parent_id": ""}}
    for name in ("items", "revisions"):
        live_database[name].update_many({"slug": {"$ne": "tempeh"}}, without)
    known = live_database["items"].find_one({"slug": "tempeh"})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "_AT_ONCE", 2)
        MIGRATIONS[1].run(live_database)

    rows = [row for name in ("items", "revisions") for row in live_database[name].find()]
    assert len({row["revision_id"] for row in rows}) == 6
    assert live_database["items"].find_one({"slug": "tempeh"}) == known
    item = live_stores.items.find_by_slug("tofu")
    assert live_stores.items.replace(item, revised(item, summary="newer")).parent_id == item.revision_id
    assert integrity.inspect(live_stores, Inspection(live_database)).problems == []


def test_indexes_that_others_superseded_go(live_database):
    live_database["items"].create_index("names")
    live_database["items"].create_index("former_slug", sparse=True)
    MIGRATIONS[0].run(live_database)
    assert {"names_1", "former_slug_1"}.isdisjoint(live_database["items"].index_information())
    assert indexes.verify(live_database) == []


def test_a_lock_is_held_by_one_at_a_time(live_database):
    inside, waited = [], threading.Event()

    def work(name, on_wait):
        with Lease(live_database, "work", 60.0).held(on_wait):
            inside.append(f"{name} in")
            if name == "first":
                second.start()
                waited.wait(60)
            inside.append(f"{name} out")

    second = threading.Thread(target=work, args=("second", waited.set))
    work("first", never)
    second.join()
    assert inside == ["first in", "first out", "second in", "second out"]


def test_a_holder_that_lives_keeps_the_lock_beyond_its_term(live_database):
    lease, other = Lease(live_database, "work", 0.6), Lease(live_database, "work", 0.6)
    with lease.held(never):
        started = _until(live_database)
        deadline = time.monotonic() + 60
        while _until(live_database) < started + timedelta(seconds=1) and time.monotonic() < deadline:
            time.sleep(0.02)
        lease.require()
        with pytest.raises(LeaseLost):
            other.require()


def _until(db):
    return db[COLLECTION].find_one({"_id": "lock work"})["until"]


def test_the_lock_of_a_dead_holder_ends_by_itself(live_database):
    locks, waited = live_database[COLLECTION], []

    def wait():
        # Only from here on, or a busy machine might come when its term is over.
        soon = datetime.now(UTC) + timedelta(seconds=0.5)
        locks.update_one({"_id": "lock work"}, {"$set": {"until": soon}})
        waited.append(True)

    late = datetime.now(UTC) + timedelta(hours=1)
    locks.insert_one({"_id": "lock work", "holder": "dead", "until": late})
    with Lease(live_database, "work").held(wait):
        assert waited == [True]


def test_a_migration_whose_lock_went_to_another_is_not_recorded(live_database):
    def lose(db):
        taken = {"holder": "another", "until": datetime.now(UTC) + timedelta(minutes=1)}
        db[COLLECTION].update_one({"_id": "lock schema"}, {"$set": taken})

    with pytest.raises(LeaseLost):
        schema.prepare(live_database, never, [Migration(1, "Loses the lock", lose)])
    assert schema.version(live_database) == 0


def test_a_database_that_is_away_is_unavailable():
    with (
        MongoClient("mongodb://127.0.0.1:1/", serverSelectionTimeoutMS=50) as client,
        pytest.raises(DatabaseUnavailable),
    ):
        schema.prepare(client["pkyx"])
