"""Revisions, recent changes, contributions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.errors import BadQuery, ItemNotFound, RevisionNotFound
from app.domain.items import Action
from app.storage.queries import ChangeQuery
from tests.factories import NOW, make_change


def walk(stores, query: ChangeQuery, between=lambda: None) -> list[tuple[str, int]]:
    found = []
    for _ in range(100):
        page = stores.items.recent_changes(query)
        found.extend((line.title, line.number) for line in page.rows)
        if page.next is None:
            return found
        query = replace(query, cursor=page.next)
        between()
    raise AssertionError("the list has no end")


def edit(stores, item, minutes, by="ada", action=Action.EDIT, keys=(), **changes):
    change = make_change(at=NOW + timedelta(minutes=minutes), by=by, action=action, keys=keys)
    return stores.items.replace(item, replace(item, change=change, **changes))


@pytest.fixture
def changed(stores, add):
    """Six changes of two items, two of them in the same millisecond."""
    first = add("First", category="a")
    second = add("Second", category="b")
    first = edit(stores, first, 1, by="bob", keys=("mass",))
    second = edit(stores, second, 1, by="bob", keys=("area", "mass"))
    second = edit(stores, second, 2, action=Action.DELETE, deleted=True)
    edit(stores, first, 3, by="eve", action=Action.RENAME, keys=("@title",), title="Renamed", slug="renamed")
    return first.id


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_recent_changes_merge_heads_and_archive_newest_first(stores, changed, limit):
    found = walk(stores, ChangeQuery(limit=limit))
    assert found[0] == ("Renamed", 3)
    assert found[1] == ("Second", 3)
    assert set(found[2:4]) == {("First", 2), ("Second", 2)}
    assert set(found[4:]) == {("First", 1), ("Second", 1)}
    assert found == walk(stores, ChangeQuery(limit=50))


def test_recent_changes_are_kept_by_category_user_attribute_and_action(stores, changed):
    assert set(walk(stores, ChangeQuery(category="b", limit=1))) == {("Second", n) for n in (1, 2, 3)}
    assert set(walk(stores, ChangeQuery(user="bob", limit=1))) == {("First", 2), ("Second", 2)}
    assert walk(stores, ChangeQuery(key="area")) == [("Second", 2)]
    assert set(walk(stores, ChangeQuery(key="mass"))) == {("First", 2), ("Second", 2)}
    assert walk(stores, ChangeQuery(action="delete")) == [("Second", 3)]
    assert walk(stores, ChangeQuery(user="bob", category="a")) == [("First", 2)]


def test_an_edit_between_two_pages_neither_hides_nor_repeats_a_change(stores, add):
    items = [
        add(f"Entry {number}", change=make_change(at=NOW + timedelta(minutes=number))) for number in range(6)
    ]

    def edit_the_oldest() -> None:
        nonlocal items
        if items:
            edit(stores, items[0], 60)
            items = items[1:]

    found = walk(stores, ChangeQuery(limit=2), edit_the_oldest)
    assert found == [(f"Entry {number}", 1) for number in range(5, -1, -1)]


def test_the_copy_that_a_crash_left_shows_once(stores, add):
    item = add("Entry")
    stores.items._archive(item)
    assert walk(stores, ChangeQuery()) == [("Entry", 1)]
    assert walk(stores, ChangeQuery(limit=1)) == [("Entry", 1)]
    assert [line.number for line in stores.items.revisions(item.id)] == [1]


def test_revisions_are_paged_by_number(stores, changed):
    def numbers(**options):
        return [line.number for line in stores.items.revisions(changed, **options)]

    assert numbers() == [3, 2, 1]
    assert numbers(limit=2) == [3, 2]
    assert numbers(before=3) == [2, 1]
    assert numbers(before=3, limit=1) == [2]
    assert numbers(before=1) == []
    assert numbers(before=99, limit=1) == [3]
    assert stores.items.revisions(stores.items.new_id()) == []


def test_a_revision_knows_its_item_as_it_was(stores, changed):
    first = stores.items.revision(changed, 1)
    assert (first.number, first.title, first.item.title, first.item.slug) == (1, "First", "First", "first")
    assert stores.items.revision(changed, 3).item == stores.items.get(changed)
    assert first.item.id == changed


@pytest.mark.parametrize("number", [0, -1, 4, 2**40, 2**80])
def test_a_revision_that_does_not_exist_is_named(stores, changed, number):
    with pytest.raises(RevisionNotFound):
        stores.items.revision(changed, number)


def test_an_id_that_is_none_has_no_history(stores):
    with pytest.raises(ItemNotFound):
        stores.items.revisions("x")


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WyJjaGFuZ2VzIiwxLDIsM10"])
def test_a_cursor_that_is_not_ours_is_refused(stores, cursor):
    with pytest.raises(BadQuery):
        stores.items.recent_changes(ChangeQuery(cursor=cursor))


def test_whole_revisions_come_with_their_items_page_by_page(stores, changed):
    def numbers(**options):
        return [(line.number, line.item.title) for line in stores.items.whole_revisions(changed, **options)]

    assert numbers() == [(3, "Renamed"), (2, "First"), (1, "First")]
    assert numbers(limit=2) == [(3, "Renamed"), (2, "First")]
    assert numbers(before=3, limit=1) == [(2, "First")]
    assert numbers(before=1) == []
    assert numbers(key="mass") == [(2, "First")]
    assert numbers(key="@title") == [(3, "Renamed")]


def test_a_copy_that_a_crash_left_is_one_whole_revision(stores, add):
    item = add("Entry")
    stores.items._archive(item)
    assert [line.number for line in stores.items.whole_revisions(item.id)] == [1]


def test_the_newest_revision_of_somebody_else_is_found(stores, changed):
    assert stores.items.last_not_by(changed, "eve").number == 2
    assert stores.items.last_not_by(changed, "bob").number == 3


def test_an_item_of_one_author_has_no_revision_of_somebody_else(stores, add):
    assert stores.items.last_not_by(add("Alone").id, "ada") is None
