"""Comparisons for programs."""

import csv
import io

import pytest

URL = "/api/v1/compare?items=tofu,natto"


def test_json_has_items_rows_and_coverage(api):
    body = api.get(URL).json
    assert [item["slug"] for item in body["items"]] == ["tofu", "natto"]
    rows = {row["key"]: row for row in body["rows"]}
    assert rows["mass"]["differs"] is True
    assert [cell["best"] for cell in rows["mass"]["cells"]] == [False, True]
    assert rows["mass"]["cells"][0]["value"] == {"amount": "300", "unit": "g"}
    assert rows["vegan"]["differs"] is False
    assert [cell["state"] for cell in rows["price"]["cells"]] == ["value", "missing"]
    assert set(rows["mass"]) >= {"key", "name", "kind", "group", "differs", "cells"}
    assert set(rows["mass"]["cells"][0]) >= {"item", "state", "value", "display", "best"}
    assert body["coverage"]["total"] == len(body["rows"])


def test_differences_only_leaves_the_equal_rows_out(api):
    assert "vegan" not in {row["key"] for row in api.get(f"{URL}&only=differences").json["rows"]}


def test_units_are_converted_for_display_and_values_stay(api):
    rows = {row["key"]: row for row in api.get(f"{URL}&units=imperial").json["rows"]}
    cell = rows["mass"]["cells"][0]
    assert cell["value"] == {"amount": "300", "unit": "g"}
    assert "lb" in cell["display"] or "oz" in cell["display"]


@pytest.mark.parametrize(
    ("query", "accept"),
    [("&format=csv", "*/*"), ("", "text/csv"), ("", "text/csv;q=0.9, application/json;q=0.5")],
)
def test_csv_has_attributes_as_rows_and_titles_as_headers(api, query, accept):
    response = api.get(URL + query, headers={"Accept": accept})
    assert response.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(response.text)))
    assert rows[0][1:] == ["Tofu", "Natto"]
    assert "Mass" in [row[0] for row in rows]


@pytest.mark.parametrize(
    ("query", "accept"), [("&format=markdown", "*/*"), ("&format=md", "*/*"), ("", "text/markdown")]
)
def test_markdown_is_a_table(api, query, accept):
    response = api.get(URL + query, headers={"Accept": accept})
    assert response.mimetype == "text/markdown"
    assert response.text.splitlines()[0].endswith("| Tofu | Natto |")


def test_format_wins_over_accept_and_json_is_the_default(api):
    assert api.get(f"{URL}&format=json", headers={"Accept": "text/csv"}).mimetype == "application/json"
    for asked in ("text/markdown; charset=utf-8", "text/csv;q=0.2, text/markdown;variant=GFM;q=0.7"):
        assert api.get(URL, headers={"Accept": asked}).mimetype == "text/markdown"
    assert api.get(URL, headers={"Accept": "image/png"}).mimetype == "application/json"
    assert "Accept" in api.get(URL).headers["Vary"]


def test_a_comparison_that_did_not_change_is_not_sent_again(api):
    etag = api.get(URL).headers["ETag"]
    assert api.get(URL, headers={"If-None-Match": etag}).status_code == 304
    assert api.get(f"{URL}&format=csv", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("query", ["", "items=", "items=tofu", "items=tofu,tofu", "items=a,b,c,d,e,f,g,h,i"])
def test_fewer_than_two_and_more_than_eight_are_refused(api, query):
    assert api.get(f"/api/v1/compare?{query}").status_code == 400


def test_a_missing_entry_is_not_found(api):
    response = api.get("/api/v1/compare?items=tofu,nobody")
    assert response.status_code == 404
    assert "nobody" in response.json["detail"]


@pytest.mark.parametrize(
    ("query", "path"), [("only=some", "only"), ("units=stone", "units"), ("format=xml", "format")]
)
def test_options_that_make_no_sense_are_refused_by_name(api, query, path):
    response = api.get(f"{URL}&{query}")
    assert response.status_code == 400
    assert [error["path"] for error in response.json["errors"]] == [path]


def test_an_old_slug_still_compares(api, renamed):
    body = api.get("/api/v1/compare?items=old-broth&items=tofu").json
    assert [item["slug"] for item in body["items"]] == ["new-broth", "tofu"]
