"""The API on a real database with a few entries whose values are easy to tell apart."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.database import Database
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app import extensions
from app.domain.categories import Direction
from app.domain.items import Item, State
from app.domain.users import SYSTEM, Role
from app.kinds.date import PartialDate
from app.kinds.money import Money
from app.kinds.number import Quantity
from app.kinds.reference import Reference
from app.services import items
from app.services.items import ItemDraft, Note
from app.storage import indexes
from app.storage.stores import Stores
from tests.factories import NOW, make_attribute, make_category, make_property
from tests.people import PASSWORD, make_user

DISHES = make_category(
    "Dishes",
    make_property("Mass", unit="kg", direction=Direction.LOWER),
    make_property("Vegan", "boolean"),
    make_property("Tags", "list"),
    make_property("First made", "date"),
)


def attributes(mass: str, unit: str, vegan: bool, tags: tuple[str, ...], year: int) -> tuple[Any, ...]:
    return (
        make_attribute("Mass", Quantity(Decimal(mass), unit), "number"),
        make_attribute("Vegan", vegan, "boolean"),
        make_attribute("Tags", tags, "list"),
        make_attribute("First made", PartialDate(year), "date"),
    )


DRAFTS = (
    ItemDraft(
        "Tofu",
        "dishes",
        ("Bean curd", "豆腐"),
        "White blocks of soy.",
        (
            *attributes("300", "g", True, ("soy", "white"), 965),
            make_attribute("Price", Money(Decimal("1.99"), "EUR"), "money"),
            make_attribute("Like", Reference("natto"), "reference"),
        ),
    ),
    ItemDraft("Natto", "dishes", attributes=attributes("0.1", "kg", True, ("soy", "sticky"), 1051)),
    ItemDraft("Roast goose", "dishes", attributes=attributes("5", "kg", False, ("festive",), 1500)),
    ItemDraft(
        "Mystery stew",
        "dishes",
        attributes=(make_attribute("Mass", None, "number", state=State.UNKNOWN),),
    ),
    ItemDraft("Kettle", "", (), "Boils water."),
)


@pytest.fixture(scope="module")
def api_app(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Flask]:
    """One application and database for a module: these tests only read, or make entries of their own."""
    from app import create_app

    db = mongo_client["api_tests"]
    mongo_client.drop_database(db.name)
    indexes.ensure(db)
    yield create_app({"PKYX_ENV": "testing", "DATABASE": db})
    mongo_client.drop_database(db.name)


@pytest.fixture(scope="module")
def stores(api_app: Flask) -> Stores:
    with api_app.app_context():
        return extensions.stores()


@pytest.fixture(scope="module")
def made(stores: Stores) -> dict[str, Item]:
    """The entries by slug."""
    stores.categories.insert(DISHES)
    for minutes, draft in enumerate(DRAFTS):
        items.create(stores, SYSTEM, draft, Note(NOW + timedelta(minutes=minutes)))
    return {item.slug: item for item in stores.items.iterate()}


@pytest.fixture(scope="module")
def renamed(stores: Stores, made: dict[str, Item]) -> Item:
    """An entry once called "Old broth"."""
    broth = items.create(stores, SYSTEM, ItemDraft("Old broth"), Note(NOW))
    return items.edit(stores, SYSTEM, broth.id, lambda item: replace(item, title="New broth"), Note(NOW))


@pytest.fixture
def api(api_app: Flask, made: dict[str, Item]) -> FlaskClient:
    return api_app.test_client()


# Writing: an empty database for each test, and somebody of each role


@pytest.fixture(scope="session")
def indexed_database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    """A real database with its indexes, made once since that takes longer than most tests."""
    db = mongo_client["api_writes"]
    indexes.ensure(db)
    yield db
    mongo_client.drop_database(db.name)


@pytest.fixture
def database(indexed_database: Database[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    """The same, emptied afterwards."""
    yield indexed_database
    for name in indexed_database.list_collection_names():
        indexed_database[name].delete_many({})


@pytest.fixture
def live_app(make_app: Callable[..., Flask], database: Database[dict[str, Any]]) -> Flask:
    """The application on it."""
    return make_app(DATABASE=database)


API = "/api/v1"


class Api:
    """A client of the API in somebody's name."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self._client = client
        self.headers = headers

    def __call__(self, method: str, path: str, body: object = None, **options) -> TestResponse:
        headers = {**self.headers, **options.pop("headers", {})}
        if body is not None:
            options["data"] = body if isinstance(body, bytes | str) else json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        return self._client.open(API + path, method=method, headers=headers, **options)

    def get(self, path: str, **options) -> TestResponse:
        return self("GET", path, **options)

    def post(self, path: str, body: object = None, **options) -> TestResponse:
        return self("POST", path, body, **options)

    def put(self, path: str, body: object = None, **options) -> TestResponse:
        return self("PUT", path, body, **options)

    def patch(self, path: str, body: object = None, **options) -> TestResponse:
        return self("PATCH", path, body, **options)

    def delete(self, path: str, body: object = None, **options) -> TestResponse:
        return self("DELETE", path, body, **options)


def basic(name: str, password: str = PASSWORD) -> dict[str, str]:
    """The header of Basic authentication (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def people(live_app: Flask) -> dict[Role, str]:
    """A user of each role; their usernames."""
    names = {Role.VISITOR: "Vera", Role.EDITOR: "Ada", Role.MODERATOR: "Mo", Role.ADMIN: "Ann"}
    with live_app.app_context():
        for role, name in names.items():
            extensions.stores().users.insert(make_user(name, role=role))
    return names


@pytest.fixture
def as_role(live_app: Flask, people: dict[Role, str]) -> Callable[[Role], Api]:
    """A client in the name of a role, by token."""

    def make(role: Role) -> Api:
        client = live_app.test_client()
        answer = client.post(API + "/token", headers=basic(people[role]))
        return Api(client, {"Authorization": f"Bearer {answer.json['token']}"})

    return make


@pytest.fixture
def ada(as_role) -> Api:
    """An editor."""
    return as_role(Role.EDITOR)


@pytest.fixture
def moderator(as_role) -> Api:
    """A moderator."""
    return as_role(Role.MODERATOR)


@pytest.fixture
def visitor(live_app: Flask) -> Api:
    """Somebody without credentials."""
    return Api(live_app.test_client(), {})


@pytest.fixture
def planets(moderator: Api) -> None:
    """A category, and three entries of it."""
    properties = [
        {"name": "Mass", "kind": "number", "unit": "kg", "direction": "higher"},
        {"name": "Discovered", "kind": "date"},
        {"name": "Rings", "kind": "boolean"},
        {"name": "Moons", "kind": "list"},
    ]
    moderator.put("/categories/planets", {"name": "Planets", "properties": properties})
    for title, mass, moons in (("Mars", "2", "Phobos"), ("Earth", "5", "Moon"), ("Saturn", None, "Titan")):
        attributes = [{"name": "Moons", "kind": "list", "value": [moons, "Dust"]}]
        if mass:
            attributes.append({"name": "Mass", "kind": "number", "value": {"amount": mass, "unit": "t"}})
        moderator.post("/items", {"title": title, "category": "planets", "attributes": attributes})


@pytest.fixture
def address(make_app: Callable[..., Flask], database: Database[dict[str, Any]]) -> Iterator[str]:
    """Where a server of the site listens, with real sockets and a thread for each request."""
    server = make_server("127.0.0.1", 0, app=lambda _environ, _start: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    server.app = make_app(DATABASE=database, PKYX_URL=url)
    with server.app.app_context():
        for role, name in ((Role.EDITOR, "Ada"), (Role.MODERATOR, "Mo")):
            extensions.stores().users.insert(make_user(name, role=role))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()
