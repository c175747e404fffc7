"""Each thing that must hold of the data, broken by hand, is told; and what edits do meanwhile is not."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from app.kinds.image import Image
from app.kinds.reference import Reference
from app.services import integrity
from app.storage import durability, indexes
from app.storage.durability import DURABLE, NotDurable
from app.storage.files import AVATAR, Picture
from app.storage.inspection import Inspection
from app.storage.stores import Stores
from tests.factories import make_attribute, make_category, make_item, revised
from tests.people import make_user

LONG_AGO = datetime.now(UTC) - timedelta(days=3)
PICTURE = Picture(b"picture" * 100_000, "image/webp", 256, 256, {64: b"pic"})


@pytest.fixture
def stores(live_stores):
    return live_stores


@pytest.fixture
def site(stores):
    """An entry at revision 3 with a picture, and one account with an avatar: nothing is wrong."""
    stores.categories.put(make_category("Countries"))
    file = stores.files.insert(PICTURE, "item", "ada")
    item = stores.items.insert(make_item("Austria", make_attribute("Flag", Image(None, file, ""), "image")))
    for summary in ("one", "two"):
        item = stores.items.replace(item, revised(item, summary=summary))
    user = stores.users.insert(make_user("Ada"))
    stores.users.swap_avatar(user.id, "", stores.files.insert(PICTURE, AVATAR, user.id))
    return item


def inspect(db):
    return integrity.inspect(Stores.connect(db), Inspection(db))


def of(item):
    return {"item_id": ObjectId(item.id)}


def test_a_site_in_order_has_neither_problems_nor_notes(site, live_database):
    findings = inspect(live_database)
    assert (findings.problems, findings.notes) == ([], [])
    assert str(findings) == "Entries: 1, earlier revisions: 2, accounts: 1, files: 4."


def drop_unique(db, collection, field):
    db[collection].drop_index(f"{field}_1")


def double(db, collection, field):
    drop_unique(db, collection, field)
    row = db[collection].find_one({field: {"$exists": True}})
    others = {
        name: f"other {value}"
        for name, value in row.items()
        if name.endswith(("_key", "slug")) and name != field
    }
    db[collection].insert_one({**row, **others, "_id": ObjectId()})


BREAKING = {
    "a gap": (
        lambda db, item: db["revisions"].delete_one({**of(item), "revision": 1}),
        "({id}): revisions are missing from its history: 1",
    ),
    "a revision from nowhere": (
        lambda db, item: db["revisions"].update_one({**of(item), "revision": 2}, {"$set": {"revision": 7}}),
        "its history holds revisions beyond the present one, 3",
    ),
    "a revision in the place of another": (
        lambda db, item: db["revisions"].update_one({"revision": 2}, {"$set": {"aliases": ["x"]}}),
        "({id}): revisions do not follow from the one before: 2, 3",
    ),
    "a revision that says to have touched something else": (
        lambda db, item: db["items"].update_one({}, {"$set": {"change.keys": ["area"]}}),
        "revisions do not follow from the one before: 3",
    ),
    "a revision of another parent": (
        lambda db, item: db["revisions"].update_one({"revision": 2}, {"$set": {"revision_id": ObjectId()}}),
        "revisions do not follow from the one before: 3",
    ),
    "a revision that is older than its parent": (
        lambda db, item: db["items"].update_one({}, {"$set": {"change.at": LONG_AGO - timedelta(days=9999)}}),
        "revisions do not follow from the one before: 3",
    ),
    "another copy of the head": (
        lambda db, item: db["revisions"].insert_one(
            db["revisions"].find_one({"revision": 2}, {"_id": False}) | {"revision": 3}
        ),
        "its history holds another revision 3",
    ),
    "revisions without an entry": (
        lambda db, item: db["revisions"].update_one({"revision": 1}, {"$set": {"item_id": ObjectId()}}),
        "Revisions of an entry that is gone",
    ),
    "a slug of two": (lambda db, item: double(db, "items", "slug"), "Not unique, items slug: austria"),
    "a title of two": (lambda db, item: double(db, "items", "title_key"), "Not unique, items title_key"),
    "a username of two": (lambda db, item: double(db, "users", "username_key"), "Not unique, users username"),
    "an entry without its slug": (
        lambda db, item: db["items"].update_one({}, {"$unset": {"slug": ""}}),
        "its slug or the key of its title",
    ),
    "an entry under another title": (
        lambda db, item: db["items"].update_one({}, {"$set": {"title_key": "hungary"}}),
        "its slug or the key of its title",
    ),
    "an entry that cannot be read": (
        lambda db, item: db["items"].update_one({}, {"$unset": {"attributes": ""}}),
        "it cannot be read",
    ),
    "a damaged value": (
        lambda db, item: db["items"].update_one({}, {"$set": {"attributes.0.value": 7}}),
        "values cannot be read: flag",
    ),
    "a key of two": (
        lambda db, item: db["items"].update_one(
            {}, [{"$set": {"attributes": {"$concatArrays": ["$attributes", "$attributes"]}}}]
        ),
        "two of its attributes share a key",
    ),
    "a picture that is gone": (
        lambda db, item: db["fs.files"].delete_one({"metadata.purpose": "item", "metadata.of": None}),
        "of entry “Austria”, revision 3 is missing",
    ),
    "an avatar that is gone": (
        lambda db, item: db["fs.files"].delete_one({"metadata.purpose": AVATAR, "metadata.of": None}),
        "of account Ada is missing",
    ),
    "a piece that is gone": (
        lambda db, item: db["fs.chunks"].delete_one({"n": 1}),
        "is not what was uploaded",
    ),
    "a bit that flipped": (
        lambda db, item: db["fs.chunks"].update_one({"n": 1}, {"$set": {"data": b"?" * 255 * 1024}}),
        "is not what was uploaded",
    ),
}


@pytest.mark.parametrize(("break_it", "words"), BREAKING.values(), ids=BREAKING)
def test_what_is_broken_is_told(site, live_database, break_it, words):
    break_it(live_database, site)
    try:
        problems = "\n".join(inspect(live_database).problems)
        assert words.format(id=site.id) in problems
    finally:
        for collection in ("items", "users"):
            live_database[collection].delete_many({})
        indexes.ensure(live_database)


def test_what_people_may_write_is_noted_and_not_wrong(site, stores, live_database):
    dangling = make_attribute("Capital", Reference("vienna"), "reference")
    stores.items.insert(make_item("Hungary", dangling, category="no-such"))
    findings = inspect(live_database)
    assert findings.problems == []
    assert findings.notes == [
        "Categories that entries name and nobody described: 1 (no-such)",
        "References to entries that do not exist: 1 (hungary → vienna)",
    ]


def test_a_reference_to_a_former_slug_leads_somewhere(site, stores, live_database):
    stores.items.replace(site, revised(site, title="Österreich", slug="osterreich", past_slugs=("austria",)))
    stores.items.insert(make_item("Hungary", make_attribute("Next to", Reference("austria"), "reference")))
    assert inspect(live_database).notes == []


def test_files_that_nobody_uses_are_noted_after_a_day(site, stores, live_database):
    fresh = stores.files.insert(PICTURE, "item", "ada")
    assert inspect(live_database).notes == []
    live_database["fs.files"].update_many({}, {"$set": {"uploadDate": LONG_AGO}})
    notes = inspect(live_database).notes
    assert len(notes) == 1
    assert notes[0].startswith("Files that nothing refers to: 2 (")
    assert fresh in notes[0]


def test_uploads_that_were_cut_off_are_noted_after_a_day(site, live_database):
    live_database["fs.chunks"].insert_one({"files_id": ObjectId(), "n": 0, "data": b""})
    assert inspect(live_database).notes == []
    old = ObjectId.from_datetime(LONG_AGO)
    live_database["fs.chunks"].insert_many([{"files_id": old, "n": n, "data": b""} for n in range(2)])
    assert inspect(live_database).notes == ["Uploads that were never finished: 1"]


def test_a_picture_that_only_earlier_revisions_show_is_noted_when_it_is_gone(site, stores, live_database):
    stores.items.replace(site, revised(site, attributes=()))
    file = site.attributes[0].value.file
    live_database["fs.files"].delete_one({"_id": ObjectId(file)})
    live_database["fs.files"].delete_many({"metadata.of": ObjectId(file)})
    findings = inspect(live_database)
    assert findings.problems == []
    assert findings.notes == [f"Files of earlier revisions that are missing: 1 ({file})"]


def test_an_unknown_kind_is_no_damage(site, live_database):
    for collection in ("items", "revisions"):
        live_database[collection].update_many({}, {"$set": {"attributes.0.kind": "hologram"}})
    assert inspect(live_database).problems == []


def test_a_copy_of_the_head_that_a_crash_left_is_no_damage(site, stores, live_database):
    stores.items._archive(site)
    assert inspect(live_database).problems == []


def test_what_an_older_release_writes_is_no_damage(site, live_database):
    """It knows nothing of identities: it leaves that of the head as it is and archives without one."""
    head = live_database["items"].find_one()
    archived = {
        name: value for name, value in head.items() if name not in ("_id", "revision_id", "parent_id")
    }
    live_database["revisions"].insert_one({**archived, "item_id": head["_id"]})
    change = {**head["change"], "keys": ["@summary"]}
    live_database["items"].update_one({}, {"$set": {"revision": 4, "summary": "four", "change": change}})
    assert inspect(live_database).problems == []
    stores = Stores.connect(live_database)
    item = stores.items.get(site.id)
    stores.items.replace(item, revised(item, summary="five"))
    assert inspect(live_database).problems == []


def test_an_edit_in_between_is_no_damage(site, stores, live_database, monkeypatch):
    inspection = Inspection(live_database)
    read = inspection._archived

    def edit_and_read(ids):
        head = stores.items.get(site.id)
        for summary in ("three", "four"):
            head = stores.items.replace(head, revised(head, summary=summary))
        return read(ids)

    monkeypatch.setattr(inspection, "_archived", edit_and_read)
    assert integrity.inspect(stores, inspection).problems == []


def test_an_avatar_that_is_replaced_in_between_is_not_missed(site, stores, live_database, monkeypatch):
    inspection = Inspection(live_database)
    files = inspection.files

    def replace_and_read():
        user = stores.users.find_by_username("Ada")
        new = stores.files.insert(PICTURE, AVATAR, user.id)
        stores.users.swap_avatar(user.id, user.avatar, new)
        stores.files.delete(user.avatar)
        return files()

    monkeypatch.setattr(inspection, "files", replace_and_read)
    assert integrity.inspect(stores, inspection).problems == []


def test_writes_are_proved_to_reach_a_majority_and_the_journal(live_database):
    durable = live_database.with_options(write_concern=DURABLE)
    assert str(durability.prove(durable)) == "replica set pkyx, members: 1"


def test_another_write_concern_is_told(live_database):
    careless = live_database.with_options(write_concern=DURABLE.__class__(w=1))
    with pytest.raises(NotDurable, match="write concern is"):
        durability.prove(careless)


def test_a_majority_that_does_not_answer_is_told(live_database, monkeypatch):
    monkeypatch.setattr(durability, "_PROBE_SECONDS", 0.000001)
    with pytest.raises(NotDurable):
        durability.prove(live_database.with_options(write_concern=DURABLE))


@pytest.mark.parametrize(
    ("hello", "words"),
    [
        ({"msg": "isdbgrid"}, "a sharded cluster"),
        ({}, "one mongod that is no replica set"),
        ({"setName": "rs", "hosts": ["a", "b"], "arbiters": ["c"]}, "replica set rs, members: 3"),
    ],
)
def test_where_writes_go_is_said(hello, words):
    assert str(durability.topology(hello)) == words
