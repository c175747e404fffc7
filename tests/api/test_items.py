"""One entry and lists of entries over HTTP."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from app.domain.users import SYSTEM
from app.services import items
from app.services.items import ItemDraft, Note
from tests.factories import NOW

HOST = "http://127.0.0.1:5000"
PROBLEM = "application/problem+json"
MEMBERS = (
    *("id", "slug", "title", "category", "aliases", "summary", "attributes", "revision"),
    *("created_at", "created_by", "updated_at", "updated_by", "links"),
)


def titles(response) -> list[str]:
    assert response.status_code == 200, response.text
    return [item["title"] for item in response.json["items"]]


def paths(response, status: int = 400) -> list[str]:
    assert response.status_code == status, response.text
    assert response.mimetype == PROBLEM
    assert response.json["status"] == status
    return [error["path"] for error in response.json["errors"]]


# One


def test_an_entry_has_every_member_of_the_contract(api, made):
    body = api.get("/api/v1/items/tofu").json
    item = made["tofu"]
    assert tuple(body) == MEMBERS
    assert body["id"] == item.id
    assert body["aliases"] == ["Bean curd", "豆腐"]
    assert body["created_at"] == "2026-03-14T09:26:53.000Z"
    assert body["created_by"] is None
    assert body["links"] == {
        "self": f"{HOST}/api/v1/items/{item.id}",
        "html": f"{HOST}/item/tofu",
        "revisions": f"{HOST}/api/v1/items/{item.id}/revisions",
    }
    assert body["attributes"][0] == {
        "key": "mass",
        "name": "Mass",
        "kind": "number",
        "state": "value",
        "value": {"amount": "300", "unit": "g"},
        "group": "",
        "note": "",
        "sources": [],
        "verified_on": None,
    }


def test_an_entry_is_found_by_id_and_slug_alike(api, made):
    assert api.get(f"/api/v1/items/{made['tofu'].id}").json == api.get("/api/v1/items/tofu").json


def test_the_etag_is_the_revision_and_saves_the_body(api):
    first = api.get("/api/v1/items/tofu")
    assert first.headers["ETag"] == '"1"'
    for known in ('"1"', 'W/"1"', '"7", "1"', "*"):
        again = api.get("/api/v1/items/tofu", headers={"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", '"1"')
    assert api.get("/api/v1/items/tofu", headers={"If-None-Match": '"2"'}).status_code == 200
    assert api.get("/api/v1/items/tofu", headers={"If-None-Match": "1 \x80 ,,"}).status_code == 200


def test_head_is_get_without_a_body(api):
    head = api.head("/api/v1/items/tofu")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", '"1"')


def test_an_old_slug_redirects_to_the_present_one(api, renamed):
    response = api.get("/api/v1/items/old-broth")
    assert response.status_code == 301
    assert response.headers["Location"] == f"{HOST}/api/v1/items/new-broth"


@pytest.mark.parametrize(
    "name",
    ["nobody", "0123456789abcdef01234567", "%00", "{$ne:1}", "%F0%9F%98%80", "x" * 3000, "%ff%fe", "..%2f"],
)
def test_what_is_not_there_is_a_problem_document(api, name):
    response = api.get(f"/api/v1/items/{name}")
    assert (response.status_code, response.mimetype) == (404, PROBLEM)
    assert {"type", "title", "status", "detail", "code"} <= set(response.json)


def test_a_deleted_entry_is_gone(api, stores):
    item = items.create(stores, SYSTEM, ItemDraft("Passing cloud"), Note(NOW))
    items.delete(stores, SYSTEM, item.id, Note(NOW))
    for name in (item.id, item.slug):
        response = api.get(f"/api/v1/items/{name}")
        assert (response.status_code, response.json["code"]) == (410, "item-deleted")


# Lists


def test_a_list_is_in_the_order_of_titles(api):
    response = api.get("/api/v1/items?category=dishes")
    assert titles(response) == ["Mystery stew", "Natto", "Roast goose", "Tofu"]
    assert response.json["next"] is None
    assert "total" not in response.json
    assert "Link" not in response.headers


def test_pages_follow_one_another_without_gaps_or_repeats(api):
    address, seen = "/api/v1/items?category=dishes&limit=1&fields=title&sort=-title", []
    while address:
        response = api.get(address)
        seen += titles(response)
        address = response.json["next"]
        if address:
            assert response.headers["Link"] == f'<{address}>; rel="next"'
            assert address.startswith(HOST)
    assert seen == ["Tofu", "Roast goose", "Natto", "Mystery stew"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("attr.mass=0.3", ["Tofu"]),
        ("attr.mass=300 g", ["Tofu"]),
        ("attr.mass.gte=0.3", ["Roast goose", "Tofu"]),
        ("attr.mass.gte=300 g&attr.mass.lte=1", ["Tofu"]),
        ("attr.mass.gte=2 t", []),
        ("attr.mass.lte=0.1", ["Natto"]),
        ("attr.vegan=true", ["Natto", "Tofu"]),
        ("attr.vegan=false", ["Roast goose"]),
        ("attr.tags=soy", ["Natto", "Tofu"]),
        ("attr.tags=SOY&attr.vegan=true&attr.mass.lte=100 g", ["Natto"]),
        ("attr.first-made.gte=1000", ["Natto", "Roast goose"]),
        ("attr.first-made=0965", ["Tofu"]),
        ("attr.price=1.99 EUR", ["Tofu"]),
        ("attr.price.lte=2 EUR", ["Tofu"]),
        ("attr.price.lte=2 USD", []),
        ("attr.like=natto", ["Tofu"]),
        ("attr.nothing=1", []),
        ("q=soy", ["Natto", "Tofu"]),
        ("q=white blocks", ["Tofu"]),
        ("q=豆腐", ["Tofu"]),
        ("q=no such word", []),
        ("category=dishes&attr.mass.gte=1", ["Roast goose"]),
        ("category=nowhere", []),
        ("category[$ne]=dishes&category=nowhere", []),
    ],
)
def test_lists_are_filtered(api, query, found):
    assert titles(api.get(f"/api/v1/items?{query}")) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("attr.mass", ["Natto", "Tofu", "Roast goose", "Mystery stew"]),
        ("-attr.mass", ["Roast goose", "Tofu", "Natto", "Mystery stew"]),
        ("-updated_at", ["Mystery stew", "Roast goose", "Natto", "Tofu"]),
        ("updated_at", ["Tofu", "Natto", "Roast goose", "Mystery stew"]),
    ],
)
def test_lists_are_sorted_and_what_has_no_value_comes_last(api, sort, found):
    assert titles(api.get(f"/api/v1/items?category=dishes&sort={sort}")) == found
    address, seen = f"/api/v1/items?category=dishes&sort={sort}&limit=2", []
    while address:
        response = api.get(address)
        seen += titles(response)
        address = response.json["next"]
    assert seen == found


def test_a_list_shows_the_fields_asked_for_alone(api):
    rows = api.get("/api/v1/items?category=dishes&fields=title,slug&limit=1").json["items"]
    assert rows == [{"slug": "mystery-stew", "title": "Mystery stew"}]
    (row,) = api.get("/api/v1/items?fields=attributes,created_at&q=blocks").json["items"]
    assert list(row) == ["attributes", "created_at"]
    (row,) = api.get("/api/v1/items?fields=links&q=blocks").json["items"]
    assert row["links"]["html"] == f"{HOST}/item/tofu"


def test_a_list_counts_when_asked(api):
    assert api.get("/api/v1/items?category=dishes&limit=1&count=true").json["total"] == 4
    assert api.get("/api/v1/items?attr.vegan=true&limit=1&count=true").json["total"] == 2
    assert "total" not in api.get("/api/v1/items?count=false").json


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=٣", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("sort=colour", "sort"),
        ("sort=attr.", "sort"),
        ("sort=attr.a.b", "sort"),
        ("sort=attr.$where", "sort"),
        ("fields=title,password_hash", "fields"),
        ("count=yes", "count"),
        ("cursor=garbage", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "A" * 9000, "cursor"),
        ("q=" + "x" * 501, "q"),
        ("attr.mass.gte=heavy", "attr.mass.gte"),
        ("attr.mass.gt=5", "attr.mass.gt"),
        ("attr.mass[$gt]=5", "attr.mass[$gt]"),
        ("attr.$where=1", "attr.$where"),
        ("attr.vegan=perhaps", "attr.vegan"),
        ("attr.vegan.gte=true", "attr.vegan.gte"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_by_name(api, query, path):
    assert paths(api.get(f"/api/v1/items?{query}")) == [path]


def test_a_cursor_of_another_list_is_refused(api):
    cursor = api.get("/api/v1/items?limit=1").json["next"].partition("cursor=")[2]
    assert paths(api.get(f"/api/v1/items?sort=-updated_at&cursor={cursor}")) == ["cursor"]


@pytest.mark.parametrize(
    "text", ["😀", ".*", "[a-", "\\", "\u202eabc", "' or 1=1", "{{7*7}}", "$where", "a\x00b"]
)
def test_strange_texts_find_nothing_and_break_nothing(api, text):
    for name in ("q", "category", "attr.name"):
        assert api.get(f"/api/v1/items?{name}={quote(text)}").status_code in (200, 400)
    assert api.get(f"/api/v1/search?q={quote(text)}").status_code == 200
    assert api.get(f"/api/v1/suggest?q={quote(text)}").status_code == 200


# The rest of the protocol


def test_pages_of_other_sites_may_read_and_no_more(api):
    for response in (
        api.get("/api/v1/items/tofu"),
        api.get("/api/v1/items/nobody"),
        api.get("/api/v1/nowhere"),
    ):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "ETag" in response.headers["Access-Control-Expose-Headers"]
    preflight = api.options(
        "/api/v1/items/tofu",
        headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"},
    )
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in preflight.headers["Access-Control-Allow-Headers"]


def test_reading_sets_no_cookie(api):
    assert "Set-Cookie" not in api.get("/api/v1/items/tofu").headers


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
def test_methods_that_are_not_there_are_problem_documents(api, method):
    response = api.open("/api/v1/items/tofu", method=method)
    assert (response.status_code, response.mimetype) == (405, PROBLEM)
    assert "GET" in response.headers["Allow"]


def test_a_body_made_before_is_never_shown_after_a_change(api, stores):
    item = items.create(stores, SYSTEM, ItemDraft("Weathervane"), Note(NOW))
    names = (item.id, "weathervane")
    for name in names:
        assert [api.get(f"/api/v1/items/{name}").json["revision"] for _ in range(2)] == [1, 1]
    items.edit(stores, SYSTEM, item.id, lambda now: replace(now, summary="Turned."), Note(NOW))
    assert [api.get(f"/api/v1/items/{name}").json["summary"] for name in names] == ["Turned.", "Turned."]
    items.edit(stores, SYSTEM, item.id, lambda now: replace(now, title="Weathercock"), Note(NOW))
    assert api.get("/api/v1/items/weathervane").status_code == 301
    assert api.get(f"/api/v1/items/{item.id}").json["slug"] == "weathercock"
    items.delete(stores, SYSTEM, item.id, Note(NOW))
    assert api.get(f"/api/v1/items/{item.id}").status_code == 410
