"""A backup of what is edited meanwhile, and the database that a restore makes of it."""

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import bson
import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given, settings

from app.kinds.image import Image
from app.services import archives, backups, exports, integrity
from app.services.bulk_formats import Format
from app.storage import indexes, schema
from app.storage.dumps import Dump
from app.storage.durability import DURABLE
from app.storage.files import AVATAR, Picture
from app.storage.inspection import Inspection
from app.storage.loads import Contradictory, Load, NotEmpty, NothingUnfinished
from app.storage.maintenance import RestoreUnfinished, is_restoring
from app.storage.stores import Stores
from tests.factories import NOW, make_attribute, make_category, make_item, make_property, revised
from tests.people import make_user
from tests.unit.services.test_exports import sites

LATER = datetime(2026, 3, 15, tzinfo=UTC)


def ignore(*_told):
    """Nothing is shown."""


def back_up(db, folder):
    return backups.create(Dump(db), folder, NOW, ignore)


def restore(db, folder, **options):
    backups.restore(Load(db), folder, backups.check(folder), ignore, ignore, **options)


def problems_of(db):
    findings = integrity.inspect(Stores.connect(db), Inspection(db))
    return findings.problems + indexes.verify(db)


def content_of(db):
    """Every document of every collection, but for what belongs to a database itself."""
    names = set(db.list_collection_names()) - {"maintenance", "sessions"}
    return {
        name: rows
        for name in names
        if (rows := sorted((bson.encode(row) for row in db[name].find()), key=lambda row: row))
    }


def exported(db):
    out = StringIO(newline="")
    exports.run(Stores.connect(db), out, Format.JSONL)
    return out.getvalue()


def picture(content=b"picture"):
    return Picture(content, "image/webp", 1, 1)


def avatar(content):
    return Picture(content, "image/webp", 256, 256, {64: content[:3]})


def edit(stores, item, **changes):
    new = revised(item, **changes)
    return stores.items.replace(item, replace(new, change=replace(new.change, at=LATER)))


@pytest.fixture
def source(live_database):
    schema.prepare(live_database)
    return live_database


@pytest.fixture(scope="module")
def kept(mongo_client):
    name = "restored_backups"
    schema.prepare(mongo_client[name])
    yield mongo_client[name]
    mongo_client.drop_database(name)


@pytest.fixture
def target(kept):
    """Empty but for its indexes, as a start leaves it: to build them anew would be most of a restore."""
    for name in kept.list_collection_names():
        kept[name].delete_many({})
    return kept


@pytest.fixture
def stores(source):
    return Stores.connect(source)


@pytest.fixture
def site(stores):
    """Something of everything: history, a tombstone, a rename, pictures, people, counts, settings."""
    stores.categories.put(make_category("Countries", make_property("Area", unit="km²")))
    file = stores.files.insert(picture(b"flag" * 100_000), "item", "ada")
    flag = make_attribute("Flag", Image(None, file, "Red, white, red"), "image")
    item = stores.items.insert(make_item("Austria", flag))
    item = edit(stores, item, summary="In the Alps")
    edit(stores, item, title="Österreich", slug="osterreich", past_slugs=("austria",))
    gone = stores.items.insert(make_item("Atlantis"))
    edit(stores, gone, deleted=True)
    user = stores.users.insert(make_user("Ada"))
    chosen = stores.files.insert(avatar(b"face"), AVATAR, user.id)
    stores.users.swap_avatar(user.id, "", chosen)
    stores.settings.put("demo", "loaded")
    # Views are not waited for by any majority, and a backup has what was.
    stores.views._views.with_options(write_concern=DURABLE).insert_one({"_id": "austria", "count": 1})
    return stores


def test_all_of_a_site_comes_back(site, source, database, tmp_path):
    source["of a later release"].insert_one({"anything": 1})
    manifest = back_up(source, tmp_path / "backup")
    restore(database, tmp_path / "backup")
    assert content_of(database) == content_of(source)
    assert exported(database) == exported(source)
    assert problems_of(database) == []
    assert (manifest.count("items"), manifest.count("revisions"), manifest.count("users")) == (2, 3, 1)
    # A log-in that was ended since must not come back.
    assert "sessions" not in manifest.collections


@given(site=sites())
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_backup_and_restore_change_no_export(source, target, tmp_path_factory, site):
    for db in (source, target):
        for name in db.list_collection_names():
            db[name].delete_many({})
    found = Stores.connect(source)
    for item in site:
        edit(found, found.items.insert(item), summary="edited")
    folder = tmp_path_factory.mktemp("backups") / "backup"
    back_up(source, folder)
    restore(target, folder)
    assert exported(target) == exported(source)
    assert content_of(target) == content_of(source) | {
        name: rows for name, rows in content_of(target).items() if name == "migrations"
    }
    assert problems_of(target) == []


def meanwhile(dump, folder, act):
    """Write a backup, and call ``act`` after the first of its documents is out."""
    with archives.writing(folder) as writer:
        for number, (collection, document) in enumerate(dump.documents(writer.scratch)):
            if number == 0:
                act()
            writer.add(collection, document)
        return writer.finish(NOW, 1)


def test_what_is_edited_meanwhile_is_in_it_as_it_was_at_its_beginning(site, stores, source, target, tmp_path):
    # More than one batch, so that some entries are read after the edits.
    many = [make_item(f"Number {number}", id=f"{number + 1:024x}") for number in range(450)]
    stores.items.insert_many(many)
    before = exported(source)

    def act():
        for number in (1, 220, 430):
            item = stores.items.find_by_slug(f"number-{number}")
            for round_ in range(3):
                item = edit(stores, item, summary=f"round {round_}")
        stores.items.insert(make_item("Came later", id=stores.items.new_id()))

    meanwhile(Dump(source), tmp_path / "backup", act)
    restore(target, tmp_path / "backup")
    assert exported(target) == before
    assert exported(source) != before
    assert problems_of(target) == []
    # Also what views and facts made of its score is that of the moment.
    scores = [db["items"].find_one({"slug": "number-430"})["score"] for db in (source, target)]
    assert scores[0] == scores[1]


def test_titles_that_change_hands_meanwhile_do_not_meet_in_it(stores, source, target, tmp_path):
    stores.items.insert_many([make_item(f"Number {n}", id=f"{n + 1:024x}") for n in range(450)])

    def act():
        first, last = (stores.items.find_by_slug(f"number-{n}") for n in (440, 449))
        edit(stores, first, title="Elsewhere", slug="elsewhere")
        edit(stores, last, title="Number 440", slug="number-440")

    before = exported(source)
    meanwhile(Dump(source), tmp_path / "backup", act)
    restore(target, tmp_path / "backup")
    assert exported(target) == before
    assert problems_of(target) == []


def test_an_avatar_that_is_replaced_meanwhile_is_in_it_as_it_is_now(site, stores, source, target, tmp_path):
    def act():
        user = stores.users.find_by_username("ada")
        new = stores.files.insert(avatar(b"older face"), AVATAR, user.id)
        stores.users.swap_avatar(user.id, user.avatar, new)
        stores.files.delete(user.avatar)

    meanwhile(Dump(source), tmp_path / "backup", act)
    restore(target, tmp_path / "backup")
    found = Stores.connect(target)
    stored = found.files.open(found.users.find_by_username("ada").avatar, AVATAR)
    assert b"".join(stored.chunks) == b"older face"
    assert problems_of(target) == []


def test_an_avatar_of_which_only_the_small_size_is_left_counts_as_gone(
    site, stores, source, target, tmp_path
):
    def act():
        user = stores.users.find_by_username("ada")
        stores.users.swap_avatar(user.id, user.avatar, "")
        source["fs.files"].delete_one({"_id": ObjectId(user.avatar)})

    meanwhile(Dump(source), tmp_path / "backup", act)
    restore(target, tmp_path / "backup")
    assert Stores.connect(target).users.find_by_username("ada").avatar == ""
    assert problems_of(target) == []


def test_an_account_that_goes_meanwhile_is_in_it_without_its_avatar(site, stores, source, target, tmp_path):
    def act():
        user = stores.users.find_by_username("ada")
        stores.files.delete(user.avatar)
        source["users"].delete_one({})

    meanwhile(Dump(source), tmp_path / "backup", act)
    restore(target, tmp_path / "backup")
    assert Stores.connect(target).users.find_by_username("ada").avatar == ""
    assert problems_of(target) == []


def test_a_collection_that_is_made_in_this_moment_disturbs_nobody(site, source, tmp_path, monkeypatch):
    dump, tries = Dump(source), []
    pin_once = dump._pin_once

    def late(scratch):
        tries.append(scratch)
        if len(tries) == 1:
            with source.client.start_session(snapshot=True) as session:
                source["items"].find_one({}, session=session)
                source["brand new"].insert_one({})
                source["brand new"].find_one({}, session=session)
        return pin_once(scratch)

    monkeypatch.setattr(dump, "_pin_once", late)
    meanwhile(dump, tmp_path / "backup", ignore)
    assert len(tries) == 2
    source.drop_collection("brand new")


def test_memory_does_not_grow_with_the_site(stores, source, tmp_path):
    stores.items.insert_many([make_item(f"Number {n}", id=f"{n + 1:024x}") for n in range(300)])
    for number in range(20):
        stores.files.insert(picture(bytes([number]) * 2_000_000), "item", "ada")
    tracemalloc.start()
    manifest = back_up(source, tmp_path / "backup")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (manifest.count("items"), manifest.count("fs.files")) == (300, 20)
    assert peak < 16_000_000


@pytest.fixture
def folder(site, source, tmp_path):
    back_up(source, tmp_path / "backup")
    return tmp_path / "backup"


def test_a_database_that_holds_anything_is_refused(folder, target):
    target["users"].insert_one({"_id": 1})
    with pytest.raises(NotEmpty, match="something in “users”"):
        restore(target, folder)
    assert content_of(target) == {"users": [bson.encode({"_id": 1})]}


def test_a_database_that_was_started_and_never_used_is_empty(folder, database, source):
    schema.prepare(database)
    restore(database, folder)
    assert content_of(database) == content_of(source)


def test_nothing_is_written_for_a_damaged_backup(folder, database):
    damaged = folder / "items.bson.gz"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(archives.Damaged, match="nothing of it was restored"):
        restore(database, folder)
    assert database.list_collection_names() == []


def test_a_restore_that_is_cut_off_says_so_and_can_be_done_again(folder, database, source):
    class Killed(BaseException):
        pass

    def kill(done):
        raise Killed

    with pytest.raises(Killed):
        backups.restore(Load(database), folder, backups.check(folder), kill, ignore)
    assert is_restoring(database)
    for refused in (
        lambda: restore(database, folder),
        lambda: back_up(database, folder.with_name("other")),
    ):
        with pytest.raises(RestoreUnfinished, match="restore DIR --again"):
            refused()
    restore(database, folder, again=True)
    assert content_of(database) == content_of(source)
    assert problems_of(database) == []


def test_again_empties_nothing_but_an_unfinished_restore(folder, source):
    before = content_of(source)
    with pytest.raises(NothingUnfinished):
        restore(source, folder, again=True)
    assert content_of(source) == before


def test_a_document_that_came_in_between_makes_the_restore_fail_and_unfinished(folder, target):
    load = Load(target)
    begin = load.begin

    def begin_and_write(name):
        begin(name)
        target["settings"].insert_one({"_id": "demo", "value": "written by a running site"})

    load.begin = begin_and_write
    with pytest.raises(Contradictory, match="“settings”"):
        backups.restore(load, folder, backups.check(folder), ignore, ignore)
    assert is_restoring(target)


def test_an_older_schema_is_brought_up_to_the_present_one(site, source, target, tmp_path):
    source["migrations"].delete_many({})
    back_up(source, tmp_path / "backup")
    restore(target, tmp_path / "backup")
    assert schema.pending(target) == []
