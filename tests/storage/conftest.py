"""Every store contract runs twice: on mongomock and on a real mongod."""

from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from app.domain.items import Attribute, Item
from app.storage import indexes
from app.storage.stores import Stores
from tests.factories import make_item


@pytest.fixture(params=["mongomock", "mongod"])
def any_database(request: pytest.FixtureRequest) -> Database[dict[str, Any]]:
    if request.param == "mongod":
        return request.getfixturevalue("live_database")
    db = request.getfixturevalue("mock_database")
    indexes.ensure(db)
    return db


@pytest.fixture
def stores(any_database: Database[dict[str, Any]]) -> Stores:
    return Stores.connect(any_database)


@pytest.fixture(scope="session")
def indexed_database(mongo_client: MongoClient[dict[str, Any]]) -> Database[dict[str, Any]]:
    """One real database for all of these tests: making its indexes costs more than most of them."""
    db = mongo_client["storage_contract"]
    indexes.ensure(db)
    return db


@pytest.fixture
def live_database(indexed_database: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    for name in indexed_database.list_collection_names():
        indexed_database[name].delete_many({})
    return indexed_database


@pytest.fixture
def live_stores(live_database: Database[dict[str, Any]]) -> Stores:
    return Stores.connect(live_database)


class Making:
    """Adds items by title, each with an id of its own."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def __call__(self, title: str, *attributes: Attribute, **others: Any) -> Item:
        item = make_item(title, *attributes, id=self._stores.items.new_id(), **others)
        return self._stores.items.insert(item)


@pytest.fixture
def add(stores: Stores) -> Making:
    return Making(stores)
