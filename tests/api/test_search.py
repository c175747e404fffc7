"""Search, suggestions and categories over HTTP."""

import pytest


def test_search_ranks_names_before_summaries_and_shows_heads(api):
    body = api.get("/api/v1/search?q=tofu").json
    assert body["items"][0]["title"] == "Tofu"
    assert set(body["items"][0]) >= {"id", "slug", "title", "category", "summary", "revision", "links"}
    assert body["next"] is None


def test_search_pages(api):
    address, seen = "/api/v1/search?q=soy&limit=1", []
    while address:
        body = api.get(address).json
        seen += [item["title"] for item in body["items"]]
        address = body["next"]
    assert sorted(seen) == ["Natto", "Tofu"]


def test_search_for_nothing_finds_nothing(api):
    assert api.get("/api/v1/search").json == {"items": [], "next": None}
    assert api.get("/api/v1/search?q=%20").json == {"items": [], "next": None}


@pytest.mark.parametrize(
    "query", ["q=tofu&limit=0", "q=tofu&limit=x", "q=tofu&cursor=garbage", "q=" + "x" * 501]
)
def test_a_search_that_makes_no_sense_is_refused(api, query):
    assert api.get(f"/api/v1/search?{query}").status_code == 400


@pytest.mark.parametrize("typed", ["to", "TOF", "ｔｏｆ", "bean", "豆", "豆腐"])
def test_suggestions_go_on_from_what_was_typed(api, typed):
    found = api.get("/api/v1/suggest", query_string={"q": typed}).json
    assert {"slug": "tofu", "title": "Tofu", "category": "dishes"} in found


def test_suggestions_are_never_refused_for_what_was_typed(api):
    for typed in ("", "x" * 10_000, "\x00", "\\", "^.*"):
        response = api.get("/api/v1/suggest", query_string={"q": typed})
        assert response.status_code == 200
        assert isinstance(response.json, list)


def test_suggestions_keep_to_a_category_and_a_number(api):
    assert api.get("/api/v1/suggest?q=to&category=nowhere").json == []
    assert len(api.get("/api/v1/suggest?q=t&limit=1").json) <= 1


def test_categories_come_with_their_properties_and_counts(api):
    (dishes,) = api.get("/api/v1/categories").json["categories"]
    assert (dishes["slug"], dishes["name"], dishes["count"]) == ("dishes", "Dishes", 4)
    assert dishes["properties"][0] == {
        "key": "mass",
        "name": "Mass",
        "kind": "number",
        "unit": "kg",
        "direction": "lower",
        "group": "",
        "aliases": [],
        "labels": {},
    }
    assert api.get("/api/v1/categories/dishes").json == dishes


def test_a_category_that_is_not_there_is_not_found(api):
    response = api.get("/api/v1/categories/nowhere")
    assert (response.status_code, response.json["code"]) == (404, "category-not-found")
