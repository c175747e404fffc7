"""Editing through the site: the calls of the entry's page, and the forms that need no script."""

import io
import re

import pytest
from PIL import Image

from app.domain.users import Role
from app.services import items, passwords
from app.services.items import ItemDraft, Note
from app.storage import indexes
from app.storage.stores import Stores
from tests.factories import NOW, make_attribute, make_category, make_property
from tests.people import CHEAP, PASSWORD, make_user


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)


@pytest.fixture
def stores(mock_database) -> Stores:
    found = Stores.connect(mock_database)
    for name, role in (("Ada", Role.EDITOR), ("Bob", Role.EDITOR), ("Mod", Role.MODERATOR)):
        found.users.insert(make_user(name, role=role))
    found.users.insert(make_user("Vis", role=Role.VISITOR, confirmed_at=None))
    weight = make_property("Weight", unit="kg", group="Body")
    found.categories.insert(make_category("Things", weight, make_property("Price", "money", unit="EUR")))
    return found


@pytest.fixture
def item(stores):
    draft = ItemDraft(
        "Tofu", "things", attributes=(make_attribute("Taste", "sweet"), make_attribute("Origin", "north"))
    )
    return items.create(stores, make_user("Ada").actor, draft, Note(NOW))


@pytest.fixture
def log_in(app, stores):
    def as_(name):
        client = app.test_client()
        client.post("/users/login", data={"identifier": name, "password": PASSWORD})
        return client

    return as_


@pytest.fixture
def ada(log_in, item):
    return log_in("Ada")


def patch(client, key, **body):
    return client.patch(f"/item/tofu/attributes/{key}", json={"base_revision": 1, **body})


def form(**fields):
    return {"base_revision": "1", "name": "Taste", "kind": "text", "state": "value"} | fields


# The calls of the page


def test_an_attribute_is_added_and_its_row_comes_back(ada):
    body = {"name": "Weight", "kind": "number", "value": {"amount": "8.85", "unit": "kg"}, "base_revision": 1}
    answer = ada.post("/item/tofu/attributes", json=body)
    assert answer.status_code == 201
    assert answer.json["revision"] == 2 and answer.json["moved_on"] is False
    assert '<tr id="fact-weight" data-key="weight" data-kind="number"' in answer.json["html"]
    assert "8.85 kg" in answer.json["html"]


def test_a_change_answers_the_new_row(ada, stores, item):
    answer = patch(ada, "taste", value="<b>salty</b>", comment="tried it", minor=True)
    assert answer.json["revision"] == 2 and "&lt;b&gt;salty" in answer.json["html"]
    change = stores.items.get(item.id).change
    assert (change.by, change.comment, change.minor) == ("Ada", "tried it", True)


def test_what_a_person_typed_is_understood_by_the_kind(ada):
    answer = patch(ada, "taste", kind="number", input="1,080")
    assert answer.json["attribute"]["value"] == {"amount": "1080", "unit": None}


def test_an_attribute_is_deleted(ada, stores, item):
    answer = ada.delete("/item/tofu/attributes/taste", json={"base_revision": 1})
    assert (answer.status_code, answer.json["revision"]) == (200, 2)
    assert "html" not in answer.json
    assert [a.key for a in stores.items.get(item.id).attributes] == ["origin"]


def test_attributes_are_put_in_order(ada, stores, item):
    answer = ada.put("/item/tofu/attributes/order", json={"order": ["origin", "taste"], "base_revision": 1})
    assert answer.json["revision"] == 2
    assert [a.key for a in stores.items.get(item.id).attributes] == ["origin", "taste"]


def test_two_attributes_do_not_disturb_each_other_and_the_second_is_told(ada, log_in):
    patch(ada, "taste", value="salty")
    answer = patch(log_in("Bob"), "origin", value="south")
    assert answer.json["moved_on"] is True and answer.json["revision"] == 3


def test_the_same_attribute_is_a_conflict_with_all_sides(ada, log_in):
    patch(ada, "taste", value="salty")
    answer = patch(log_in("Bob"), "taste", value="bitter")
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert [answer.json[side]["value"] for side in ("base", "theirs", "yours")] == [
        "sweet",
        "salty",
        "bitter",
    ]
    assert (answer.json["revision"], answer.json["by"]) == (2, "Ada")


@pytest.mark.parametrize("method", ["post", "patch", "delete", "put"])
def test_bodies_that_are_no_objects_of_json_are_refused_as_problems(ada, method):
    path = {"post": "/item/tofu/attributes", "put": "/item/tofu/attributes/order"}.get(
        method, "/item/tofu/attributes/taste"
    )
    call = getattr(ada, method)
    headers = {"X-Requested-With": "XMLHttpRequest"}
    for data, kind, status in (
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b"a=1", "text/plain", 415),
        (b'"' + b"x" * 2**20 + b'"', "application/json", 413),
    ):
        answer = call(path, data=data, content_type=kind, headers=headers)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("patch", "attributes/taste"),
        ("delete", "attributes/taste"),
        ("put", "attributes/order"),
        ("post", "images"),
    ],
)
def test_what_only_scripts_call_is_refused_as_a_problem_whatever_was_sent(app, item, method, path):
    answer = getattr(app.test_client(), method)(f"/item/tofu/{path}")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_the_address_of_a_form_takes_no_json(ada, stores, item):
    answer = ada.post("/item/tofu/attributes/taste", json={"value": "x", "base_revision": 1})
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
    assert stores.items.get(item.id).revision == 1


def test_who_has_not_confirmed_is_told_so_and_offered_a_link(log_in, item):
    vis = log_in("Vis")
    for path in ("/items/new", "/item/tofu/edit", "/item/tofu/attributes/new"):
        page = vis.get(path)
        assert page.status_code == 403 and "not confirmed yet" in page.text
        assert 'href="/users/activate"' in page.text
    assert "not confirmed yet" in patch(vis, "taste", value="x").json["detail"]


def test_an_error_page_says_what_was_refused(ada):
    patch(ada, "taste", value="salty")
    page = ada.post("/item/tofu/revert", data={"to": "1", "comment": "x" * 301})
    assert page.status_code == 422 and "At most 300 characters were expected." in page.text


def test_refusals_name_their_paths(ada):
    answer = patch(ada, "taste", kind="number", value={"amount": "much"}, verified_on="soon", odd=1)
    assert answer.status_code == 422
    assert {error["path"] for error in answer.json["errors"]} == {"value.amount", "verified_on", "odd"}


@pytest.mark.parametrize("base", [None, "1", 0, True, 99])
def test_a_base_revision_is_required(ada, base):
    answer = ada.patch("/item/tofu/attributes/taste", json={"value": "x", "base_revision": base})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["path"] == "base_revision"


@pytest.mark.parametrize(("name", "status"), [("Vis", 403), (None, 401)])
def test_only_editors_edit(app, log_in, item, name, status):
    client = log_in(name) if name else app.test_client()
    assert patch(client, "taste", value="x").status_code == status
    assert client.delete("/item/tofu/attributes/taste", json={"base_revision": 1}).status_code == status
    assert client.post("/item/tofu/images", headers={"X-CSRFToken": "x"}).status_code == status
    if name:
        assert client.get("/item/tofu/attributes/taste/edit").status_code == status
    page = client.get("/item/tofu").text
    assert "row-actions" not in page and "csrf-token" not in page


def test_calls_without_the_token_are_refused(make_app, mock_database, stores, item):
    client = make_app(DATABASE=mock_database, WTF_CSRF_ENABLED=True).test_client()
    answer = patch(client, "taste", value="x")
    assert (answer.status_code, answer.json["code"]) == (400, "csrf")


def test_calls_with_the_token_of_the_page_succeed(make_app, mock_database, stores, item):
    client = make_app(DATABASE=mock_database, WTF_CSRF_ENABLED=True).test_client()
    login = client.get("/users/login").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', login)[1]
    client.post("/users/login", data={"identifier": "Ada", "password": PASSWORD, "csrf_token": token})
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/item/tofu").text)[1]
    answer = client.patch(
        "/item/tofu/attributes/taste",
        json={"value": "salty", "base_revision": 1},
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 200


def test_a_value_is_read_back_in_other_units(ada):
    answer = ada.get("/item/tofu/read-back?kind=number&text=8.85&unit=kg&key=weight")
    assert answer.json["text"].startswith("8.85 kg = 19.5")
    assert "error" in ada.get("/item/tofu/read-back?kind=number&text=much&key=weight").json


def test_names_come_from_the_category_and_its_entries_but_those_in_use(ada, stores):
    draft = ItemDraft("Soy", "things", attributes=(make_attribute("Waterproof", True, "boolean"),))
    items.create(stores, make_user("Ada").actor, draft, Note(NOW))
    found = ada.get("/item/tofu/names?q=w").json
    assert [(name["title"], name["kind"], name["unit"]) for name in found] == [
        ("Weight", "number", "kg"),
        ("Waterproof", "boolean", ""),
    ]
    assert ada.get("/item/tofu/names?q=taste").json == []


# Forms


def test_the_page_shows_its_editors_what_to_press(ada):
    page = ada.get("/item/tofu").text
    assert 'href="/item/tofu/attributes/taste/edit"' in page
    assert 'data-empty="weight"' in page and 'href="/item/tofu/attributes/new?key=weight"' in page


def test_an_empty_row_opens_with_kind_unit_and_group(ada):
    page = ada.get("/item/tofu/attributes/new?key=weight").text
    assert 'name="unit" value="kg"' in page and 'value="Weight"' in page and 'value="Body"' in page


def test_a_form_adds_an_attribute(ada, stores, item):
    fields = form(name="Weight", kind="number", text="8.85", unit="kg", source_url="https://example.org/")
    answer = ada.post("/item/tofu/attributes", data=fields)
    assert (answer.status_code, answer.location) == (303, "/item/tofu#fact-weight")
    found = stores.items.get(item.id).find_attribute("weight")
    assert (str(found.value.amount), found.value.unit) == ("8.85", "kg")
    assert found.sources[0].url == "https://example.org/"


def test_a_plain_number_stays_plain_when_it_is_saved_again(ada, stores, item):
    fields = form(name="Weight", kind="number", text="5", unit="")
    ada.post("/item/tofu/attributes", data=fields)
    page = ada.get("/item/tofu/attributes/weight/edit").text
    assert 'name="unit" value=""' in page
    ada.post("/item/tofu/attributes/weight", data=fields | {"base_revision": "2", "note": "x"})
    assert stores.items.get(item.id).find_attribute("weight").value.unit is None


@pytest.mark.parametrize(("text", "unit", "expected"), [("8.85 t", "kg", "t"), ("5", "lb", "lb")])
def test_a_unit_within_the_text_comes_before_the_one_beside_it(ada, stores, item, text, unit, expected):
    ada.post("/item/tofu/attributes", data=form(name="Weight", kind="number", text=text, unit=unit))
    assert stores.items.get(item.id).find_attribute("weight").value.unit == expected


def test_a_refused_form_keeps_everything_that_was_typed(ada, stores, item):
    fields = form(kind="number", text="<much>", unit="kg", note="my note", comment="why", verified_on="2021")
    answer = ada.post("/item/tofu/attributes/taste", data=fields)
    assert answer.status_code == 422
    for typed in ('value="&lt;much&gt;"', "my note", 'value="why"', 'value="2021"', 'value="kg"'):
        assert typed in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert stores.items.get(item.id).revision == 1


def test_another_kind_brings_another_widget_and_loses_nothing(ada):
    answer = ada.post("/item/tofu/attributes/taste", data=form(kind="number", text="5", action="kind"))
    assert answer.status_code == 200
    assert 'name="unit"' in answer.text and 'name="text" value="5"' in answer.text


def test_a_conflict_shows_all_sides_and_the_form_can_be_sent_again(ada, log_in, stores, item):
    patch(ada, "taste", value="salty", note="their note")
    bob = log_in("Bob")
    answer = bob.post("/item/tofu/attributes/taste", data=form(text="bitter", comment="mine"))
    assert answer.status_code == 409
    for said in ("sweet", "salty", "bitter", "their note", 'value="mine"'):
        assert said in answer.text
    assert 'name="base_revision" value="2"' in answer.text
    again = bob.post("/item/tofu/attributes/taste", data=form(text="bitter", base_revision="2"))
    assert again.status_code == 303
    assert stores.items.get(item.id).find_attribute("taste").value == "bitter"


def test_a_deletion_that_meets_an_edit_is_asked_about_in_its_own_words(ada, log_in, stores, item):
    patch(ada, "taste", value="salty")
    bob = log_in("Bob")
    answer = bob.post("/item/tofu/attributes/taste", data=form(text="sweet", action="delete"))
    assert answer.status_code == 409
    assert "You wanted to delete it." in answer.text and "What you typed is below" not in answer.text
    again = {"base_revision": "2", "action": "delete"}
    assert bob.post("/item/tofu/attributes/taste", data=again).status_code == 303
    assert stores.items.get(item.id).find_attribute("taste") is None


def test_a_conflict_repeats_nothing_that_is_the_same_on_all_sides(ada, log_in):
    patch(ada, "taste", note="as ever")
    patch(ada, "taste", value="salty", base_revision=2)
    sent = form(text="bitter", note="as ever", group="Senses", base_revision="2")
    answer = log_in("Bob").post("/item/tofu/attributes/taste", data=sent)
    sides = re.findall(r'<dd dir="auto">(.*?)</dd>', answer.text, re.DOTALL)
    assert (answer.status_code, sides) == (409, ["sweet", "salty", "bitter\nSenses"])


def test_buttons_move_and_delete(ada, stores, item):
    ada.post("/item/tofu/attributes/origin", data={"action": "up", "base_revision": "1"})
    assert [a.key for a in stores.items.get(item.id).attributes] == ["origin", "taste"]
    answer = ada.post("/item/tofu/attributes/taste", data={"action": "delete", "base_revision": "2"})
    assert (answer.status_code, answer.location) == (303, "/item/tofu")
    assert "Deleted: Taste" in ada.get("/item/tofu").text
    assert [a.key for a in stores.items.get(item.id).attributes] == ["origin"]


VALUES = {
    "text": {"text": "plain"},
    "number": {"text": "1,080", "unit": "kg"},
    "range": {"text": "10–12.5", "unit": "h"},
    "money": {"text": "999", "unit": "EUR"},
    "date": {"text": "2021-07"},
    "boolean": {"text": "yes"},
    "rating": {"text": "4.5"},
    "list": {"text": 'a, "b, c"\nd'},
    "url": {"text": "https://example.org/"},
    "image": {"text": "https://example.org/a.png", "alt": "A picture"},
    "color": {"text": "#1e90ff"},
    "coordinates": {"text": "48.2, 16.37"},
    "reference": {"text": "soy"},
}


@pytest.mark.parametrize("kind", VALUES)
def test_every_kind_goes_through_its_widget_and_back_without_a_change(ada, stores, item, kind):
    answer = ada.post("/item/tofu/attributes", data=form(name="Thing", kind=kind, **VALUES[kind]))
    assert answer.status_code == 303, answer.text
    page = ada.get("/item/tofu/attributes/thing/edit").text
    ada.post("/item/tofu/attributes/thing", data=fields_of(page))
    assert stores.items.get(item.id).revision == 2


def fields_of(page):
    """What a browser would send of the form on the page, unchanged."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.fields, self.text, self.select, self.inside = [], None, None, False

        def handle_starttag(self, tag, attrs):
            found = dict(attrs)
            if tag == "form":
                self.inside = "data-attribute-form" in found
            if not self.inside:
                return
            name, sort = found.get("name"), found.get("type")
            if (
                tag == "input"
                and name
                and sort != "file"
                and (sort not in ("radio", "checkbox") or "checked" in found)
            ):
                self.fields.append((name, found.get("value") or ""))
            elif tag == "textarea":
                self.text = [name, ""]
            elif tag == "select":
                self.select = name
            elif tag == "option" and self.select and "selected" in found:
                self.fields.append((self.select, found["value"]))

        def handle_data(self, data):
            if self.text:
                self.text[1] += data

        def handle_endtag(self, tag):
            if tag == "textarea" and self.text:
                self.fields.append((self.text[0], self.text[1].removeprefix("\n")))
                self.text = None
            elif tag == "select":
                self.select = None

    reader = Reader()
    reader.feed(page)
    from werkzeug.datastructures import MultiDict

    return MultiDict(reader.fields)


HOSTILE = [
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '" onfocus="alert(1)" x="',
    "{{ 7*7 }}{% raw %}",
    "\u202egpj.exe",
    "a\x00b",
    "x" * 1_000_000,
    "$where",
    "a.b.$c",
]


@pytest.mark.parametrize(
    "field",
    [
        "name",
        "kind",
        "state",
        "text",
        "unit",
        "group",
        "note",
        "source_url",
        "source_title",
        "verified_on",
        "comment",
        "base_revision",
    ],
)
def test_hostile_values_are_refused_or_inert(ada, field):
    for number, text in enumerate(HOSTILE):
        fields = form(name=f"Thing {number}", text="plain") | {field: text}
        if field == "source_title":
            fields["source_url"] = "https://example.org/"
        answer = ada.post("/item/tofu/attributes", data=fields)
        assert answer.status_code in (303, 413, 422)
        assert_inert(answer.text)
    assert_inert(ada.get("/item/tofu").text)


def assert_inert(page):
    assert "<script>alert" not in page and 'onfocus="alert(1)"' not in page
    assert 'href="javascript:' not in page and 'href="data:' not in page
    assert "49{% raw" not in page


HOSTILE_JSON = ["\ud800", "a\x00b", "\x1b[31m", {"$gt": ""}, ["x"], 5, "x" * 900_000]


@pytest.mark.parametrize(
    "member",
    ["name", "kind", "state", "value", "input", "group", "note", "sources", "verified_on", "comment", "key"],
)
def test_hostile_members_are_refused(ada, stores, item, member):
    for raw in HOSTILE_JSON:
        body = {"name": "Thing", "kind": "text", "value": "x", "base_revision": 1} | {member: raw}
        answer = ada.post("/item/tofu/attributes", json=body)
        assert answer.status_code == 422, answer.text
    assert stores.items.get(item.id).revision == 1


@pytest.mark.parametrize("name", ["$where", "$set", "colour"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "attributes", {"name": "Thing", "kind": "text", "value": "x", "base_revision": 1}),
        ("PATCH", "attributes/taste", {"note": "new", "base_revision": 1}),
        ("DELETE", "attributes/taste", {"base_revision": 1}),
        ("PUT", "attributes/order", {"order": ["origin", "taste"], "base_revision": 1}),
        ("POST", "undo", {"revision": 1}),
    ],
)
def test_members_without_meaning_are_refused_as_the_api_does(ada, stores, item, method, path, body, name):
    answer = ada.open(f"/item/tofu/{path}", method=method, json=body | {name: 1})
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, name)
    assert stores.items.get(item.id).revision == 1


# Entries


def test_an_entry_is_created_with_a_new_category(ada, stores):
    fields = {
        "title": "Zebra",
        "category": "Wild animals",
        "aliases": "Equus\nStripes",
        "summary": "A horse.",
    }
    answer = ada.post("/items/new", data=fields)
    assert (answer.status_code, answer.location) == (303, "/item/zebra")
    found = stores.items.find_by_slug("zebra")
    assert (found.category, found.aliases) == ("wild-animals", ("Equus", "Stripes"))


def test_a_name_like_an_existing_one_asks_first(ada, stores):
    fields = {"title": "TOFU (food)", "aliases": "tofu", "category": "things"}
    answer = ada.post("/items/new", data=fields)
    assert answer.status_code == 409
    assert 'href="/item/tofu"' in answer.text and 'value="TOFU (food)"' in answer.text
    anyway = re.search(r'name="anyway" value="([^"]*)"', answer.text)[1]
    assert ada.post("/items/new", data=fields | {"anyway": anyway}).status_code == 303


def test_a_taken_title_is_refused_at_its_field(ada, stores, mock_database):
    indexes.ensure(mock_database)
    fields = {"title": "tofu", "category": "Brand new", "anyway": "tofu"}
    answer = ada.post("/items/new", data=fields)
    assert answer.status_code == 409 and "There is already an entry titled" in answer.text
    assert stores.categories.find("brand-new") is None


def test_a_new_title_leaves_the_old_address_as_a_redirect(ada):
    fields = {"title": "Bean curd", "category": "Things", "base_revision": "1"}
    assert ada.post("/item/tofu/edit", data=fields).location == "/item/bean-curd"
    answer = ada.get("/item/tofu")
    assert (answer.status_code, answer.location) == (301, "/item/bean-curd")


def test_fields_of_an_entry_merge_and_conflict_like_attributes(ada, log_in, stores, item):
    ada.post(
        "/item/tofu/edit",
        data={"title": "Tofu", "category": "Things", "summary": "Soft.", "base_revision": "1"},
    )
    bob = log_in("Bob")
    answer = bob.post(
        "/item/tofu/edit",
        data={"title": "Tofu", "category": "Things", "aliases": "Curd", "base_revision": "1"},
    )
    assert answer.status_code == 303
    found = stores.items.get(item.id)
    assert (found.summary, found.aliases) == ("Soft.", ("Curd",))
    answer = bob.post(
        "/item/tofu/edit",
        data={"title": "Tofu", "category": "Things", "summary": "Hard.", "base_revision": "1"},
    )
    assert answer.status_code == 409
    assert "Soft." in answer.text and "Hard." in answer.text and "Curd" in answer.text


def test_a_category_is_meant_by_its_name_in_any_language(ada, stores):
    stores.categories.insert(make_category("Foods", labels={"zh": "食品"}))
    chinese = {"Accept-Language": "zh"}
    typed = {"title": "Zebra cake", "category": "食品"}
    assert ada.post("/items/new", data=typed, headers=chinese).status_code == 303
    assert stores.items.find_by_slug("zebra-cake").category == "foods"
    assert 'name="category" value="食品"' in ada.get("/item/zebra-cake/edit", headers=chinese).text
    unchanged = {"title": "Zebra cake", "category": "食品", "base_revision": "1"}
    ada.post("/item/zebra-cake/edit", data=unchanged, headers=chinese)
    assert stores.items.find_by_slug("zebra-cake").revision == 1
    assert [category.slug for category in stores.categories.all()] == ["foods", "things"]


def test_an_edit_that_is_refused_leaves_no_new_category(ada, log_in, stores):
    moved = {"title": "Tofu", "category": "Foods", "base_revision": "1"}
    assert ada.post("/item/tofu/edit", data=moved).status_code == 303
    assert stores.categories.get("foods").name == "Foods"
    answer = log_in("Bob").post("/item/tofu/edit", data=moved | {"category": "Soy products"})
    assert answer.status_code == 409
    assert stores.categories.find("soy-products") is None


def test_moderators_delete_with_a_reason_and_restore(log_in, item, stores):
    mod = log_in("Mod")
    assert mod.post("/item/tofu/delete", data={"comment": " "}).status_code == 422
    assert mod.post("/item/tofu/delete", data={"comment": "spam"}).status_code == 303
    assert stores.items.get(item.id).deleted
    assert mod.get("/item/tofu").status_code in (404, 410)
    assert mod.post("/item/tofu/undelete").location == "/item/tofu"
    assert not stores.items.get(item.id).deleted


def test_editors_delete_nothing(ada, item):
    assert ada.post("/item/tofu/delete", data={"comment": "x"}).status_code == 403
    assert ada.post(f"/item/{item.id}/undelete").status_code == 403


def test_moderators_edit_a_category(log_in, stores, ada):
    assert ada.get("/category/things/edit").status_code == 403
    mod = log_in("Mod")
    assert 'value="Weight"' in mod.get("/category/things/edit").text
    rows = {
        "property_key": ["price", "weight", ""],
        "property_order": ["2", "1", "3"],
        "property_name": ["Price", "Mass", "Colour"],
        "property_kind": ["money", "number", "color"],
        "property_unit": ["EUR", "kg", ""],
        "property_direction": ["lower", "", ""],
        "property_group": ["", "Body", ""],
        "property_aliases": ["", 'Weight，Heaviness、 "Mass, at rest"', " , "],
        "revision": str(stores.categories.get("things").revision),
    }
    assert mod.post("/category/things/edit", data={"name": "Objects", **rows}).status_code == 303
    found = stores.categories.get("things")
    assert found.name == "Objects"
    assert [p.key for p in found.properties] == ["weight", "price", "colour"]
    assert found.properties[0].aliases == ("Weight", "Heaviness", "Mass, at rest")
    too_long = {**rows, "property_aliases": ["a" * 300, "", ""], "revision": str(found.revision)}
    assert mod.post("/category/things/edit", data={"name": "Objects", **too_long}).status_code == 422
    form = mod.get("/category/things/edit").text
    assert 'value="Weight, Heaviness, &#34;Mass, at rest&#34;"' in form
    rows["property_kind"][0] = "nonsense"
    rows["revision"] = str(found.revision)
    answer = mod.post("/category/things/edit", data={"name": "Objects", **rows})
    assert answer.status_code == 422 and 'value="Heaviness' not in answer.text and "Heaviness" in answer.text


def test_a_category_that_another_moderator_changed_is_not_overwritten_unseen(log_in, stores, item):
    mod = log_in("Mod")
    before = stores.categories.get("things").revision
    mod.post("/category/things/edit", data={"name": "Objects", "revision": str(before)})
    answer = mod.post("/category/things/edit", data={"name": "Matters", "revision": str(before)})
    assert answer.status_code == 409 and 'value="Matters"' in answer.text
    assert '<dd dir="auto">Objects</dd>' in answer.text
    assert stores.categories.get("things").name == "Objects"
    again = re.search(r'name="revision" value="(\d+)"', answer.text)[1]
    mod.post("/category/things/edit", data={"name": "Matters", "revision": again})
    assert stores.categories.get("things").name == "Matters"
    assert mod.post("/category/things/edit", data={"name": "X", "revision": "x"}).status_code == 422


# Pictures


@pytest.fixture
def live_ada(live_client, database):
    found = Stores.connect(database)
    found.users.insert(make_user("Ada"))
    items.create(found, make_user("Ada").actor, ItemDraft("Tofu"), Note(NOW))
    live_client.post("/users/login", data={"identifier": "Ada", "password": PASSWORD})
    return live_client


def multipart(part, content, **fields):
    # Written out: the client's own encoder leaves temporary files of large uploads open.
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--edge\r\nContent-Disposition: form-data; name="{part}"; filename="a.png"\r\n\r\n'.encode()
    return {
        "data": b"".join(parts) + head + content + b"\r\n--edge--\r\n",
        "content_type": "multipart/form-data; boundary=edge",
    }


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_a_picture_is_uploaded_and_served_for_good(live_ada):
    headers = {"X-Requested-With": "XMLHttpRequest"}
    answer = live_ada.post("/item/tofu/images", headers=headers, **multipart("file", png()))
    assert answer.status_code == 201 and set(answer.json) == {"file"}
    served = live_ada.get(f"/files/{answer.json['file']}")
    assert (served.status_code, served.mimetype) == (200, "image/webp")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in served.headers["Cache-Control"]
    etag = served.headers["ETag"]
    assert live_ada.get(f"/files/{answer.json['file']}", headers={"If-None-Match": etag}).status_code == 304
    refused = live_ada.post("/item/tofu/images", headers=headers, **multipart("file", b"<svg>"))
    assert refused.status_code == 422 and refused.json["errors"][0]["path"] == "file"


def test_a_picture_comes_with_the_form(live_ada):
    upload = multipart("file", png(), base_revision=1, name="Look", kind="image", state="value", alt="Red")
    assert live_ada.post("/item/tofu/attributes", **upload).status_code == 303
    assert re.search(
        r'<img class="value-image" src="/files/[0-9a-f]{24}" alt="Red"', live_ada.get("/item/tofu").text
    )
    refused = live_ada.post(
        "/item/tofu/attributes",
        **multipart("file", b"no", base_revision=1, name="Other", kind="image", state="value", alt="Kept"),
    )
    assert refused.status_code == 422 and 'value="Kept"' in refused.text
