"""Writing entries over the API: every row of the contract's table about them."""

import pytest


def make(ada, title="Mars", **others):
    return ada.post("/items", {"title": title, **others})


def mass(amount="2", unit="kg"):
    return {"name": "Mass", "kind": "number", "value": {"amount": amount, "unit": unit}}


def test_a_new_entry_answers_201_with_its_address_and_etag(ada):
    answer = make(ada, summary="red", attributes=[mass()], comment="first")
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"http://127.0.0.1:5000/api/v1/items/{answer.json['id']}"
    assert answer.json["created_by"] == "Ada"
    assert answer.json["attributes"][0] == {
        "key": "mass",
        "name": "Mass",
        "kind": "number",
        "state": "value",
        "value": {"amount": "2", "unit": "kg"},
        "group": "",
        "note": "",
        "sources": [],
        "verified_on": None,
    }
    assert answer.json["links"] == {
        "self": f"http://127.0.0.1:5000/api/v1/items/{answer.json['id']}",
        "html": "http://127.0.0.1:5000/item/mars",
        "revisions": f"http://127.0.0.1:5000/api/v1/items/{answer.json['id']}/revisions",
    }


def test_a_title_that_is_taken_is_a_conflict(ada):
    make(ada)
    answer = make(ada, "MARS")
    assert (answer.status_code, answer.json["code"]) == (409, "title-taken")
    assert answer.mimetype == "application/problem+json"


def test_an_entry_is_read_by_id_and_slug_and_not_sent_twice(ada, visitor):
    made = make(ada).json
    by_slug = visitor.get("/items/mars")
    assert by_slug.json == visitor.get(f"/items/{made['id']}").json == made
    assert by_slug.headers["ETag"] == '"1"'
    again = visitor.get("/items/mars", headers={"If-None-Match": '"1"'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", '"1"')
    assert visitor.get("/items/mars", headers={"If-None-Match": '"2"'}).status_code == 200


def test_a_past_slug_leads_to_the_present_one(ada, visitor):
    item_id = make(ada).json["id"]
    ada.patch(f"/items/{item_id}", {"title": "Red planet"})
    answer = visitor.get("/items/mars")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "http://127.0.0.1:5000/api/v1/items/red-planet"
    asked = visitor.get("/items/mars?from=%E8%B1%86&from=a+b")
    assert asked.headers["Location"].partition("?")[2] == "from=%E8%B1%86&from=a+b"


def test_put_replaces_and_says_nothing_of_what_is_read_only(ada):
    made = make(ada, summary="red", attributes=[mass()]).json
    answer = ada.put(f"/items/{made['id']}", {**made, "summary": "dusty", "comment": "why"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json["summary"] == "dusty"
    assert answer.json["attributes"] == made["attributes"]
    less = ada.put(f"/items/{made['id']}", {"title": "Mars"}).json
    assert (less["summary"], less["attributes"]) == ("", [])


@pytest.mark.parametrize("mimetype", ["application/json", "application/merge-patch+json"])
def test_a_merge_patch_changes_what_it_names(ada, mimetype):
    made = make(ada, summary="red", aliases=["Ares"]).json
    patch = {"summary": None, "aliases": ["Ares", "Mangala"]}
    answer = ada.patch(f"/items/{made['id']}", patch, headers={"Content-Type": mimetype})
    assert (answer.json["summary"], answer.json["aliases"]) == ("", ["Ares", "Mangala"])
    assert answer.json["revision"] == 2


def test_a_json_patch_is_all_or_nothing(ada, visitor):
    made = make(ada, attributes=[mass()]).json
    kind = {"Content-Type": "application/json-patch+json"}
    good = [
        {"op": "test", "path": "/title", "value": "Mars"},
        {"op": "replace", "path": "/attributes/0/value/amount", "value": "3"},
        {"op": "add", "path": "/comment", "value": "weighed"},
    ]
    answer = ada.patch(f"/items/{made['id']}", good, headers=kind)
    assert answer.json["attributes"][0]["value"]["amount"] == "3"
    line = visitor.get(f"/items/{made['id']}/revisions").json["revisions"][0]
    assert line["comment"] == "weighed"
    bad = [
        {"op": "replace", "path": "/title", "value": "Venus"},
        {"op": "replace", "path": "/attributes/0/value", "value": "heavy"},
    ]
    refused = ada.patch(f"/items/{made['id']}", bad, headers=kind)
    assert refused.status_code == 422
    assert [error["path"] for error in refused.json["errors"]] == ["attributes.0.value"]
    assert visitor.get(f"/items/{made['id']}").json == answer.json


def test_a_failed_test_of_a_json_patch_is_a_conflict(ada):
    made = make(ada).json
    patch = [{"op": "test", "path": "/title", "value": "Venus"}]
    kind = {"Content-Type": "application/json-patch+json"}
    answer = ada.patch(f"/items/{made['id']}", patch, headers=kind)
    assert (answer.status_code, answer.json["code"]) == (409, "patch-test-failed")


@pytest.mark.parametrize(
    "patch",
    [
        {},
        [1],
        [{}],
        [{"op": "shrink", "path": "/title"}],
        [{"op": "replace", "path": "/nothing/here", "value": 1}],
        [{"op": "add", "path": "title", "value": "x"}],
        [{"op": "remove", "path": "/attributes/9"}],
        [{"op": "remove", "path": "/title/x"}],
        [{"op": "add", "path": 7, "value": 1}],
        [{"op": "copy", "path": "/summary"}],
        [{"op": "add", "path": "", "value": 5}],
        [{"op": "remove", "path": ""}],
        [{"op": "add", "path": "/aliases/-", "value": "x"}] * 101,
    ],
)
def test_operations_that_do_not_fit_are_refused(ada, patch):
    made = make(ada).json
    kind = {"Content-Type": "application/json-patch+json"}
    assert ada.patch(f"/items/{made['id']}", patch, headers=kind).status_code == 422


def test_copies_that_double_the_entry_are_stopped(ada):
    made = make(ada, aliases=["a" * 200]).json
    double = [{"op": "copy", "from": "/aliases", "path": "/aliases/0"}] * 100
    kind = {"Content-Type": "application/json-patch+json"}
    assert ada.patch(f"/items/{made['id']}", double, headers=kind).status_code == 422


def test_only_moderators_delete(ada, moderator, visitor):
    made = make(ada).json
    assert ada.delete(f"/items/{made['id']}").status_code == 403
    assert moderator.delete(f"/items/{made['id']}?comment=gone").status_code == 204
    gone = visitor.get(f"/items/{made['id']}")
    assert (gone.status_code, gone.json["code"]) == (410, "item-deleted")
    assert ada.patch(f"/items/{made['id']}", {"summary": "x"}).status_code == 410
    assert moderator.post(f"/items/{made['id']}/undelete").json["title"] == "Mars"


@pytest.mark.parametrize(
    "path", ["/items/nowhere", "/items/000000000000000000000000", "/items/%00", "/items/$ne"]
)
def test_what_is_not_there_is_a_problem_document(visitor, path):
    answer = visitor.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json.keys() >= {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ('"1"', 200),
        ("*", 200),
        ('"9", "1"', 200),
        ('"a,b", "1"', 200),
        (' ,"9" ,, "1" ,', 200),
        ('"2"', 412),
        ('W/"1"', 412),
        ("1", 412),
        ('"1" "2"', 412),
        ('"1', 412),
        ('*, "1"', 412),
        ('"1", x', 412),
        ('"a, "1"', 412),
        ("", 412),
    ],
)
def test_if_match_is_compared_strongly(ada, header, status):
    made = make(ada).json
    answer = ada.patch(f"/items/{made['id']}", {"summary": "new"}, headers={"If-Match": header})
    assert answer.status_code == status
    if status == 412:
        assert answer.json["current"] == made
        assert answer.headers["ETag"] == '"1"'


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_every_write_of_an_entry_honours_if_match(moderator, method):
    made = make(moderator).json
    body = None if method == "DELETE" else {"title": "Mars", "summary": "new"}
    stale = moderator(method, f"/items/{made['id']}", body, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json["current"]["revision"]) == (412, 1)
    fresh = moderator(method, f"/items/{made['id']}", body, headers={"If-Match": '"1"'})
    assert fresh.status_code in (200, 204)


def test_lists_page_sort_count_and_choose_fields(planets, visitor):
    first = visitor.get("/items?category=planets&limit=2&count=true&fields=title,slug")
    assert first.json["items"] == [{"slug": "earth", "title": "Earth"}, {"slug": "mars", "title": "Mars"}]
    assert first.json["total"] == 3
    assert first.json["next"].startswith("http://127.0.0.1:5000/api/v1/items?category=planets&limit=2")
    assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
    path = first.json["next"].removeprefix("http://127.0.0.1:5000/api/v1")
    second = visitor.get(path)
    assert ([row["slug"] for row in second.json["items"]], second.json["next"]) == (["saturn"], None)
    assert "Link" not in second.headers


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("attr.mass.gte=3 t", ["earth"]),
        ("attr.mass.gte=3000", ["earth"]),
        ("attr.mass.lte=3 t", ["mars"]),
        ("attr.mass=5 t", ["earth"]),
        ("attr.moons=Titan", ["saturn"]),
        ("sort=attr.mass", ["mars", "earth", "saturn"]),
        ("sort=-attr.mass", ["earth", "mars", "saturn"]),
        ("q=mars", ["mars"]),
        ("attr.nobody-has-it=1", []),
    ],
)
def test_filters_and_sorts_understand_kinds(planets, visitor, query, slugs):
    answer = visitor.get(f"/items?category=planets&{query}")
    assert [row["slug"] for row in answer.json["items"]] == slugs


def test_a_list_that_no_category_expects_is_asked_for_its_members_too(ada, visitor):
    for title, colours in (("Sodium lamp", ["Amber"]), ("Traffic light", ["Red", "amber", "green"])):
        attribute = {"name": "Colours of light", "kind": "list", "value": colours}
        make(ada, title, category="lamps", attributes=[attribute])
    for query, slugs in {
        "amber": ["sodium-lamp", "traffic-light"],
        "green": ["traffic-light"],
        "re": [],
    }.items():
        for where in ("category=lamps&", ""):
            answer = visitor.get(f"/items?{where}attr.colours-of-light={query}")
            assert [row["slug"] for row in answer.json["items"]] == slugs


def test_filters_by_reference_follow_renames(ada, visitor):
    def like(title, slug):
        attribute = {"name": "Like", "kind": "reference", "value": {"item": slug}}
        make(ada, title, category="moons", attributes=[attribute])

    def found(name):
        rows = visitor.get(f"/items?category=moons&attr.like={name}").json["items"]
        return [row["title"] for row in rows]

    planet = make(ada, "Ninth planet").json["id"]
    like("Charon", "ninth-planet")
    ada.patch(f"/items/{planet}", {"title": "Pluto"})
    like("Nix", "pluto")
    assert found("pluto") == found("Pluto") == found("ninth-planet") == ["Charon", "Nix"]
    make(ada, "Ninth planet")
    assert (found("pluto"), found("ninth-planet")) == (["Nix"], ["Charon"])
    assert found("nobody") == []


def test_dates_compare_at_their_precision(planets, ada, visitor):
    for title, date in (("Uranus", "1781-03-13"), ("Ceres", "1801-01"), ("Titania", "1787")):
        attribute = {"name": "Discovered", "kind": "date", "value": date}
        make(ada, title, category="planets", attributes=[attribute])
    for query, slugs in {
        "=1781": ["uranus"],
        "=1781-03": ["uranus"],
        "=1781-04": [],
        "=1801-01-15": [],
        ".gte=1787": ["ceres", "titania"],
        ".gte=1801-01": ["ceres"],
        ".lte=1801": ["ceres", "titania", "uranus"],
        ".lte=1787": ["titania", "uranus"],
        ".lte=1781-03-12": [],
    }.items():
        found = visitor.get(f"/items?category=planets&attr.discovered{query}").json["items"]
        assert [row["slug"] for row in found] == slugs, query


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("attr.mass.bad=1", "attr.mass.bad"),
        ("category=planets&attr.mass=heavy", "attr.mass"),
        ("limit=101", "limit"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("sort=colour", "sort"),
        ("cursor=nonsense", "cursor"),
        ("count=perhaps", "count"),
        ("fields=title,secret", "fields"),
        ("sort=attr.$where", "sort"),
        ("attr.$gt=1", "attr.$gt"),
    ],
)
def test_what_a_query_gets_wrong_is_named(planets, visitor, query, path):
    answer = visitor.get(f"/items?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "bad-query")
    assert [error["path"] for error in answer.json["errors"]] == [path]


def test_revisions_page_newest_first_and_hold_the_entry(ada, visitor):
    made = make(ada).json
    for number in range(2, 6):
        ada.patch(f"/items/{made['id']}", {"summary": str(number), "comment": f"c{number}"})
    page = visitor.get(f"/items/{made['id']}/revisions?limit=3")
    assert [line["revision"] for line in page.json["revisions"]] == [5, 4, 3]
    assert page.json["revisions"][0].keys() >= {"revision", "at", "by", "comment"}
    rest = visitor.get(page.json["next"].removeprefix("http://127.0.0.1:5000/api/v1")).json
    assert ([line["revision"] for line in rest["revisions"]], rest["next"]) == ([2, 1], None)
    third = visitor.get(f"/items/{made['id']}/revisions/3").json
    assert (third["item"]["summary"], third["item"]["revision"], third["comment"]) == ("3", 3, "c3")
    for missing in ("6", "0", "-1", "x", "9" * 30):
        assert visitor.get(f"/items/{made['id']}/revisions/{missing}").status_code == 404


def test_a_revert_is_a_new_revision(ada):
    made = make(ada, summary="first").json
    ada.patch(f"/items/{made['id']}", {"summary": "second"})
    answer = ada.post(f"/items/{made['id']}/revert", {"to": 1, "comment": "back"})
    assert (answer.status_code, answer.headers["ETag"], answer.json["summary"]) == (200, '"3"', "first")
    assert ada.post(f"/items/{made['id']}/revert", {"to": 99}).status_code == 404
    assert ada.post(f"/items/{made['id']}/revert", {"to": "1"}).status_code == 422
    assert ada.post(f"/items/{made['id']}/revert", {"to": 1, "x": 1}).status_code == 422


def test_attributes_are_resources(ada, visitor):
    made = make(ada).json
    base = f"/items/{made['id']}/attributes"
    added = ada.post(base, {**mass(), "comment": "weighed"})
    assert (added.status_code, added.headers["ETag"], added.json["key"]) == (201, '"2"', "mass")
    assert added.headers["Location"].endswith(f"{base}/mass")
    assert ada.post(base, mass()).json["code"] == "key-taken"
    assert visitor.get(base).json == {"attributes": [added.json]}
    assert visitor.get(f"{base}/mass").json == added.json
    assert visitor.get(f"{base}/mass", headers={"If-None-Match": '"2"'}).status_code == 304
    put = ada.put(f"{base}/mass", mass("9"))
    assert (put.status_code, put.json["value"]["amount"], put.headers["ETag"]) == (200, "9", '"3"')
    patched = ada.patch(f"{base}/mass", {"note": "about"})
    assert (patched.json["note"], patched.json["value"]["amount"]) == ("about", "9")
    assert ada.patch(f"{base}/mass", {"state": "unknown"}).json["value"] is None
    assert ada.patch(f"{base}/mass", {"value": {"amount": "1", "unit": None}}).json["state"] == "value"
    new = ada.put(f"{base}/diameter", {"name": "Diameter", "kind": "text", "value": "wide"})
    assert (new.status_code, new.headers["ETag"]) == (201, '"7"')
    assert ada.put(f"{base}/radius", {"name": "Diameter", "kind": "text", "value": "x"}).status_code == 422
    gone = ada.delete(f"{base}/mass", headers={"If-Match": '"7"'})
    assert (gone.status_code, gone.headers["ETag"]) == (204, '"8"')
    assert visitor.get(f"{base}/mass").status_code == 404
    assert ada.delete(f"{base}/mass").status_code == 404
    assert ada.patch(f"{base}/diameter", {"note": "x"}, headers={"If-Match": '"1"'}).status_code == 412


def test_a_json_patch_of_an_attribute_may_add_a_comment(ada, visitor):
    made = make(ada, attributes=[mass()]).json
    patch = [
        {"op": "add", "path": "/comment", "value": "weighed"},
        {"op": "add", "path": "/note", "value": "x"},
    ]
    kind = {"Content-Type": "application/json-patch+json"}
    answer = ada.patch(f"/items/{made['id']}/attributes/mass", patch, headers=kind)
    assert (answer.status_code, answer.json["note"]) == (200, "x")
    assert visitor.get(f"/items/{made['id']}/revisions").json["revisions"][0]["comment"] == "weighed"


def test_the_history_of_an_entry_with_a_chinese_slug_has_pages(ada, visitor):
    made = make(ada, "豆腐脑").json
    ada.patch(f"/items/{made['id']}", {"summary": "soft"})
    first = visitor.get(f"/items/{made['slug']}/revisions?limit=1")
    # A server refuses to send a header that is not ASCII.
    assert first.headers["Link"].isascii()
    assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
    second = visitor.get(first.json["next"].removeprefix("http://127.0.0.1:5000/api/v1"))
    assert [row["revision"] for row in second.json["revisions"]] == [1]


def test_an_attribute_keeps_its_key_when_its_name_changes(ada):
    made = make(ada, attributes=[mass()]).json
    answer = ada.patch(f"/items/{made['id']}/attributes/mass", {"name": "Weight"})
    assert (answer.json["key"], answer.json["name"]) == ("mass", "Weight")
    again = ada.patch(f"/items/{made['id']}", {"summary": "x"})
    assert again.json["attributes"][0]["key"] == "mass"


def test_a_write_without_difference_makes_no_revision(ada):
    made = make(ada, summary="red").json
    assert ada.patch(f"/items/{made['id']}", {"summary": "red"}).headers["ETag"] == '"1"'


def test_a_category_that_an_entry_names_first_is_made(ada):
    made = make(ada, "Mars", category="red-planets")
    assert (made.status_code, made.json["category"]) == (201, "red-planets")
    assert ada.get("/categories/red-planets").json["name"] == "Red planets"
    assert ada.patch(f"/items/{made.json['id']}", {"category": "planets-of-war"}).status_code == 200
    assert ada.get("/categories/planets-of-war").status_code == 200


def test_a_refused_entry_leaves_no_category_behind(ada):
    make(ada, "Mars")
    assert make(ada, "Mars", category="red-planets").status_code == 409
    assert ada.get("/categories/red-planets").status_code == 404
