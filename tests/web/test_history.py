"""History in the browser: what changed, as it was, side by side, and ways back."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.domain.users import Actor, Role
from app.kinds.number import Quantity
from app.services import items, passwords
from app.services.items import ItemDraft, Note
from app.storage.stores import Stores
from tests.factories import make_attribute, make_category, make_source
from tests.people import CHEAP, PASSWORD, make_user

ADA, BOB = Actor("Ada", Role.EDITOR), Actor("Bob", Role.EDITOR)
HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)


@pytest.fixture
def stores(mock_database):
    found = Stores.connect(mock_database)
    for name, role in (("Ada", Role.EDITOR), ("Mo", Role.MODERATOR)):
        found.users.insert(make_user(name, role=role))
    return found


@pytest.fixture
def ada(app, stores):
    return logged_in(app, "Ada")


def logged_in(app, name):
    client = app.test_client()
    client.post("/users/login", data={"identifier": name, "password": PASSWORD})
    return client


def put(*new):
    def change(item):
        for attribute in new:
            item = item.with_attribute(attribute)
        return item

    return change


def note(comment="", **others) -> Note:
    return Note(datetime.now(UTC), comment, **others)


def mass(amount: str, **others):
    return make_attribute("Mass", Quantity(Decimal(amount), "kg"), "number", **others)


@pytest.fixture
def cello(stores):
    """Four revisions: created, Mass corrected by Bob, a source and an attribute added, reordered."""
    made = items.create(
        stores,
        ADA,
        ItemDraft("Cello", attributes=(mass("8.85"), make_attribute("Wood", "spruce"))),
        note("new"),
    )
    items.edit(stores, BOB, made.id, put(mass("8.9")), note("weighed", minor=True))
    items.edit(
        stores,
        ADA,
        made.id,
        put(mass("8.9", sources=(make_source(),)), make_attribute("Strings", "four")),
        note(),
    )
    return items.edit(
        stores, ADA, made.id, lambda item: replace(item, attributes=item.attributes[::-1]), note()
    )


def words(page: str) -> str:
    """The text of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def test_each_revision_says_who_when_why_and_what(client, cello):
    text = words(client.get("/item/cello/history").text)
    assert "Mass: 8.85 kg → became 8.9 kg" in text
    assert "Bob edited" in text and "“weighed”" in text and "minor" in text
    assert "Strings: four added" in text
    assert "Mass changed: sources" in text
    assert "The attributes reordered" in text


def test_two_revisions_are_chosen_without_a_script(client, cello):
    page = client.get("/item/cello/history").text
    assert page.count('name="a"') == page.count('name="b"') == 4
    answer = client.get("/item/cello/diff?a=1&b=3")
    assert answer.location.endswith("/item/cello/diff/1/3")


def test_long_histories_come_in_pages_that_lose_no_change(client, stores, cello):
    for number in range(25):
        items.edit(stores, ADA, cello.id, lambda item, n=number: replace(item, summary=f"No. {n}"), note())
    first = client.get("/item/cello/history").text
    assert 'id="revision-29"' in first and 'id="revision-10"' in first and 'id="revision-9"' not in first
    assert "before=10" in first
    second = client.get("/item/cello/history?before=10").text
    assert 'id="revision-9"' in second and 'id="revision-1"' in second and "before=" not in second
    # The last one of a page knows the one before it, which is on the next page.
    assert "No. 4 → became No. 5" in words(first)


def test_a_page_of_history_costs_a_bounded_number_of_queries(client, stores, cello, monkeypatch):
    asked = []
    plain = stores.items.__class__.whole_revisions
    monkeypatch.setattr(
        stores.items.__class__, "whole_revisions", lambda *a, **k: asked.append(1) or plain(*a, **k)
    )
    monkeypatch.setattr(stores.items.__class__, "revision", None)
    assert client.get("/item/cello/history").status_code == 200
    assert asked == [1]


def test_a_revision_is_shown_as_it_was(client, cello):
    page = client.get("/item/cello/revision/1").text
    assert "8.85" in page and "Strings" not in page
    assert "it has changed since" in page
    assert "This is the present revision" in client.get("/item/cello/revision/4").text


def test_a_comparison_tells_by_words_and_signs_what_changed(client, cello):
    page = client.get("/item/cello/diff/1/4").text
    text = words(page)
    assert 'data-key="mass" data-change="changed"' in page and "8.85 kg" in text and "8.9 kg" in text
    assert 'data-key="strings" data-change="added"' in page and "not there" in text
    assert "reordered" in text
    assert 'href="https://example.org/fact"' in page and "Swap sides" in page


def test_a_comparison_the_other_way_round_has_additions_as_deletions(client, cello):
    page = client.get("/item/cello/diff/4/1").text
    assert 'data-key="strings" data-change="deleted"' in page


def test_a_comparison_leads_to_its_neighbours(client, cello):
    page = client.get("/item/cello/diff/2/3").text
    assert (
        "/item/cello/diff/1/2" in page and "/item/cello/diff/3/4" in page and "/item/cello/diff/3/2" in page
    )


def test_a_revision_compared_with_itself_does_not_differ(client, cello):
    assert "the same content" in client.get("/item/cello/diff/2/2").text


@pytest.mark.parametrize(
    "path",
    ["revision/5", "revision/0", "revision/99999999999999999999", "diff/1/5", "attributes/colour/history"],
)
def test_what_never_was_is_not_found(client, cello, path):
    assert client.get(f"/item/cello/{path}").status_code == 404


@pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 30])
def test_a_bound_that_is_none_gives_the_newest(client, cello, before):
    assert 'id="revision-4"' in client.get(f"/item/cello/history?before={before}").text


def test_one_attribute_has_a_history_of_who_said_so(client, stores, cello):
    items.edit(stores, BOB, cello.id, lambda item: item.without_attribute("mass"), note("moot"))
    text = words(client.get("/item/cello/attributes/mass/history").text)
    assert "deleted Revision 5 Bob" in text
    assert "8.9 kg Example Revision 3 Ada" in text
    assert "8.9 kg Revision 2 Bob" in text
    assert "8.85 kg Revision 1 Ada" in text
    assert "Revision 4" not in text


def test_past_names_lead_to_the_present_history(client, stores, cello):
    items.edit(stores, ADA, cello.id, lambda item: replace(item, title="Violoncello"), note())
    for path in ("history?before=3", "revision/1", "diff/1/2", "attributes/mass/history"):
        answer = client.get(f"/item/cello/{path}")
        assert (answer.status_code, answer.location) == (301, f"/item/violoncello/{path}")
        assert client.get(f"/item/{cello.id}/{path}").status_code == 301


def test_a_revert_is_a_new_revision(ada, stores, cello):
    answer = ada.post("/item/cello/revert", data={"to": "1", "comment": "back"})
    assert (answer.status_code, answer.location) == (303, "/item/cello")
    head = stores.items.get(cello.id)
    assert head.revision == 5 and head.change.comment == "back"
    assert head.attributes == stores.items.revision(cello.id, 1).item.attributes


def test_a_revert_without_a_reason_says_to_what(ada, stores, cello):
    ada.post("/item/cello/revert", data={"to": "2"})
    assert stores.items.get(cello.id).change.comment == "Back to revision 2"


@pytest.mark.parametrize("to", ["", "0", "99", "x", "-1"])
def test_a_revert_to_nothing_is_refused(ada, stores, cello, to):
    assert ada.post("/item/cello/revert", data={"to": to}).status_code in (404, 422)
    assert stores.items.get(cello.id).revision == 4


def test_an_undo_keeps_what_came_after(ada, stores, cello):
    assert ada.post("/item/cello/undo", data={"revision": "4"}).status_code == 303
    head = stores.items.get(cello.id)
    assert [a.key for a in head.attributes] == ["mass", "wood", "strings"]


def test_an_undo_that_no_longer_applies_is_refused_with_the_reason(ada, stores, cello):
    answer = ada.post("/item/cello/undo", data={"revision": "2"})
    assert answer.status_code == 409
    assert "it was changed again since: Mass" in answer.text
    assert "/item/cello/history" in answer.text
    assert stores.items.get(cello.id).revision == 4


def test_the_script_of_a_page_undoes_by_json(ada, stores, cello):
    answer = ada.post("/item/cello/undo", json={"revision": 4})
    assert answer.get_json() == {"revision": 5}
    refused = ada.post("/item/cello/undo", json={"revision": 2})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "cannot-undo")


def test_visitors_see_no_buttons_and_cannot_use_them(client, stores, cello):
    assert "<button" not in client.get("/item/cello/revision/2").text.split("<main")[1].split("</main")[0]
    assert "/users/login" in client.post("/item/cello/revert", data={"to": "1"}).location
    assert stores.items.get(cello.id).revision == 4


def test_forms_without_their_token_are_refused(make_app, mock_database, stores, cello):
    guarded = make_app(DATABASE=mock_database, WTF_CSRF_ENABLED=True).test_client()
    for path in ("revert", "undo", "protect", "rollback"):
        assert guarded.post(f"/item/cello/{path}", data={"to": "1"}).status_code == 400
    assert stores.items.get(cello.id).revision == 4


def test_hostile_text_is_inert_in_every_page_of_history(client, stores):
    hostile = make_attribute(HOSTILE, HOSTILE, note=HOSTILE, sources=(make_source(title=HOSTILE),), key="x")
    made = items.create(stores, ADA, ItemDraft(HOSTILE, summary=HOSTILE), note(HOSTILE))
    items.edit(stores, ADA, made.id, lambda item: item.with_attribute(hostile), note(HOSTILE))
    for path in ("history", "revision/2", "diff/1/2", "attributes/x/history"):
        page = client.get(f"/item/{made.slug}/{path}").text
        assert "<script>alert" not in page and "{{7*7}}" in page


def test_a_category_is_told_by_its_name_in_the_readers_language(app, stores):
    for name, chinese in (("Foods", "食品"), ("Wild animals", "野生动物")):
        stores.categories.insert(make_category(name, labels={"zh": chinese}))
    item = items.create(stores, ADA, ItemDraft("Tofu", "foods"), note())
    items.edit(stores, ADA, item.id, lambda present: replace(present, category="wild-animals"), note())
    client = app.test_client()
    for language, words in (("en", ("Foods", "Wild animals")), ("zh", ("食品", "野生动物"))):
        for path in ("/item/tofu/history", "/item/tofu/diff/1/2"):
            page = client.get(path, headers={"Accept-Language": language}).text
            assert all(word in page for word in words) and "wild-animals" not in page
