"""Editing one attribute while others edit too."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import AttributeNotFound, Forbidden, InvalidInput, KeyTaken
from app.domain.items import Item
from app.domain.users import Actor, Role
from app.services import editing, items
from app.services.attributes import Scope
from app.services.editing import AttributeConflict, Sent
from app.services.items import ItemDraft, Note
from app.storage.stores import Stores
from tests.factories import make_attribute

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ADA, BOB = Actor("ada", Role.EDITOR), Actor("bob", Role.EDITOR)


@pytest.fixture
def stores(mock_database) -> Stores:
    return Stores.connect(mock_database)


@pytest.fixture
def item(stores: Stores) -> Item:
    attributes = (make_attribute("Taste", "sweet"), make_attribute("Origin", "north"))
    return items.create(stores, ADA, ItemDraft("Tofu", attributes=attributes), Note(NOW))


def note(minutes: int = 1) -> Note:
    return Note(NOW + timedelta(minutes=minutes))


def sent(**body: object) -> Sent:
    return Sent(body, Scope())


def test_a_changed_value_makes_the_next_revision(stores, item) -> None:
    done = editing.change_attribute(stores, ADA, item.id, "taste", sent(value="salty"), 1, note())
    assert done.item.revision == 2
    assert done.attribute.value == "salty"
    assert not done.moved_on
    assert done.item.change.keys == ("taste",)


def test_different_attributes_do_not_disturb_each_other(stores, item) -> None:
    editing.change_attribute(stores, ADA, item.id, "taste", sent(value="salty"), 1, note())
    done = editing.change_attribute(stores, BOB, item.id, "origin", sent(value="south"), 1, note())
    assert done.moved_on
    assert [a.value for a in done.item.attributes] == ["salty", "south"]


def test_the_same_attribute_is_a_conflict_with_three_sides(stores, item) -> None:
    editing.change_attribute(stores, ADA, item.id, "taste", sent(value="salty"), 1, note())
    with pytest.raises(AttributeConflict) as conflict:
        editing.change_attribute(stores, BOB, item.id, "taste", sent(value="bitter"), 1, note())
    sides = [conflict.value.base, conflict.value.theirs, conflict.value.yours]
    assert [side.value for side in sides] == ["sweet", "salty", "bitter"]
    assert stores.items.get(item.id).revision == 2


def test_the_same_change_twice_is_no_conflict(stores, item) -> None:
    editing.change_attribute(stores, ADA, item.id, "taste", sent(value="salty"), 1, note())
    done = editing.change_attribute(stores, BOB, item.id, "taste", sent(value="salty"), 1, note())
    assert done.item.revision == 2


def test_a_note_and_a_value_of_one_attribute_conflict_too(stores, item) -> None:
    editing.change_attribute(stores, ADA, item.id, "taste", sent(note="by tongue"), 1, note())
    with pytest.raises(AttributeConflict):
        editing.change_attribute(stores, BOB, item.id, "taste", sent(value="salty"), 1, note())


def test_deleting_what_somebody_changed_is_a_conflict(stores, item) -> None:
    editing.change_attribute(stores, ADA, item.id, "taste", sent(value="salty"), 1, note())
    with pytest.raises(AttributeConflict) as conflict:
        editing.delete_attribute(stores, BOB, item.id, "taste", 1, note())
    assert conflict.value.yours is None


def test_changing_what_somebody_deleted_is_a_conflict(stores, item) -> None:
    editing.delete_attribute(stores, ADA, item.id, "taste", 1, note())
    with pytest.raises(AttributeConflict) as conflict:
        editing.change_attribute(stores, BOB, item.id, "taste", sent(value="salty"), 1, note())
    assert conflict.value.theirs is None


def test_a_key_is_added_once(stores, item) -> None:
    new = sent(name="Texture", kind="text", value="soft")
    assert editing.add_attribute(stores, ADA, item.id, new, 1, note()).attribute.key == "texture"
    with pytest.raises(KeyTaken):
        editing.add_attribute(stores, ADA, item.id, sent(name="taste", kind="text", value="x"), 1, note())


def test_two_who_add_the_same_key_meet_in_a_conflict(stores, item) -> None:
    editing.add_attribute(stores, ADA, item.id, sent(name="Texture", kind="text", value="soft"), 1, note())
    with pytest.raises(AttributeConflict) as conflict:
        editing.add_attribute(
            stores, BOB, item.id, sent(name="Texture", kind="text", value="firm"), 1, note()
        )
    assert conflict.value.theirs.value == "soft"


def test_a_name_may_change_and_the_key_stays(stores, item) -> None:
    done = editing.change_attribute(stores, ADA, item.id, "taste", sent(name="Flavour"), 1, note())
    assert (done.attribute.key, done.attribute.name, done.attribute.value) == ("taste", "Flavour", "sweet")


def test_a_state_without_value_drops_the_value(stores, item) -> None:
    done = editing.change_attribute(stores, ADA, item.id, "taste", sent(state="unknown"), 1, note())
    assert done.attribute.value is None
    again = editing.change_attribute(stores, ADA, item.id, "taste", sent(value="sweet"), 2, note())
    assert again.attribute.state == "value"


def test_typed_text_is_understood_by_the_kind(stores, item) -> None:
    typed = Sent({"name": "Mass", "kind": "number", "value": "8.85 kg"}, Scope(), typed=True)
    done = editing.add_attribute(stores, ADA, item.id, typed, 1, note())
    assert (str(done.attribute.value.amount), done.attribute.value.unit) == ("8.85", "kg")


def test_a_refused_value_stores_nothing(stores, item) -> None:
    with pytest.raises(InvalidInput) as refused:
        editing.change_attribute(stores, ADA, item.id, "taste", sent(kind="number", value="?"), 1, note())
    assert refused.value.errors[0].path == "value"
    assert stores.items.get(item.id).revision == 1


def test_the_order_is_what_the_editor_saw_and_newer_ones_follow(stores, item) -> None:
    editing.add_attribute(stores, BOB, item.id, sent(name="Texture", kind="text", value="soft"), 1, note())
    done = editing.reorder(stores, ADA, item.id, ["origin", "taste"], 1, note())
    assert [a.key for a in done.item.attributes] == ["origin", "taste", "texture"]


@pytest.mark.parametrize("order", [["taste"], ["taste", "taste"], ["taste", "nope"], "taste", None, [1, 2]])
def test_a_wrong_order_is_refused(stores, item, order) -> None:
    with pytest.raises(InvalidInput):
        editing.reorder(stores, ADA, item.id, order, 1, note())


def test_what_is_not_there_cannot_be_changed(stores, item) -> None:
    with pytest.raises(AttributeNotFound):
        editing.change_attribute(stores, ADA, item.id, "nope", sent(value="x"), 1, note())


def test_visitors_edit_nothing(stores, item) -> None:
    with pytest.raises(Forbidden):
        editing.delete_attribute(stores, Actor("eve", Role.VISITOR), item.id, "taste", 1, note())


@pytest.mark.parametrize("raw", [None, "1", True, 0, -1, 2**40, 1.5])
def test_a_base_revision_is_a_whole_number(raw) -> None:
    with pytest.raises(InvalidInput):
        editing.read_base_revision(raw)


def test_a_base_of_the_future_is_refused(stores, item) -> None:
    with pytest.raises(InvalidInput):
        editing.change_attribute(stores, ADA, item.id, "taste", sent(value="x"), 9, note())
    with pytest.raises(InvalidInput):
        editing.add_attribute(stores, ADA, item.id, sent(name="New", kind="text", value="x"), 9, note())
