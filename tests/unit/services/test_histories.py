"""What differs between two revisions, and taking a change back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.items import Attribute, Change, Item, Source, State
from app.kinds import registry
from app.kinds.base import ParseContext, RenderContext
from app.services.histories import CannotUndo, difference, fact_text, touched_keys, undone

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def text(key: str, value: str, **more: object) -> Attribute:
    return Attribute(key, key.capitalize(), "text", State.VALUE, value, **more)


def item(*attributes: Attribute, **more: object) -> Item:
    fields = {"title": "Tofu", "category": "food", "revision": 1} | more
    return Item(
        id="a" * 24,
        slug="tofu",
        created_at=NOW,
        created_by="ada",
        change=Change(NOW),
        attributes=attributes,
        **fields,
    )


def test_the_first_revision_adds_all_its_attributes() -> None:
    found = difference(None, item(text("taste", "sweet")))
    assert [(change.sort, change.name) for change in found.attributes] == [("added", "Taste")]


def test_equal_items_do_not_differ() -> None:
    assert not difference(item(text("taste", "sweet")), item(text("taste", "sweet"), revision=2))


def test_added_changed_and_deleted_attributes_are_told_apart() -> None:
    old = item(text("taste", "sweet"), text("origin", "north"))
    new = item(text("taste", "salty"), text("texture", "soft"))
    changes = {change.key: change.sort for change in difference(old, new).attributes}
    assert changes == {"taste": "changed", "texture": "added", "origin": "deleted"}


def test_a_new_source_is_no_new_fact() -> None:
    old, new = item(text("taste", "sweet")), item(text("taste", "sweet", sources=(Source("https://a.b"),)))
    (change,) = difference(old, new).attributes
    assert not change.value_changed
    assert change.details() == ("sources",)


def test_more_digits_are_a_new_fact_though_the_number_is_equal() -> None:
    old, new = (
        Attribute("mass", "Mass", "number", State.VALUE, registry.get("number").parse(typed, ParseContext()))
        for typed in ("5 kg", "5.0 kg")
    )
    (change,) = difference(item(old), item(new)).attributes
    assert change.value_changed


def test_a_new_order_is_a_difference_of_its_own() -> None:
    a, b = text("a", "1"), text("b", "2")
    found = difference(item(a, b), item(b, a))
    assert found.reordered
    assert not found.attributes
    assert touched_keys(item(a, b), item(b, a)) == ("@order",)


def test_fields_of_the_item_are_listed_with_both_sides() -> None:
    found = difference(item(aliases=("Bean curd",)), item(title="Doufu", aliases=("Bean curd", "豆腐")))
    assert [(c.field, c.before, c.after) for c in found.fields] == [
        ("title", "Tofu", "Doufu"),
        ("aliases", "Bean curd", "Bean curd, 豆腐"),
    ]


def test_undoing_keeps_what_came_after() -> None:
    before = item(text("taste", "sweet"), text("origin", "north"))
    after = item(text("taste", "salty"), text("origin", "north"))
    present = item(text("taste", "salty"), text("origin", "south"), text("texture", "soft"))
    assert undone(before, after, present).attributes == (
        text("taste", "sweet"),
        text("origin", "south"),
        text("texture", "soft"),
    )


def test_undoing_a_deletion_puts_the_attribute_back_in_its_place() -> None:
    a, b, c = text("a", "1"), text("b", "2"), text("c", "3")
    assert undone(item(a, b, c), item(a, c), item(a, c)).attributes == (a, b, c)


def test_undoing_an_addition_removes_it() -> None:
    a, b = text("a", "1"), text("b", "2")
    assert undone(item(a), item(a, b), item(a, b)).attributes == (a,)


def test_what_was_changed_again_is_not_undone() -> None:
    before, after = item(text("taste", "sweet")), item(text("taste", "salty"))
    with pytest.raises(CannotUndo) as refused:
        undone(before, after, item(text("taste", "bitter")))
    assert refused.value.names == ("Taste",)


def test_a_renamed_entry_is_named_back() -> None:
    before, after = item(), item(title="Doufu")
    assert undone(before, after, replace(after, summary="Soft")).title == "Tofu"


def test_a_fact_reads_as_its_value_or_its_state() -> None:
    nothing = Attribute("taste", "Taste", "text", State.NONE)
    assert fact_text(text("taste", "sweet"), RenderContext()) == "sweet"
    assert fact_text(nothing, RenderContext()) == "none"
    assert fact_text(None, RenderContext()) == ""
