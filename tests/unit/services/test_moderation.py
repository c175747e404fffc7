"""What moderators do: delete with a reason, protect, roll back, block."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import (
    AttributeNotFound,
    Forbidden,
    InvalidInput,
    ItemDeleted,
    ItemNotFound,
    Unauthenticated,
    UserNotFound,
)
from app.domain.items import Action, Item
from app.domain.users import ANONYMOUS, Actor, Role
from app.services import items, moderation
from app.services.histories import NothingToUndo
from app.services.items import ItemDraft, Note
from app.services.moderation import Block, NobodyElse, NotTheLastEditor
from app.storage import indexes
from app.storage.stores import Stores
from tests.factories import make_attribute
from tests.people import make_user

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA, BOB = Actor("Ada", Role.EDITOR), Actor("Bob", Role.EDITOR)
MO, ROOT = Actor("Mo", Role.MODERATOR), Actor("Root", Role.ADMIN)


@pytest.fixture
def stores(mock_database) -> Stores:
    indexes.ensure(mock_database)
    return Stores.connect(mock_database)


@pytest.fixture
def tofu(stores: Stores) -> Item:
    return items.create(stores, ADA, ItemDraft("Tofu", attributes=(make_attribute("Taste"),)), note())


def note(comment: str = "") -> Note:
    return Note(NOW, comment)


def tasting(value: str):
    return lambda item: item.with_attribute(make_attribute("Taste", value))


def taste(item: Item) -> object:
    found = item.find_attribute("taste")
    return found.value if found else None


def test_a_tombstone_is_read_by_those_who_may_restore_it(stores, tofu):
    items.delete(stores, MO, tofu.id, note("spam"))
    assert moderation.readable(stores, MO, "tofu", NOW).deleted
    for reader in (ANONYMOUS, ADA):
        with pytest.raises(ItemDeleted):
            moderation.readable(stores, reader, "tofu", NOW)
    with pytest.raises(ItemNotFound):
        moderation.readable(stores, MO, "natto", NOW)


def test_a_restored_entry_is_whole(stores, tofu):
    items.delete(stores, MO, tofu.id, note("spam"))
    restored = items.undelete(stores, MO, tofu.id, note("no spam"))
    assert (restored.title, restored.attributes, restored.slug) == (tofu.title, tofu.attributes, "tofu")


def test_a_protected_entry_is_edited_by_its_protectors_only(stores, tofu):
    moderation.protect(stores, MO, tofu.id, Role.MODERATOR, note("edit war"))
    with pytest.raises(Forbidden):
        items.edit(stores, ADA, tofu.id, tasting("bitter"), note())
    assert items.edit(stores, MO, tofu.id, tasting("bitter"), note()).revision == 3
    assert stores.items.get(tofu.id).protection == "moderator"


def test_a_protected_attribute_leaves_the_others_free(stores, tofu):
    moderation.protect(stores, MO, tofu.id, Role.MODERATOR, note(), key="taste")
    with pytest.raises(Forbidden):
        items.edit(stores, ADA, tofu.id, tasting("bitter"), note())
    edited = items.edit(stores, ADA, tofu.id, lambda item: replace(item, summary="Beans."), note())
    assert edited.summary == "Beans."


def test_choosing_editors_lifts_a_protection(stores, tofu):
    moderation.protect(stores, MO, tofu.id, Role.MODERATOR, note(), key="taste")
    moderation.protect(stores, MO, tofu.id, Role.MODERATOR, note())
    moderation.protect(stores, MO, tofu.id, Role.EDITOR, note(), key="taste")
    free = moderation.protect(stores, MO, tofu.id, Role.EDITOR, note())
    assert (free.protection, free.protected_keys, free.change.action) == ("", (), Action.PROTECT)
    assert taste(items.edit(stores, ADA, tofu.id, tasting("bitter"), note())) == "bitter"


@pytest.mark.parametrize("key", ["", "taste"])
def test_nobody_sets_or_lifts_a_protection_above_their_own_role(stores, tofu, key):
    with pytest.raises(Forbidden):
        moderation.protect(stores, MO, tofu.id, Role.ADMIN, note(), key=key)
    moderation.protect(stores, ROOT, tofu.id, Role.ADMIN, note(), key=key)
    with pytest.raises(Forbidden):
        moderation.protect(stores, MO, tofu.id, Role.EDITOR, note(), key=key)


def test_only_an_attribute_that_exists_is_protected(stores, tofu):
    with pytest.raises(AttributeNotFound):
        moderation.protect(stores, MO, tofu.id, Role.MODERATOR, note(), key="colour")


def test_editors_protect_nothing(stores, tofu):
    with pytest.raises(Forbidden):
        moderation.protect(stores, ADA, tofu.id, Role.EDITOR, note())
    with pytest.raises(Unauthenticated):
        moderation.protect(stores, ANONYMOUS, tofu.id, Role.EDITOR, note())


def test_a_roll_back_takes_back_a_whole_run_and_keeps_it_in_the_history(stores, tofu):
    for value in ("worse", "worst"):
        items.edit(stores, BOB, tofu.id, tasting(value), note())
    back = moderation.roll_back(stores, MO, tofu.id, "Bob", note("vandalism"))
    assert (taste(back), back.revision, back.change.action) == ("plain", 4, Action.REVERT)
    assert taste(stores.items.revision(tofu.id, 3).item) == "worst"


def test_a_roll_back_takes_back_a_rename_too(stores, tofu):
    items.edit(stores, BOB, tofu.id, lambda item: replace(item, title="Ufot"), note())
    assert moderation.roll_back(stores, MO, tofu.id, "Bob", note()).slug == "tofu"
    assert items.get(stores, "ufot").title == "Tofu"


def test_an_earlier_run_of_the_same_user_stays(stores, tofu):
    items.edit(stores, BOB, tofu.id, tasting("salty"), note())
    items.edit(stores, ADA, tofu.id, tasting("sweet"), note())
    back = moderation.roll_back(stores, MO, tofu.id, "Ada", note())
    assert taste(back) == "salty"


def test_without_another_author_there_is_nothing_to_roll_back_to(stores, tofu):
    with pytest.raises(NobodyElse):
        moderation.roll_back(stores, MO, tofu.id, "Ada", note())


def test_a_roll_back_spares_who_edited_meanwhile(stores, tofu):
    items.edit(stores, BOB, tofu.id, tasting("worse"), note())
    items.edit(stores, ADA, tofu.id, tasting("better"), note())
    with pytest.raises(NotTheLastEditor):
        moderation.roll_back(stores, MO, tofu.id, "Bob", note())
    assert taste(stores.items.get(tofu.id)) == "better"


def test_editors_roll_nothing_back(stores, tofu):
    with pytest.raises(Forbidden):
        moderation.roll_back(stores, ADA, tofu.id, "Ada", note())


def test_a_protection_cannot_be_undone_like_an_edit(stores, tofu):
    moderation.protect(stores, MO, tofu.id, Role.MODERATOR, note())
    with pytest.raises(NothingToUndo):
        items.undo(stores, MO, tofu.id, 2, note())


def test_the_blocked_are_told_why_and_until_when(stores, tofu):
    stores.users.insert(make_user("Bob"))
    blocked = moderation.block(stores, MO, "bob", Block(NOW + timedelta(days=1), " spam "), NOW)
    with pytest.raises(Forbidden) as refused:
        items.edit(stores, blocked.actor, tofu.id, tasting("bitter"), note())
    assert str(refused.value) == "Your account is blocked until 2026-05-02 12:00 UTC: spam"
    free = moderation.lift_block(stores, MO, "Bob", NOW)
    assert items.edit(stores, free.actor, tofu.id, tasting("bitter"), note()).revision == 2


@pytest.mark.parametrize(
    ("until", "reason", "path"),
    [(NOW, "spam", "until"), (NOW + timedelta(1), " ", "reason"), (NOW + timedelta(1), "a\nb", "reason")],
)
def test_a_block_needs_an_end_to_come_and_a_reason(stores, until, reason, path):
    stores.users.insert(make_user("Bob"))
    with pytest.raises(InvalidInput) as refused:
        moderation.block(stores, MO, "Bob", Block(until, reason), NOW)
    assert [error.path for error in refused.value.errors] == [path]


def test_nobody_blocks_upward_or_themselves(stores):
    stores.users.insert(make_user("Root", role=Role.ADMIN))
    stores.users.insert(make_user("Mo", role=Role.MODERATOR))
    for username in ("Root", "Mo"):
        with pytest.raises(Forbidden):
            moderation.block(stores, MO, username, Block(NOW + timedelta(1), "x"), NOW)
    with pytest.raises(Forbidden):
        moderation.lift_block(stores, ADA, "Mo", NOW)
    with pytest.raises(UserNotFound):
        moderation.lift_block(stores, MO, "Nobody", NOW)
