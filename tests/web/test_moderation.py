"""What moderators do in the browser, and what everybody else sees of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.users import Actor, Role
from app.services import items, passwords
from app.services.items import ItemDraft, Note
from app.storage.stores import Stores
from tests.factories import make_attribute
from tests.people import CHEAP, PASSWORD, make_user

ADA, BOB = Actor("Ada", Role.EDITOR), Actor("Bob", Role.EDITOR)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)


@pytest.fixture
def stores(mock_database):
    found = Stores.connect(mock_database)
    for name, role in (("Ada", Role.EDITOR), ("Bob", Role.EDITOR), ("Mo", Role.MODERATOR)):
        found.users.insert(make_user(name, role=role))
    return found


@pytest.fixture
def tofu(stores):
    return items.create(stores, ADA, ItemDraft("Tofu", attributes=(make_attribute("Taste"),)), note())


@pytest.fixture
def log_in(app, stores):
    def enter(name):
        client = app.test_client()
        client.post("/users/login", data={"identifier": name, "password": PASSWORD})
        return client

    return enter


@pytest.fixture
def mo(log_in):
    return log_in("Mo")


def note(comment="") -> Note:
    return Note(datetime.now(UTC), comment)


def edit(stores, actor, item, summary):
    return items.edit(stores, actor, item.id, lambda old: replace(old, summary=summary), note())


def test_a_deleted_entry_says_who_and_why_and_shows_nothing_else(client, stores, tofu, mo):
    mo.post("/item/tofu/delete", data={"comment": "Advertising"})
    page = client.get("/item/tofu")
    assert page.status_code == 410
    assert "Advertising" in page.text and "Mo" in page.text and "Restore" not in page.text
    for path in ("history", "revision/1", "diff/1/2", "attributes/taste/history"):
        assert client.get(f"/item/tofu/{path}").status_code == 410


def test_moderators_read_a_tombstone_and_restore_all_of_it(stores, tofu, mo):
    mo.post("/item/tofu/delete", data={"comment": "Advertising"})
    assert f"/item/{tofu.id}/undelete" in mo.get("/item/tofu").text
    for path in ("history", "revision/1", "diff/1/2", "attributes/taste/history", "moderate"):
        assert mo.get(f"/item/{tofu.id}/{path}").status_code == 200
    answer = mo.post(f"/item/{tofu.id}/undelete")
    assert answer.status_code == 303
    head = stores.items.get(tofu.id)
    assert (head.deleted, head.attributes, head.slug, head.revision) == (False, tofu.attributes, "tofu", 3)


def test_protection_is_set_and_lifted(stores, tofu, mo, log_in):
    assert mo.post("/item/tofu/protect", data={"role": "moderator"}).status_code == 303
    refused = log_in("Ada").post("/item/tofu/revert", data={"to": "1"})
    assert refused.status_code in (303, 403)
    assert stores.items.get(tofu.id).protection == "moderator"
    assert "only moderators may edit this entry" in log_in("Ada").get("/item/tofu").text
    assert 'href="/item/tofu/moderate"' in mo.get("/item/tofu").text
    mo.post("/item/tofu/protect", data={"role": "editor"})
    assert "may edit this entry" not in mo.get("/item/tofu").text
    assert stores.items.get(tofu.id).protection == ""


def test_one_attribute_is_protected(stores, tofu, mo):
    mo.post("/item/tofu/protect", data={"role": "moderator", "key": "taste"})
    assert stores.items.get(tofu.id).protected_keys == (("taste", "moderator"),)
    assert "taste" in mo.get("/item/tofu/moderate").text
    assert mo.post("/item/tofu/protect", data={"role": "moderator", "key": "x"}).status_code == 404


def test_an_unknown_level_never_frees_an_entry(stores, tofu, mo):
    mo.post("/item/tofu/protect", data={"role": "nonsense"})
    assert stores.items.get(tofu.id).protection == "moderator"


def test_a_run_of_edits_is_rolled_back(stores, tofu, mo):
    edit(stores, BOB, tofu, "one")
    edit(stores, BOB, tofu, "two")
    assert 'name="user" value="Bob"' in mo.get("/item/tofu/moderate").text
    assert mo.post("/item/tofu/rollback", data={"user": "Bob"}).status_code == 303
    head = stores.items.get(tofu.id)
    assert (head.summary, head.change.comment) == ("", "Rolled back the edits of Bob")


def test_without_anybody_else_deleting_is_offered(tofu, mo):
    answer = mo.post("/item/tofu/rollback", data={"user": "Ada"})
    assert answer.status_code == 409
    assert "Nobody but Ada" in answer.text and "/item/tofu/delete" in answer.text


def test_who_edited_meanwhile_is_spared(stores, tofu, mo):
    edit(stores, BOB, tofu, "good")
    assert mo.post("/item/tofu/rollback", data={"user": "Ada"}).status_code == 409
    assert stores.items.get(tofu.id).summary == "good"


def test_the_blocked_are_told_why_and_until_when(stores, tofu, mo, log_in):
    edit(stores, ADA, tofu, "old")
    bob = log_in("Bob")
    until = (datetime.now(UTC) + timedelta(days=3)).date()
    assert mo.post("/users/Bob/block", data={"until": str(until), "reason": "Spam"}).status_code == 303
    refused = bob.post("/item/tofu/revert", data={"to": "1"})
    assert refused.status_code == 403
    assert f"blocked until {until} 00:00 UTC: Spam" in refused.text
    assert bob.get("/item/tofu").status_code == 200
    mo.post("/users/Bob/unblock")
    assert bob.post("/item/tofu/revert", data={"to": "1"}).status_code == 303


def test_a_block_can_be_told_in_days(stores, mo):
    mo.post("/users/bob/block", data={"days": "7", "reason": "Spam"})
    left = stores.users.find_by_username("Bob").blocked_until - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    assert "Lift the block" in mo.get("/users/Bob/block").text


@pytest.mark.parametrize(
    "form",
    [
        {"reason": "Spam"},
        {"until": "2001-01-01", "reason": "Spam"},
        {"until": "soon", "reason": "Spam"},
        {"days": "-3", "reason": "Spam"},
        {"days": "1"},
        {"days": "1", "reason": "a\x00b"},
        {"until": "9999-12-31T23:59-12:00", "reason": "Spam"},
        {"until": "0001-01-01T00:00+14:00", "reason": "Spam"},
    ],
)
def test_a_block_that_makes_no_sense_is_refused_at_its_field(stores, mo, form):
    answer = mo.post("/users/Bob/block", data=form)
    assert answer.status_code == 422 and "field-error" in answer.text
    assert stores.users.find_by_username("Bob").blocked_until is None


def test_administrators_give_roles_on_the_page_of_a_user(stores, mo, log_in):
    stores.users.insert(make_user("Root", role=Role.ADMIN))
    root = log_in("Root")
    assert 'action="/users/Bob/role"' in root.get("/users/Bob").text
    assert 'action="/users/Bob/role"' not in mo.get("/users/Bob").text
    assert mo.post("/users/Bob/role", data={"role": "admin"}).status_code == 403
    assert root.post("/users/Bob/role", data={"role": "moderator"}).location == "/users/Bob"
    assert "The role of Bob was changed." in root.get("/users/Bob").text
    assert root.post("/users/Bob/role", data={"role": "king"}).status_code == 422
    assert stores.users.find_by_username("Bob").role is Role.MODERATOR


def test_the_last_administrator_cannot_vanish_by_a_slip(stores, log_in):
    stores.users.insert(make_user("Root", role=Role.ADMIN))
    root = log_in("Root")
    assert 'action="/users/Root/role"' not in root.get("/users/Root").text
    assert root.post("/users/Root/role", data={"role": "visitor"}).status_code == 403
    assert stores.users.find_by_username("Root").role is Role.ADMIN


def test_editors_find_none_of_it(tofu, log_in):
    ada = log_in("Ada")
    assert ada.get("/item/tofu/moderate").status_code == 403
    assert ada.get("/users/Bob/block").status_code == 403
    assert "moderate" not in ada.get("/item/tofu/history").text


def test_a_protected_attribute_is_told_before_it_is_edited(stores, tofu, mo, log_in):
    mo.post("/item/tofu/protect", data={"role": "moderator", "key": "taste"})
    ada = log_in("Ada")
    page = ada.get("/item/tofu").text
    assert "Protected: only moderators may edit this." in page
    assert 'aria-disabled="true"' in page and "/attributes/taste/edit" not in page
    refused = ada.get("/item/tofu/attributes/taste/edit")
    assert refused.status_code == 403
    assert "The attribute “Taste” is protected; only moderators may change it." in refused.text
    page = mo.get("/item/tofu").text
    assert "Protected: only moderators may edit this." in page and "/attributes/taste/edit" in page


def test_a_protected_entry_opens_no_form_and_keeps_what_was_typed_before(stores, tofu, mo, log_in):
    mo.post("/item/tofu/protect", data={"role": "moderator"})
    ada = log_in("Ada")
    assert 'href="/item/tofu/edit"' not in ada.get("/item/tofu").text
    for path in ("/item/tofu/edit", "/item/tofu/attributes/new", "/item/tofu/attributes/taste/edit"):
        refused = ada.get(path)
        assert (refused.status_code, "only moderators may change it" in refused.text) == (403, True)
    typed = {"base_revision": "1", "title": "Tofu", "summary": "Typed for an hour."}
    refused = ada.post("/item/tofu/edit", data=typed)
    assert refused.status_code == 403
    assert "Typed for an hour." in refused.text and "only moderators may change it" in refused.text


@pytest.mark.parametrize(("language", "words"), [("en", "taste: administrators"), ("zh", "taste：管理员")])
def test_levels_of_protection_are_words_in_the_history(stores, tofu, log_in, language, words):
    stores.users.insert(make_user("Root", role=Role.ADMIN))
    log_in("Root").post("/item/tofu/protect", data={"role": "admin", "key": "taste"})
    history = log_in("Ada").get("/item/tofu/history", headers={"Accept-Language": language}).text
    assert words in history


def test_what_cannot_be_undone_is_named_in_the_readers_language(stores, tofu, log_in):
    edit(stores, ADA, tofu, "One.")
    edit(stores, BOB, tofu, "Two.")
    ada = log_in("Ada")
    refused = ada.post("/item/tofu/undo", data={"revision": 2}, headers={"Accept-Language": "zh"})
    assert refused.status_code == 409
    assert "简介" in refused.text and "Summary" not in refused.text
