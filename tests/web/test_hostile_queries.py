"""Whatever stands in a query string, no page fails: at worst it says what it did not understand."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from werkzeug.routing import Rule

from app import create_app
from app.extensions import stores
from app.kinds.number import Quantity
from app.storage import indexes
from tests.factories import make_attribute, make_category, make_item, make_property

# What stands for the variables of a route; a page of another variable is asked for "1".
SAMPLES = {"slug": "austria", "slugs": "austria/hungary", "code": "en", "key": "area", "username": "ada"}
CATEGORY = {"slug": "countries"}
NAMES = (
    *("q", "item", "cursor", "limit", "sort", "only", "units", "hide", "fold", "empty", "format", "fields"),
    *(
        "next",
        "from",
        "to",
        "attr.area",
        "attr.area.gte",
        "attr.area.lte",
        "attr.motto",
        "attr.",
        "attr.$where",
    ),
)
VALUES = {
    "long": "a" * 10_000,
    "many words": "vs " * 3_000,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈",
    "right to left": "‮مرحبا‬ vs שלום",
    "regex": r"(a+)+$[[\]{}|^.*?\\",
    "operator": '{"$gt": ""}',
    "nul": "a\x00b",
    "surrogate": "%ED%A0%80",
    "broken encoding": "%E4%BD%A0%E5%A5%BD%ff%zz%",
    "no number": "abc",
    "negative": "-1",
    "huge": "1e999999999",
    "digits": "9" * 5_000,
    "markup": '"><script>alert(1)</script>',
    "key": "attr.area",
    "path": "../../etc/passwd",
    "header": "a%0d%0aSet-Cookie: x=y",
    "blank": " \t\r\n",
}


@pytest.fixture(scope="module")
def swept_app(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Flask]:
    """The application on a real database, which answers hostile values as no imitation would."""
    database = mongo_client[f"hostile_{uuid.uuid4().hex}"]
    indexes.ensure(database)
    app = create_app({"PKYX_ENV": "testing", "DATABASE": database})
    with app.app_context():
        stores().categories.put(
            make_category("Countries", make_property("Area", unit="km²"), make_property("Motto", "text"))
        )
        for name, area in (("Austria", "83871"), ("Hungary", "93028")):
            item = make_item(name, make_attribute("Area", Quantity(Decimal(area), "km²"), "number"))
            stores().items.insert(replace(item, id=stores().items.new_id()))
    yield app
    mongo_client.drop_database(database.name)


@pytest.fixture
def site(swept_app: Flask) -> FlaskClient:
    """A client of a site with two entries."""
    return swept_app.test_client()


@pytest.fixture(scope="module")
def paths(swept_app: Flask) -> list[str]:
    """Every page that is read by GET."""
    adapter = swept_app.url_map.bind("localhost")
    return [
        adapter.build(rule.endpoint, arguments(rule))
        for rule in swept_app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint.startswith(("main.", "users."))
    ]


def arguments(rule: Rule) -> dict[str, str]:
    known = CATEGORY if rule.endpoint == "main.category" else SAMPLES
    return {name: known.get(name, "1") for name in rule.arguments}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_value_of_any_parameter_fails_a_page(site: FlaskClient, paths: list[str], value: str) -> None:
    query = "&".join(f"{name}={escaped(value)}" for name in NAMES)
    assert [path for path in paths if site.get(f"{path}?{query}").status_code >= 500] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_parameter_alone_fails_a_page(site: FlaskClient, paths: list[str], name: str) -> None:
    asked = [f"{path}?{escaped(name)}={escaped(value)}" for path in paths for value in hostile_few()]
    assert [path for path in asked if site.get(path).status_code >= 500] == []


@pytest.mark.parametrize("query", ["&&&==&=a&%=%", "?" * 100, "a[]=1&a[$ne]=1", "q&item&cursor&sort", "many"])
def test_repeated_and_nameless_parameters_are_borne(site: FlaskClient, paths: list[str], query: str) -> None:
    if query == "many":
        query = "&".join(f"{name}={number}" for number in range(40) for name in NAMES)
    assert [path for path in paths if site.get(f"{path}?{query}").status_code >= 500] == []


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize(
    "prefix", ["/", "/item/", "/category/", "/compare/", "/language/", "/users/", "/files/"]
)
def test_no_path_fails(site: FlaskClient, prefix: str, value: str) -> None:
    assert site.get(prefix + escaped(value)).status_code < 500


def test_nothing_of_a_query_becomes_markup(site: FlaskClient, paths: list[str]) -> None:
    query = "&".join(f"{name}={escaped(VALUES['markup'])}" for name in NAMES)
    assert [path for path in paths if b"<script>alert" in site.get(f"{path}?{query}").data] == []


def test_the_sweep_reaches_the_pages(paths: list[str]) -> None:
    assert {"/", "/items", "/item/austria", "/category/countries", "/compare/austria/hungary"} <= set(paths)


def escaped(value: str) -> str:
    """Return a value as a client that escapes too little would send it; percent signs stay."""
    return "".join(char if char.isalnum() or char in "%-_.$[]" else percent(char) for char in value)


def percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def hostile_few() -> list[str]:
    return [VALUES[name] for name in ("regex", "nul", "huge")]
