"""What the driver raises, what a cursor may be, and the one list of indexes."""

import inspect
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WriteError,
    WTimeoutError,
)

from app.domain.errors import BadQuery, DatabaseUnavailable, InvalidInput
from app.storage import cursors, indexes, remembering
from app.storage.attribution import AttributionStore
from app.storage.categories import CategoryStore
from app.storage.errors import database_errors
from app.storage.files import FileStore
from app.storage.items import ItemStore
from app.storage.remembering import Remembered
from app.storage.sessions import SessionStore
from app.storage.stores import Stores
from app.storage.users import UserStore
from app.storage.views import ViewStore
from tests.factories import make_item

STORES = (ItemStore, CategoryStore, UserStore, SessionStore, AttributionStore, FileStore, ViewStore)


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("gone"),
        NotPrimaryError("elsewhere"),
        ServerSelectionTimeoutError("nobody"),
        ExecutionTimeout("slow"),
        WTimeoutError("no majority", 64),
        WriteConcernError("no majority", 64),
        OperationFailure("shutting down", 91),
        OperationFailure("stepping down", 11602),
        BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_database_that_is_away_is_unavailable(error):
    with pytest.raises(DatabaseUnavailable), database_errors():
        raise error


@pytest.mark.parametrize(
    "error", [DuplicateKeyError("twice"), OperationFailure("bad", 2), ValueError("defect")]
)
def test_other_errors_stay_what_they_are(error):
    with pytest.raises(type(error)), database_errors():
        raise error


def test_a_lost_database_is_unavailable_in_time():
    with MongoClient("mongodb://127.0.0.1:9", serverSelectionTimeoutMS=1) as client:
        stores = Stores.connect(client["gone"])
        for verb in (
            lambda: stores.items.find("0" * 24),
            lambda: stores.items.replace(make_item(), make_item()),
            lambda: list(stores.items.iterate()),
        ):
            with pytest.raises(DatabaseUnavailable):
                verb()


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.__name__)
def test_every_verb_translates_errors(store):
    verbs = inspect.getmembers(store, inspect.isfunction)
    public = {name: verb for name, verb in verbs if not name.startswith("_")}
    bare = {name for name, verb in public.items() if not hasattr(verb, "__wrapped__")}
    # A new id needs no database; what only adds, pages or remembers calls verbs that translate.
    assert bare <= {"new_id", "iterate", "count_view", "find_recent", "find_recent_many", "insert_many"}


@pytest.mark.parametrize("code", [10334, 17419])
def test_a_size_that_only_the_server_notices_is_refused_too(code):
    with pytest.raises(InvalidInput), database_errors():
        raise WriteError("Resulting document after update is larger than 16777216", code)


def test_an_entry_beyond_what_a_document_holds_is_refused(live_stores):
    with pytest.raises(InvalidInput):
        live_stores.items.insert(make_item(summary="x" * 17_000_000))


def test_a_cursor_reads_back_as_it_was_given():
    values = ["甜\x00", -3, datetime(1, 1, 1, tzinfo=UTC), ObjectId()]
    cursor = cursors.encode("list", values)
    assert cursors.decode("list", [str, int, datetime, ObjectId], cursor) == values
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "values",
    [[1], ["a", 1], [None], [True], [2**60], [{"$gt": ""}], [["a"]], [1.5]],
)
def test_a_cursor_with_values_of_other_types_is_refused(values):
    cursor = cursors.encode("list", values)
    with pytest.raises(BadQuery):
        cursors.decode("list", [str] if values != [2**60] else [int], cursor)


@pytest.mark.parametrize(
    "cursor", ["", "!", "W10=", "ey4uLg", "[" * 3000, "IlxcdWQ4MDAi", "\ud800", "WyJsaXN0IiwiXHVkODAwIl0"]
)
def test_a_cursor_that_cannot_be_read_is_refused(cursor):
    with pytest.raises(BadQuery) as refusal:
        cursors.decode("list", [str], cursor)
    assert refusal.value.errors[0].path == "cursor"


def test_indexes_are_made_once_and_verified(any_database):
    indexes.ensure(any_database)
    assert indexes.verify(any_database) == []


def test_a_missing_and_a_changed_index_are_named_and_mended(live_database):
    live_database["items"].drop_index("slug_1")
    live_database["items"].create_index("slug", name="slug_1")
    live_database["revisions"].drop_index("item_id_1_revision_1")
    problems = indexes.verify(live_database)
    assert len(problems) == 2
    assert "slug_1 has other options" in problems[0]
    assert "item_id_1_revision_1 is missing" in problems[1]
    indexes.ensure(live_database)
    assert indexes.verify(live_database) == []


def test_writes_are_acknowledged_by_a_majority_and_journaled(live_stores):
    concern = live_stores.items._items.write_concern.document
    assert concern == {"w": "majority", "j": True}


def test_a_costly_answer_is_kept_and_a_quick_one_is_not(monkeypatch):
    now, answers = [0.0], iter(range(10))
    monkeypatch.setattr(remembering, "_QUICK", 0.02)
    monkeypatch.setattr(remembering, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def ask(seconds: float) -> int:
        now[0] += seconds
        return next(answers)

    quick = Remembered(lambda: ask(0.01))
    assert (quick(), quick()) == (0, 1)
    slow = Remembered(lambda: ask(0.03))
    assert slow() == slow() == 2
    now[0] += 1
    assert slow() == 3
