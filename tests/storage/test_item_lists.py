"""Lists: filtered, sorted, paged."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.errors import BadQuery
from app.domain.items import ItemHead, State
from app.kinds import registry
from app.kinds.base import ParseContext
from app.kinds.reference import Reference
from app.storage.queries import AttributeFilter, ItemQuery
from tests.factories import NOW, make_attribute, make_change

SORTS = ("title", "-title", "updated_at", "-updated_at", "attr.motto", "-attr.motto")


def titles(rows) -> list[str]:
    return [row.title for row in rows]


def walk(stores, query: ItemQuery) -> list[str]:
    found = []
    for _ in range(100):
        page = stores.items.page(query)
        assert len(page.rows) <= query.limit
        found.extend(titles(page.rows))
        if page.next is None:
            return found
        query = replace(query, cursor=page.next)
    raise AssertionError("the list has no end")


@pytest.fixture
def towns(add):
    """Towns with mottoes (some shared, some without), at times of which some are equal."""
    mottoes = ["b", "a", None, "b", "c", None, "a"]
    for number, motto in enumerate(mottoes):
        attributes = [] if motto is None else [make_attribute("Motto", motto)]
        at = NOW + timedelta(minutes=number // 2)
        add(f"Town {number}", *attributes, category="towns", change=make_change(at=at))
    add("Elsewhere", make_attribute("Motto", "a"), category="others")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    "sort", ["title", "-title", "updated_at", "-updated_at", "attr.motto", "-attr.motto"]
)
def test_pages_of_any_size_join_to_the_same_list(stores, towns, sort, limit):
    whole = walk(stores, ItemQuery(category="towns", sort=sort, limit=100))
    assert sorted(whole) == [f"Town {number}" for number in range(7)]
    assert walk(stores, ItemQuery(category="towns", sort=sort, limit=limit)) == whole


def test_sorts_by_title_and_time_both_ways(stores, towns):
    ascending = walk(stores, ItemQuery(category="towns"))
    assert ascending == [f"Town {number}" for number in range(7)]
    assert walk(stores, ItemQuery(category="towns", sort="-title")) == ascending[::-1]
    newest = walk(stores, ItemQuery(category="towns", sort="-updated_at"))
    assert newest[0] == "Town 6"
    assert walk(stores, ItemQuery(category="towns", sort="updated_at")) == newest[::-1]


def test_items_without_the_attribute_come_last_either_way(stores, towns):
    up = walk(stores, ItemQuery(category="towns", sort="attr.motto", limit=2))
    down = walk(stores, ItemQuery(category="towns", sort="-attr.motto", limit=2))
    assert set(up[:2]) == {"Town 1", "Town 6"}
    assert down[0] == "Town 4"
    assert up[-2:] == down[-2:] == ["Town 2", "Town 5"]


def test_a_list_is_stable_while_items_are_added_before_the_cursor(stores, towns, add):
    first = stores.items.page(ItemQuery(category="towns", limit=3))
    add("A new town", category="towns")
    second = stores.items.page(ItemQuery(category="towns", limit=3, cursor=first.next))
    assert titles(first.rows) + titles(second.rows) == [f"Town {number}" for number in range(6)]


def test_a_filter_takes_any_of_its_ranges(stores, towns):
    one = AttributeFilter("motto", ranges=(equal("a"),))
    two = AttributeFilter("motto", ranges=(equal("a"), equal("c")))
    assert walk(stores, ItemQuery(filters=(one,))) == ["Elsewhere", "Town 1", "Town 6"]
    assert walk(stores, ItemQuery(filters=(two,), limit=2)) == ["Elsewhere", "Town 1", "Town 4", "Town 6"]
    assert (
        walk(stores, ItemQuery(category="towns", filters=(two,), sort="-attr.motto", limit=1))[0] == "Town 4"
    )


def test_a_range_may_be_open(stores, towns):
    start, end = equal("b")
    least = AttributeFilter("motto", ranges=((start, ""),))
    assert walk(stores, ItemQuery(filters=(least,))) == ["Town 0", "Town 3", "Town 4"]
    most = AttributeFilter("motto", ranges=(("", end),), upper=True)
    assert walk(stores, ItemQuery(category="towns", filters=(most,))) == [
        "Town 0",
        "Town 1",
        "Town 3",
        "Town 6",
    ]


def equal(text: str) -> tuple[str, str]:
    return registry.get("text").filter_range(text, ParseContext())


def test_a_filter_tests_membership_in_lists(stores, add):
    add("Austria", make_attribute("Languages", ("German",), "list"))
    add("Switzerland", make_attribute("Languages", ("German", "French"), "list"))
    add("France", make_attribute("Languages", ("French",), "list"))
    french = AttributeFilter("languages", members=("french",))
    assert walk(stores, ItemQuery(filters=(french,))) == ["France", "Switzerland"]
    either = AttributeFilter("languages", members=("french", "german"))
    assert len(walk(stores, ItemQuery(filters=(either,)))) == 3
    add("Malta", make_attribute("Languages", "a"))
    both = AttributeFilter("languages", ranges=(equal("a"),), members=("french",))
    assert walk(stores, ItemQuery(filters=(both,))) == ["France", "Malta", "Switzerland"]


def test_a_state_other_than_value_has_no_value_to_filter(stores, add):
    add("A", make_attribute("Motto", None, state=State.NONE))
    assert walk(stores, ItemQuery(filters=(AttributeFilter("motto", ranges=(("", ""),)),))) == []
    assert walk(stores, ItemQuery(sort="attr.motto")) == ["A"]


def test_text_keeps_items_with_all_its_words(stores, towns, add):
    add("Old town", category="towns")
    assert walk(stores, ItemQuery(text="TOWN old")) == ["Old town"]
    assert len(walk(stores, ItemQuery(text="town"))) == 8
    assert walk(stores, ItemQuery(text="???")) == []


def test_fields_project_heads_and_count_adds_the_total(stores, towns):
    page = stores.items.page(
        ItemQuery(category="towns", fields=frozenset({"title", "slug"}), limit=2, count=True)
    )
    assert page.total == 7
    assert all(isinstance(row, ItemHead) for row in page.rows)
    assert (page.rows[0].title, page.rows[0].slug, page.rows[0].category) == ("Town 0", "town-0", "")
    whole = stores.items.page(ItemQuery(category="towns", fields=frozenset({"title", "attributes"}), limit=1))
    assert whole.rows[0].attributes[0].key == "motto"
    assert whole.total is None


@pytest.mark.parametrize("key", ["a.b", "$where", "", "a\x00", "x+high"])
def test_a_key_that_could_mean_something_to_the_database_is_refused(stores, key):
    with pytest.raises(BadQuery):
        stores.items.page(ItemQuery(filters=(AttributeFilter(key, ranges=(("a", "b"),)),)))
    with pytest.raises(BadQuery):
        stores.items.page(ItemQuery(sort=f"attr.{key}"))


@pytest.mark.parametrize("sort", ["", "slug", "--title", "title.x", "$natural"])
def test_an_unknown_sort_is_refused(stores, sort):
    with pytest.raises(BadQuery) as refusal:
        stores.items.page(ItemQuery(sort=sort))
    assert refusal.value.errors[0].path == "sort"


def test_a_cursor_of_another_list_is_refused(stores, towns):
    cursors = [
        stores.items.page(ItemQuery(sort=sort, limit=2)).next
        for sort in ("title", "-title", "attr.motto", "updated_at")
    ]
    sorts = ("title", "-title", "attr.motto", "updated_at")
    for sort, cursor in itertools.product(sorts, (*cursors, "nonsense")):
        if cursor != cursors[sorts.index(sort)]:
            with pytest.raises(BadQuery):
                stores.items.page(ItemQuery(sort=sort, cursor=cursor))


def test_counts_by_category_leave_tombstones_out(stores, towns, add):
    item = add("Gone", category="towns")
    stores.items.replace(item, replace(item, deleted=True))
    assert stores.items.count_by_category() == {"towns": 7, "others": 1}


def test_iterating_yields_every_item_once_in_batches(stores, towns, monkeypatch):
    monkeypatch.setattr("app.storage.item_reads._EXPORT_BATCH", 3)
    assert sorted(titles(stores.items.iterate("towns"))) == [f"Town {number}" for number in range(7)]
    assert len(list(stores.items.iterate())) == 8


def test_items_are_found_by_many_titles_at_once(stores, towns):
    found = stores.items.find_by_titles(["TOWN  1", "elsewhere", "nowhere"])
    assert {key: item.title for key, item in found.items()} == {"town 1": "Town 1", "elsewhere": "Elsewhere"}


def test_references_are_found_both_ways(stores, add):
    add("Austria", make_attribute("Neighbour", Reference("germany"), "reference"))
    add("France", make_attribute("Neighbour", Reference("deutschland"), "reference"), make_attribute())
    germany = add("Germany", make_attribute("Neighbour", Reference("austria"), "reference"))
    add("Chile", make_attribute(), make_attribute("Other"), make_attribute("Third"))
    assert titles(stores.items.referencing("germany")) == ["Austria"]
    assert titles(stores.items.referencing("germany", 5, ("deutschland",))) == ["France", "Austria"]
    assert titles(stores.items.similar(germany, 2)) == ["Austria", "Chile"]
    assert len(stores.items.similar(germany)) == 3


def test_the_likest_share_what_few_share_and_the_best_known_come_first_among_the_like(stores, add):
    def land(title, climate, *languages, others=()):
        facts = (make_attribute("Climate", climate), make_attribute("Languages", languages, "list"))
        return add(title, *facts, make_attribute("Independent", True, "boolean"), *others)

    land("Known", "dry", "swahili", others=[make_attribute(f"More {number}") for number in range(9)])
    land("Plain", "dry", "swahili")
    land("Neighbour", "mild", "german", "czech")
    land("Cousin", "dry", "german")
    land("Elsewhere", "mild", "german", "czech")
    add("Other", category="others")
    austria = land("Austria", "mild", "german", "czech")
    assert titles(stores.items.similar(austria)) == ["Neighbour", "Elsewhere", "Cousin", "Known", "Plain"]
    assert titles(stores.items.similar(austria, 1)) == ["Neighbour"]


def test_bounds_of_a_range_ask_its_lower_or_its_upper_end(stores, add):
    kind, context = registry.get("range"), ParseContext()
    for title, hours in (("Short", "8–9 h"), ("Wide", "8–20 h"), ("Long", "10–12 h")):
        add(title, make_attribute("Battery", kind.parse(hours, context), "range"))
    low, end = kind.filter_range("12 h", context)
    most = AttributeFilter("battery", ranges=((low.partition(" ")[0] + " ", end),), upper=True)
    assert walk(stores, ItemQuery(filters=(most,))) == ["Long", "Short"]
    least = kind.filter_range("10 h", context)[0]
    assert walk(stores, ItemQuery(filters=(AttributeFilter("battery", ranges=((least, ""),)),))) == ["Long"]


def test_a_list_filtered_and_sorted_by_one_attribute_asks_once(stores, towns):
    least = AttributeFilter("motto", ranges=((equal("b")[0], ""),))
    assert walk(stores, ItemQuery(filters=(least,), sort="attr.motto", limit=3)) == [
        "Town 0",
        "Town 3",
        "Town 4",
    ]
