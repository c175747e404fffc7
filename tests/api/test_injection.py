"""Operators of the database in every place that a client can fill: refused, or text like any other."""

import json
from itertools import product
from urllib.parse import quote

import pytest

from tests.api.conftest import Api, basic

OPERATORS = [
    {"$ne": None},
    {"$gt": ""},
    {"$where": "sleep(5000)"},
    {"$regex": ".*"},
    {"$oid": "0" * 24},
    {"$numberDecimal": "1"},
    ["$ne", 1],
    "$where",
    "a.b",
    "$set.role",
    "{'$gt': ''}",
    "\u0000",
]
QUERIES = {
    "/items": ("category", "q", "sort", "limit", "cursor", "fields", "count", "attr.mass", "attr.mass.gte"),
    "/search": ("q", "limit", "cursor"),
    "/suggest": ("q", "category", "limit"),
    "/compare": ("items", "only", "units", "hide", "sort", "format"),
    "/changes": ("category", "user", "limit", "cursor"),
    "/export": ("category",),
    "/items/mars/revisions": ("limit", "cursor"),
}
MEMBERS = ("title", "category", "aliases", "summary", "attributes", "comment", "id", "slug", "revision")
ATTRIBUTE_MEMBERS = ("name", "kind", "state", "value", "group", "note", "sources", "verified_on", "key")


@pytest.mark.parametrize("path", QUERIES)
def test_parameters_are_text(planets, visitor, path):
    everything = len(visitor.get("/items").json["items"])
    for name in QUERIES[path]:
        for operator in OPERATORS:
            text = operator if isinstance(operator, str) else json.dumps(operator)
            for query in (f"{name}={quote(text)}", f"{name}[$ne]=x", f"{name}.$gt=x"):
                answer = visitor.get(f"{path}?{query}")
                assert answer.status_code in (200, 400, 404), (query, answer.text)
                if path == "/search" and name == "q" and answer.status_code == 200:
                    assert len(answer.json["items"]) < everything


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_members_of_bodies_are_refused_or_kept_as_text(ada, moderator, operator):
    item_id = ada.post("/items", {"title": "Mars"}).json["id"]
    for member in MEMBERS:
        for method, path in (
            ("POST", "/items"),
            ("PUT", f"/items/{item_id}"),
            ("PATCH", f"/items/{item_id}"),
        ):
            answer = ada(method, path, {"title": "Mars", member: operator})
            assert answer.status_code in (200, 201, 409, 422), (member, answer.text)
    for member in ATTRIBUTE_MEMBERS:
        body = {"name": "Note", "kind": "text", "value": "x", member: operator}
        answer = ada.put(f"/items/{item_id}/attributes/note", body)
        assert answer.status_code in (200, 201, 422), (member, answer.text)
    assert moderator.put("/categories/stars", {"name": operator, "properties": operator}).status_code == 422
    assert ada.post(f"/items/{item_id}/revert", {"to": operator}).status_code == 422
    assert ada.post("/items:batch", [operator]).json["results"][0]["status"] == 422


VALUES = {
    "text": {},
    "number": {"amount": "1", "unit": "kg"},
    "range": {"min": "1", "max": "2", "unit": "h"},
    "money": {"amount": "1", "currency": "EUR"},
    "date": {},
    "boolean": {},
    "rating": {},
    "list": {},
    "url": {},
    "image": {"url": "https://example.org/x.png", "alt": "x"},
    "color": {},
    "coordinates": {"lat": 1, "lon": 2},
    "reference": {"item": "mars"},
}


def values_of(kind, operator):
    """The operator as the whole value, in each part of it, as a further part, and in a list."""
    yield operator
    for part in VALUES[kind]:
        yield VALUES[kind] | {part: operator}
    yield VALUES[kind] | (operator if isinstance(operator, dict) else {"$x": operator})
    yield [operator]


def test_parts_of_values_are_refused_or_kept_as_text(ada):
    item_id = ada.post("/items", {"title": "Mars"}).json["id"]
    path = f"/items/{item_id}/attributes/fact"
    for kind, operator in product(VALUES, OPERATORS):
        for value in values_of(kind, operator):
            answer = ada.put(path, {"name": "Fact", "kind": kind, "value": value})
            assert answer.status_code in (200, 201, 422), (value, answer.text)
            if answer.status_code != 422:
                kept = answer.json["value"]
                assert kept == ada.get(path).json["value"]
                assert not isinstance(kept, dict) or kept.keys() <= VALUES[kind].keys()


@pytest.mark.parametrize("text", ['{"$ne": null}', "$where", "{'$gt': ''}"])
def test_headers_and_credentials_are_text(live_app, ada, text):
    item_id = ada.post("/items", {"title": "Mars"}).json["id"]
    for name in ("If-Match", "If-None-Match", "Last-Event-ID", "Accept", "Accept-Language"):
        assert ada.get(f"/items/{item_id}", headers={name: text}).status_code == 200
    assert ada.patch(f"/items/{item_id}", {"summary": "x"}, headers={"If-Match": text}).status_code == 412
    for _ in range(2):
        assert ada.post("/items", {"title": "New"}, headers={"Idempotency-Key": text}).status_code == 201
    stranger = Api(live_app.test_client(), {})
    for headers in (basic(text, text), basic("Ada", text)):
        assert stranger.get("/me", headers=headers).status_code == 401


@pytest.mark.parametrize("name", ["$where", "a.b", "$set", "__proto__", "{$ne:1}", "%00", "0" * 24])
def test_parts_of_paths_are_text(planets, ada, moderator, name):
    part = quote(name, safe="%")
    for path in (f"/items/{part}", f"/items/mars/attributes/{part}", f"/items/mars/revisions/{part}"):
        assert ada.get(path).status_code == 404
    assert ada.patch(f"/items/mars/attributes/{part}", {"note": "x"}).status_code == 404
    assert moderator.delete(f"/items/{part}").status_code == 404
    assert ada.get(f"/categories/{part}").status_code == 404
