"""What may be done to entries, by whom, and what becomes of races, renames and deletions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import is_

import pytest

from app.domain.errors import (
    Forbidden,
    InvalidInput,
    ItemDeleted,
    ItemNotFound,
    PreconditionFailed,
    RevisionNotFound,
    TitleTaken,
    Unauthenticated,
)
from app.domain.items import Action, Item
from app.domain.users import ANONYMOUS, SYSTEM, Actor, Role
from app.kinds import registry
from app.services import items, patches
from app.services.items import ItemDraft, Note, Scopes, draft_from_json, item_to_json, replaced_by
from app.storage import indexes
from app.storage.stores import Stores
from tests.factories import make_attribute, make_category, make_item

NOW = datetime(2026, 5, 1, 12, 0, 0, 987_654, tzinfo=UTC)
ADA, MOD, VISITOR = Actor("ada", Role.EDITOR), Actor("mo", Role.MODERATOR), Actor("vic", Role.VISITOR)
BLOCKED = Actor("bad", Role.EDITOR, blocked_until=NOW + timedelta(days=1), blocked_reason="spam")


@pytest.fixture
def stores(mock_database) -> Stores:
    indexes.ensure(mock_database)
    found = Stores.connect(mock_database)
    found.categories.insert(make_category("Dishes"))
    return found


@pytest.fixture
def tofu(stores: Stores) -> Item:
    return items.create(stores, ADA, ItemDraft("Tofu", "dishes", ("Bean curd",)), note())


def note(minutes: int = 0, comment: str = "", **others: object) -> Note:
    return Note(NOW + timedelta(minutes=minutes), comment, **others)


def retitled(title: str):
    return lambda item: replace(item, title=title)


def summed_up(summary: str):
    return lambda item: replace(item, summary=summary)


def refusals(raw: object, **others: object) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        draft_from_json(raw, Scopes([make_category("Dishes")]), **others)
    return [error.path for error in refused.value.errors]


# JSON


def test_a_draft_is_read_and_its_names_are_trimmed():
    raw = {
        "title": "  Tofu ",
        "category": "dishes",
        "aliases": ["Bean curd", "BEAN CURD"],
        "summary": "White.\n",
    }
    found = draft_from_json(raw, Scopes([make_category("Dishes")]))
    assert found == ItemDraft("Tofu", "dishes", ("Bean curd",), "White.")


ONE = {"name": "A", "kind": "text", "value": "x"}


@pytest.mark.parametrize(
    ("raw", "paths"),
    [
        ({}, ["title"]),
        ({"title": " "}, ["title"]),
        ({"title": "\u200b"}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"title": "a\nb"}, ["title"]),
        ({"title": ["x"]}, ["title"]),
        ({"title": "x", "category": "nowhere"}, ["category"]),
        ({"title": "x", "category": {"$ne": ""}}, ["category"]),
        ({"title": "x", "aliases": "y"}, ["aliases"]),
        ({"title": "x", "aliases": [""]}, ["aliases.0"]),
        ({"title": "x", "aliases": ["y"] * 51}, ["aliases"]),
        ({"title": "x", "summary": "y" * 2001}, ["summary"]),
        ({"title": "x", "attributes": {}}, ["attributes"]),
        ({"title": "x", "attributes": [ONE, {**ONE, "name": "a"}]}, ["attributes.1.name"]),
        ({"title": "x", "attributes": [ONE, {**ONE, "name": "B", "value": 5}]}, ["attributes.1.value"]),
        ({"title": "x", "attributes": [ONE] * 1001}, ["attributes"]),
        ({"title": "x", "$set": {}}, ["$set"]),
        ({"title": "x", "deleted": True}, ["deleted"]),
        ({"titel": "x"}, ["titel", "title"]),
    ],
)
def test_every_refusal_has_its_path(raw, paths):
    assert refusals(raw) == paths


def test_what_only_the_wiki_decides_is_ignored():
    raw = {
        "title": "x",
        "id": "1",
        "slug": "y",
        "revision": 9,
        "created_by": "z",
        "links": {},
        "updated_at": 1,
    }
    assert draft_from_json(raw, Scopes([])) == ItemDraft("x")


def test_json_has_every_member_and_reads_back(tofu):
    body = item_to_json(tofu)
    assert body == {
        "id": tofu.id,
        "slug": "tofu",
        "title": "Tofu",
        "category": "dishes",
        "aliases": ["Bean curd"],
        "summary": "",
        "attributes": [],
        "revision": 1,
        "created_at": "2026-05-01T12:00:00.987Z",
        "created_by": "ada",
        "updated_at": "2026-05-01T12:00:00.987Z",
        "updated_by": "ada",
    }
    assert draft_from_json(body, Scopes([make_category("Dishes")])).aliases == ("Bean curd",)


def test_what_the_system_made_was_made_by_nobody():
    assert item_to_json(make_item(created_by=""))["created_by"] is None


# Creating


def test_the_first_revision_says_who_when_and_why(stores):
    made = items.create(stores, ADA, ItemDraft("Tofu"), note(comment=" new "))
    assert (made.revision, made.created_by, made.change.action) == (1, "ada", Action.CREATE)
    assert made.change.comment == "new"
    assert items.get(stores, "tofu") == made


@pytest.mark.parametrize(
    ("actor", "error"), [(ANONYMOUS, Unauthenticated), (VISITOR, Forbidden), (BLOCKED, Forbidden)]
)
def test_who_may_not_create_stores_nothing(stores, actor, error):
    with pytest.raises(error):
        items.create(stores, actor, ItemDraft("Tofu"), note())
    assert items.find(stores, "tofu") is None


def test_a_title_is_taken_whatever_its_case_and_width(stores, tofu):
    with pytest.raises(TitleTaken) as taken:
        items.create(stores, ADA, ItemDraft("ＴＯＦＵ"), note())
    assert taken.value.slug == "tofu"


def test_a_slug_taken_by_another_title_gets_a_number(stores, tofu):
    slugs = [items.create(stores, ADA, ItemDraft(title), note()).slug for title in ("Tofu!", "Tofu?")]
    assert slugs == ["tofu-2", "tofu-3"]


@pytest.mark.parametrize("comment", ["x" * 301, "a\nb", "\x00", [], 5])
def test_a_comment_is_a_short_line(comment):
    with pytest.raises(InvalidInput) as refused:
        items.clean_comment(comment)
    assert [error.path for error in refused.value.errors] == ["comment"]


# Editing


def test_an_edit_is_a_new_revision_and_the_old_one_stays(stores, tofu):
    edited = items.edit(stores, ADA, tofu.id, summed_up("White."), note(1, "why"))
    assert (edited.revision, edited.summary, edited.change.comment) == (2, "White.", "why")
    assert edited.change.keys == ("@summary",)
    assert stores.items.revision(tofu.id, 1).item == tofu


def test_no_difference_makes_no_revision(stores, tofu):
    assert items.edit(stores, ADA, tofu.id, lambda item: item, note(1)) == tofu
    assert items.edit(stores, ADA, tofu.id, summed_up(""), note(1)).revision == 1


def test_a_change_touches_the_keys_of_its_attributes(stores, tofu):
    attributes = (make_attribute("Taste", "mild"), make_attribute("Origin", "north"))
    first = items.edit(stores, ADA, tofu.id, lambda item: replace(item, attributes=attributes), note(1))
    assert set(first.change.keys) == {"taste", "origin"}
    salty = lambda item: item.with_attribute(make_attribute("Taste", "salty"))  # noqa: E731
    assert items.edit(stores, ADA, tofu.id, salty, note(2)).change.keys == ("taste",)


def test_two_attributes_cannot_share_a_key(stores, tofu):
    twice = (make_attribute("Taste", "mild"), make_attribute("TASTE", "salty"))
    with pytest.raises(InvalidInput):
        items.edit(stores, ADA, tofu.id, lambda item: replace(item, attributes=twice), note(1))


def test_a_stale_base_is_refused_with_the_present_item(stores, tofu):
    current = items.edit(stores, ADA, tofu.id, summed_up("White."), note(1))
    with pytest.raises(PreconditionFailed) as stale:
        items.edit(stores, MOD, tofu.id, summed_up("Black."), note(2), base_revision=1)
    assert stale.value.current == current


def test_a_lost_race_without_a_base_is_repeated_on_the_new_present(stores, tofu):
    raced = []

    def change(item: Item) -> Item:
        if not raced:
            raced.append(items.edit(stores, MOD, tofu.id, summed_up("White."), note(1)))
        return replace(item, aliases=(*item.aliases, "Doufu"))

    edited = items.edit(stores, ADA, tofu.id, change, note(2))
    assert (edited.revision, edited.summary, edited.aliases) == (3, "White.", ("Bean curd", "Doufu"))


def test_what_was_read_just_before_is_not_read_again(stores, tofu, monkeypatch):
    monkeypatch.setattr(stores.items, "get", None)
    edited = items.edit(stores, ADA, tofu.id, summed_up("White."), note(1), present=tofu)
    assert (edited.revision, edited.summary) == (2, "White.")


def test_what_was_read_before_others_wrote_loses_nobodys_work(stores, tofu):
    items.edit(stores, MOD, tofu.id, summed_up("White."), note(1))
    add = lambda item: replace(item, aliases=(*item.aliases, "Doufu"))  # noqa: E731
    edited = items.edit(stores, ADA, tofu.id, add, note(2), present=tofu)
    assert (edited.revision, edited.summary, edited.aliases) == (3, "White.", ("Bean curd", "Doufu"))


def test_a_condition_is_refused_by_what_is_there_now_not_by_what_was_read_before(stores, tofu):
    current = items.edit(stores, MOD, tofu.id, summed_up("White."), note(1))
    edited = items.edit(stores, ADA, tofu.id, summed_up("Soft."), note(2), base_revision=2, present=tofu)
    assert edited.revision == 3
    with pytest.raises(PreconditionFailed) as stale:
        items.edit(stores, ADA, tofu.id, summed_up("x"), note(3), base_revision=2, present=current)
    assert stale.value.current == edited


def test_a_merge_patch_that_names_no_attribute_leaves_them_as_they_are_and_asks_for_no_category(stores, tofu):
    odd = make_attribute("Odd", registry.get("hologram").from_stored({"deep": [1]}), "hologram")
    strange = replace(tofu, attributes=(odd, make_attribute("Taste", "mild")))
    change = patches.patched_item(patches.MergePatch({"summary": "White."}), Scopes(pytest.fail))
    changed = change(strange)
    assert changed.summary == "White."
    assert all(map(is_, changed.attributes, strange.attributes))
    removed = patches.patched_item(patches.MergePatch({"attributes": None}), Scopes([]))(strange)
    assert removed.attributes == ()


def test_a_race_lost_with_a_base_is_refused(stores, tofu):
    def change(item: Item) -> Item:
        items.edit(stores, MOD, tofu.id, summed_up("White."), note(1))
        return replace(item, summary="Black.")

    with pytest.raises(PreconditionFailed):
        items.edit(stores, ADA, tofu.id, change, note(2), base_revision=1)
    assert items.get(stores, tofu.id).summary == "White."


@pytest.mark.parametrize(
    ("actor", "error"), [(ANONYMOUS, Unauthenticated), (VISITOR, Forbidden), (BLOCKED, Forbidden)]
)
def test_who_may_not_edit_changes_nothing(stores, tofu, actor, error):
    with pytest.raises(error):
        items.edit(stores, actor, tofu.id, summed_up("Mine."), note(1))
    assert items.get(stores, tofu.id) == tofu


def test_the_system_may_edit(stores, tofu):
    assert items.edit(stores, SYSTEM, tofu.id, summed_up("Imported."), note(1)).updated_by == ""


def test_a_protected_entry_is_for_the_named_role(stores, tofu):
    protect = lambda item: replace(item, protection="moderator")  # noqa: E731
    items.edit(stores, MOD, tofu.id, protect, note(1))
    with pytest.raises(Forbidden, match="moderator"):
        items.edit(stores, ADA, tofu.id, summed_up("Mine."), note(2))
    assert items.edit(stores, MOD, tofu.id, summed_up("Ours."), note(3)).summary == "Ours."


def test_a_protected_attribute_is_for_the_named_role_and_others_are_not(stores, tofu):
    protect = lambda item: replace(item, protected_keys=(("taste", "moderator"),))  # noqa: E731
    items.edit(stores, MOD, tofu.id, protect, note(1))
    with pytest.raises(Forbidden, match="taste"):
        items.edit(stores, ADA, tofu.id, lambda i: i.with_attribute(make_attribute("Taste", "x")), note(2))
    with_other = items.edit(
        stores, ADA, tofu.id, lambda i: i.with_attribute(make_attribute("Origin", "x")), note(3)
    )
    assert with_other.find_attribute("origin")


# Renaming


def test_a_renamed_entry_is_found_by_its_old_slug(stores, tofu):
    renamed = items.edit(stores, ADA, tofu.id, retitled("Bean curd"), note(1))
    assert (renamed.slug, renamed.past_slugs) == ("bean-curd", ("tofu",))
    assert renamed.change.action is Action.RENAME
    assert items.get(stores, "tofu") == renamed


def test_a_title_that_changes_in_case_alone_keeps_its_slug(stores, tofu):
    renamed = items.edit(stores, ADA, tofu.id, retitled("TOFU"), note(1))
    assert (renamed.title, renamed.slug, renamed.past_slugs) == ("TOFU", "tofu", ())


def test_a_name_taken_back_is_no_redirect_to_itself(stores, tofu):
    items.edit(stores, ADA, tofu.id, retitled("Bean curd"), note(1))
    back = items.edit(stores, ADA, tofu.id, retitled("Tofu"), note(2))
    assert (back.slug, back.past_slugs) == ("tofu", ("bean-curd",))


def test_a_rename_to_a_taken_title_is_refused(stores, tofu):
    other = items.create(stores, ADA, ItemDraft("Natto"), note())
    with pytest.raises(TitleTaken):
        items.edit(stores, ADA, other.id, retitled("tofu"), note(1))
    assert items.get(stores, other.id).title == "Natto"


# Deleting and undoing


def test_moderators_delete_and_the_title_is_free_again(stores, tofu):
    with pytest.raises(Forbidden):
        items.delete(stores, ADA, tofu.id, note(1))
    gone = items.delete(stores, MOD, tofu.id, note(1, "spam"))
    assert gone.deleted
    with pytest.raises(ItemDeleted):
        items.get(stores, tofu.id)
    with pytest.raises(ItemDeleted):
        items.edit(stores, ADA, tofu.id, summed_up("x"), note(2))
    assert items.create(stores, ADA, ItemDraft("Tofu"), note(3)).slug == "tofu"


def test_a_deleted_entry_comes_back_as_it_was(stores, tofu):
    items.delete(stores, MOD, tofu.id, note(1))
    with pytest.raises(Forbidden):
        items.undelete(stores, ADA, tofu.id, note(2))
    back = items.undelete(stores, MOD, tofu.id, note(2))
    assert (back.title, back.slug, back.aliases, back.revision) == ("Tofu", "tofu", ("Bean curd",), 3)
    assert back.change.action is Action.UNDELETE
    assert items.get(stores, "tofu") == back


def test_an_entry_whose_title_is_in_use_by_now_stays_deleted(stores, tofu):
    items.delete(stores, MOD, tofu.id, note(1))
    items.create(stores, ADA, ItemDraft("Tofu"), note(2))
    with pytest.raises(TitleTaken):
        items.undelete(stores, MOD, tofu.id, note(3))


def test_a_revert_is_a_new_revision_with_the_old_content(stores, tofu):
    draft = ItemDraft("Bean curd", "dishes", (), "Changed.", (make_attribute("Taste", "x"),))
    items.edit(stores, ADA, tofu.id, replaced_by(draft), note(1))
    back = items.revert(stores, ADA, tofu.id, 1, note(2))
    assert (back.revision, back.change.action) == (3, Action.REVERT)
    assert (back.title, back.slug, back.aliases, back.summary) == ("Tofu", "tofu", ("Bean curd",), "")
    assert back.attributes == ()


def test_a_revert_to_what_never_was_is_refused(stores, tofu):
    with pytest.raises(RevisionNotFound):
        items.revert(stores, ADA, tofu.id, 7, note(1))


@pytest.mark.parametrize("name", ["nobody", "0123456789abcdef01234567", "", "\x00", "{'$ne': 1}"])
def test_what_is_not_there_is_not_found(stores, tofu, name):
    with pytest.raises(ItemNotFound):
        items.get(stores, name)
