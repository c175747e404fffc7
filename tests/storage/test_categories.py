"""The store of categories."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.domain.categories import Direction
from app.domain.errors import CategoryConflict, CategoryNotFound, CategoryTaken
from tests.factories import make_category, make_property


def test_a_category_reads_back_as_it_was_stored(stores):
    area = make_property("Area", unit="km²", direction=Direction.HIGHER, group="Land", aliases=("Size",))
    category = make_category(
        "Countries",
        area,
        make_property("Motto", "text", labels={"zh": "格言"}),
        labels={"zh": "国家"},
        group_labels={"A.b $c": {"zh": "土地"}},
    )
    assert stores.categories.insert(category) == category
    assert stores.categories.get("countries") == category
    assert stores.categories.find_many(["countries", "none"]) == {"countries": category}
    assert stores.categories.all() == [category]


def test_a_slug_is_taken_once(stores):
    stores.categories.insert(make_category())
    with pytest.raises(CategoryTaken):
        stores.categories.insert(make_category())


def test_putting_raises_the_revision(stores):
    assert stores.categories.put(make_category("Cities")).revision == 1
    assert stores.categories.put(make_category("Cities", make_property())).revision == 2
    assert len(stores.categories.get("cities").properties) == 1


def test_a_category_is_replaced_only_at_the_revision_that_was_seen(stores):
    stores.categories.insert(make_category("Cities"))
    towns = replace(make_category("Cities"), name="Towns")
    assert stores.categories.replace(towns, 1).revision == 2
    with pytest.raises(CategoryConflict):
        stores.categories.replace(make_category("Cities"), 1)
    with pytest.raises(CategoryConflict):
        stores.categories.replace(make_category("Villages"), 1)
    assert [found.name for found in stores.categories.all()] == ["Towns"]


def test_of_racing_replacements_exactly_one_is_stored(live_stores):
    live_stores.categories.insert(make_category("Cities"))

    def race(number):
        try:
            return live_stores.categories.replace(
                replace(make_category("Cities"), name=f"Name {number}"), 1
            ).name
        except CategoryConflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        winners = [name for name in pool.map(race, range(16)) if name]
    found = live_stores.categories.get("cities")
    assert ([found.name], found.revision) == (winners, 2)


def test_what_was_read_before_a_write_is_not_remembered_after_it(stores, monkeypatch):
    stores.categories.insert(make_category("Cities"))
    read = stores.categories.find_many

    def read_and_be_overtaken(slugs):
        found = read(slugs)
        stores.categories.put(replace(make_category("Cities"), name="Towns"))
        return found

    with monkeypatch.context() as overtaken:
        overtaken.setattr(stores.categories, "find_many", read_and_be_overtaken)
        stores.categories.find_recent("cities")
    assert stores.categories.find_recent("cities").name == "Towns"


def test_a_missing_category_is_named(stores):
    assert stores.categories.find("none") is None
    with pytest.raises(CategoryNotFound):
        stores.categories.get("none")
