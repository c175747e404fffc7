"""Comparing entries: alignment, difference, the best, exports, and how often the stores are asked."""

import csv
import io
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from app.domain.categories import Direction
from app.domain.errors import BadQuery, EntriesNotFound
from app.domain.items import ItemHead, Source, State
from app.kinds.base import RenderContext
from app.kinds.coordinates import Coordinates, distance_km
from app.kinds.number import Quantity
from app.kinds.reference import Reference
from app.services.comparisons import (
    ComparisonCache,
    Options,
    compare,
    read_options,
    to_csv,
    to_json,
    to_markdown,
)
from app.services.comparisons.model import Cell, Comparison, Row
from tests.factories import make_attribute, make_category, make_item, make_property

HIGHER, LOWER = Direction.HIGHER, Direction.LOWER


@dataclass
class FakeItems:
    """Entries by slug, and what was asked for."""

    known: dict
    asked: list = field(default_factory=list)

    def find_many(self, slugs):
        self.asked.append("items")
        return {slug: self.known[slug] for slug in slugs if slug in self.known}

    def heads(self, slugs):
        self.asked.append("heads")
        found = {slug: self.known[slug] for slug in slugs if slug in self.known}
        return {
            slug: ItemHead(item.id, item.slug, item.title, item.category, item.revision)
            for slug, item in found.items()
        }

    def stamps(self, slugs):
        heads = self.heads(slugs)
        self.asked[-1] = "stamps"
        return heads


@dataclass
class FakeCategories:
    """Categories by slug."""

    known: dict
    asked: list

    def find_recent_many(self, slugs):
        self.asked.append("categories")
        return {slug: self.known[slug] for slug in slugs if slug in self.known}


@dataclass
class FakeStores:
    """The two stores that a comparison needs."""

    items: FakeItems
    categories: FakeCategories

    @property
    def asked(self):
        return self.items.asked


def make_stores(*items, categories=()):
    fake = FakeItems({item.slug: item for item in items})
    return FakeStores(fake, FakeCategories({found.slug: found for found in categories}, fake.asked))


def number(name, amount, unit=None, **others):
    return make_attribute(name, Quantity(Decimal(amount), unit), "number", **others)


def text(name, value, **others):
    return make_attribute(name, value, "text", **others)


def compared(*items, categories=(), options=None, context=None):
    return compare(
        make_stores(*items, categories=categories),
        [item.slug for item in items],
        options or Options(),
        context or RenderContext(),
    )


def row(comparison, key):
    return next(found for found in comparison.rows if found.key == key)


def keys(comparison):
    return [found.key for found in comparison.rows]


def bests(found):
    return [cell.item for cell in found.cells if cell.best]


def states(found):
    return [cell.state for cell in found.cells]


class TestSize:
    @pytest.mark.parametrize("slugs", [[], ["a"], ["a", "a"], [" ", "a"], list("abcdefghi")])
    def test_too_few_or_too_many_entries_are_refused(self, slugs):
        stores = make_stores(*(make_item(letter) for letter in "abcdefghi"))
        with pytest.raises(BadQuery):
            compare(stores, slugs, Options(), RenderContext())

    def test_names_are_understood_as_slugs(self):
        stores = make_stores(make_item("C++"), make_item("Rust"))
        assert compare(stores, ["C++", "RUST"], Options(), RenderContext()).slugs == ("c-plus-plus", "rust")

    def test_all_missing_entries_are_named(self):
        with pytest.raises(EntriesNotFound) as caught:
            compare(make_stores(make_item("A")), ["a", "x", "y"], Options(), RenderContext())
        assert caught.value.names == ("x", "y")

    def test_two_slugs_of_one_entry_are_no_comparison(self):
        stores = make_stores(make_item("A"))
        stores.items.known["old-a"] = stores.items.known["a"]
        with pytest.raises(BadQuery):
            compare(stores, ["a", "old-a"], Options(), RenderContext())


class TestAlignment:
    category = make_category(
        "Countries",
        make_property("Area", unit="km²", group="Land"),
        make_property("Mass", aliases=("Weight",), group="Body"),
        make_property("Coast", group="Land"),
    )

    def test_groups_and_order_are_the_categorys_then_extras_as_entered(self):
        a = make_item("A", text("Zeta", "z"), number("Mass", 1), number("Area", 2))
        b = make_item("B", text("Alpha", "x"))
        found = compared(a, b, categories=[self.category])
        assert keys(found) == ["area", "coast", "mass", "zeta", "alpha"]
        assert [row(found, key).group for key in keys(found)] == ["Land", "Land", "Body", "", ""]

    def test_extras_join_a_group_of_that_name(self):
        a = make_item("A", text("Lakes", "many", group="Land"))
        assert keys(compared(a, make_item("B"), categories=[self.category]))[:3] == ["area", "coast", "lakes"]

    def test_an_alias_fills_the_propertys_row(self):
        a, b = make_item("A", number("Weight", 1)), make_item("B", number("Mass", 2))
        assert states(row(compared(a, b, categories=[self.category]), "mass")) == ["value", "value"]

    def test_an_entry_with_both_names_keeps_two_rows(self):
        a = make_item("A", number("Weight", 1), number("Mass", 2))
        b = make_item("B", number("Mass", 3))
        found = compared(a, b, categories=[self.category])
        assert states(row(found, "mass")) == ["value", "value"]
        assert states(row(found, "weight")) == ["value", "missing"]

    def test_names_align_without_a_category_whatever_their_keys_case_and_width(self):
        a = make_item("A", text("Ｎｉｃｋｎａｍｅ", "x", key="nick"), category="")
        b = make_item("B", text("nickname", "x"), category="")
        assert keys(compared(a, b)) == ["nick"]

    def test_expected_rows_that_nobody_fills_are_there_and_flagged(self):
        found = compared(make_item("A"), make_item("B"), categories=[self.category])
        assert [one.empty for one in found.rows] == [True, True, True]
        assert not any(one.differs for one in found.rows)

    def test_labels_are_in_the_readers_language(self):
        category = make_category(
            "Countries",
            make_property("Area", labels={"zh": "面积"}, group="Land"),
            group_labels={"Land": {"zh": "地理"}},
        )
        a = make_item("A", number("面积", 1))
        found = compared(a, make_item("B"), categories=[category], context=RenderContext(locale="zh_Hans_CN"))
        assert [(one.key, one.name, one.group) for one in found.rows] == [("area", "面积", "地理")]

    def test_every_key_is_unique_and_no_attribute_is_lost(self):
        a = make_item("A", number("Weight", 1), number("Mass", 2), text("Masse", "3"))
        b = make_item("B", text("Weight", "x", key="mass"), text("Other", "y", key="weight"))
        found = compared(a, b, categories=[self.category])
        assert len(set(keys(found))) == len(keys(found))
        placed = sum(state == "value" for one in found.rows for state in states(one))
        assert placed == 5


class TestDifferentCategories:
    planets = make_category("Planets", make_property("Mass", unit="kg"), make_property("Moons"))
    animals = make_category(
        "Animals", make_property("Weight", aliases=("Mass",), unit="kg"), make_property("Moons", "text")
    )

    def pair(self, *attributes):
        return (
            make_item("Mars", number("Mass", 5, "kg"), number("Moons", 2), category="planets"),
            make_item("Whale", *attributes, category="animals"),
        )

    def test_properties_meet_by_alias_if_their_kinds_fit(self):
        found = compared(*self.pair(number("Weight", 4, "kg")), categories=[self.planets, self.animals])
        assert states(row(found, "mass")) == ["value", "value"]
        assert "weight" not in keys(found)

    def test_one_key_is_one_row_and_mixed_kinds_are_compared_as_text(self):
        found = row(
            compared(*self.pair(text("Moons", "none at all")), categories=[self.planets, self.animals]),
            "moons",
        )
        assert (found.mixed, found.differs, bests(found)) == (True, True, [])

    def test_an_alias_of_another_kind_stays_apart(self):
        a = make_category("A", make_property("Colour", "color"))
        b = make_category("B", make_property("Paint", "text", aliases=("Colour",)))
        found = compared(make_item("X", category="a"), make_item("Y", category="b"), categories=[a, b])
        assert keys(found) == ["colour", "paint"]


class TestDifferences:
    def differs(self, *attributes):
        items = [make_item(chr(65 + i), *([one] if one else [])) for i, one in enumerate(attributes)]
        return compared(*items).rows[0].differs

    def test_equal_values_in_different_units_do_not_differ(self):
        assert not self.differs(number("Mass", 1, "t"), number("Mass", "1000", "kg"))

    def test_different_values_differ(self):
        assert self.differs(number("Mass", 1, "t"), number("Mass", "1000.1", "kg"))

    def test_a_third_that_differs_is_enough(self):
        assert self.differs(text("A", "x"), text("A", "x"), text("A", "y"))

    def test_a_value_differs_from_a_gap(self):
        assert self.differs(text("A", "x"), None)

    def test_states_that_differ_differ(self):
        assert self.differs(
            make_attribute("A", state=State.NONE), make_attribute("A", state=State.NOT_APPLICABLE)
        )

    def test_two_unknowns_do_not(self):
        assert not self.differs(
            make_attribute("A", state=State.UNKNOWN), make_attribute("A", state=State.UNKNOWN)
        )

    def test_the_same_words_of_two_kinds_do_not(self):
        assert not self.differs(text("A", "Red"), make_attribute("A", ("red",), "list"))


class TestBest:
    def best(self, direction, *amounts, unit="kg"):
        category = make_category("Countries", make_property("Mass", direction=direction))
        items = [
            make_item(f"I{i}", *([number("Mass", amount, unit)] if amount is not None else []))
            for i, amount in enumerate(amounts)
        ]
        return bests(row(compared(*items, categories=[category]), "mass"))

    def test_highest_or_lowest_as_the_property_says(self):
        assert self.best(HIGHER, 1, 3, 2) == ["i1"]
        assert self.best(LOWER, 1, 3, 2) == ["i0"]

    def test_ties_share_it(self):
        assert self.best(HIGHER, 3, 3, 2) == ["i0", "i1"]

    def test_none_where_all_are_equal_or_only_one_is_known(self):
        assert self.best(HIGHER, 3, 3) == []
        assert self.best(HIGHER, 3, None) == []

    def test_gaps_do_not_spoil_it(self):
        assert self.best(HIGHER, 3, None, 4) == ["i2"]

    def test_none_for_neutral_properties(self):
        assert self.best(Direction.NEUTRAL, 1, 2) == []

    def test_none_among_values_that_do_not_compare(self):
        category = make_category("Countries", make_property("Size", direction=HIGHER))
        a, b = make_item("A", number("Size", 1, "kg")), make_item("B", number("Size", 2, "m"))
        assert bests(compared(a, b, categories=[category]).rows[0]) == []

    def test_units_are_converted_first(self):
        category = make_category("Countries", make_property("Mass", direction=HIGHER))
        a, b = make_item("A", number("Mass", 1, "t")), make_item("B", number("Mass", 2, "kg"))
        assert bests(compared(a, b, categories=[category]).rows[0]) == ["a"]


class TestBars:
    def shares(self, *amounts, unit="kg"):
        items = [make_item(f"I{i}", number("Mass", amount, unit)) for i, amount in enumerate(amounts)]
        return [cell.share for cell in compared(*items).rows[0].cells]

    def test_a_bar_is_the_share_of_the_rows_maximum(self):
        assert self.shares(5, 10, 0) == [0.5, 1.0, 0.0]

    @pytest.mark.parametrize("amounts", [(-1, 5), (0, 0)])
    def test_there_is_none_where_it_would_lie(self, amounts):
        assert set(self.shares(*amounts)) == {None}

    def test_temperatures_have_none(self):
        assert set(self.shares(10, 20, unit="°C")) == {None}


class TestPlaces:
    vienna = Coordinates(Decimal("48.2082"), Decimal("16.3738"))
    zurich = Coordinates(Decimal("47.3769"), Decimal("8.5417"))

    def distances(self, units):
        a = make_item("Vienna", make_attribute("Place", self.vienna, "coordinates"))
        b = make_item("Zurich", make_attribute("Place", self.zurich, "coordinates"))
        cells = compared(a, b, options=Options(units=units)).rows[0].cells
        return [str(cell.distance or "") for cell in cells]

    def test_the_distance_to_the_first_place_is_told(self):
        assert self.distances("metric") == ["", "592\xa0km from Vienna"]

    def test_in_miles_for_imperial(self):
        assert self.distances("imperial") == ["", "368\xa0mi from Vienna"]

    def test_antipodes_are_half_the_earth_apart(self):
        a, b = Coordinates(Decimal(0), Decimal(0)), Coordinates(Decimal(0), Decimal(180))
        assert distance_km(a, b) == pytest.approx(20015, abs=1)


class TestCoverage:
    def test_values_none_and_not_applicable_are_known(self):
        a = make_item(
            "A",
            text("One", "x"),
            make_attribute("Two", state=State.NONE),
            make_attribute("Three", state=State.NOT_APPLICABLE),
            make_attribute("Four", state=State.UNKNOWN),
            text("Five", "x"),
        )
        b = make_item("B", text("One", "x"), text("Two", "x"), text("Three", "x"), text("Four", "x"))
        found = compared(a, b)
        assert (found.known, found.total) == (3, 5)
        assert [column.known for column in found.columns] == [4, 4]


class TestOptions:
    items = (
        make_item("A", number("Mass", 2, "kg"), text("Same", "x"), text("Other", "1")),
        make_item("B", text("Same", "x"), text("Other", "2")),
        make_item("C", number("Mass", 1, "kg"), text("Same", "x"), text("Other", "3")),
    )

    def test_only_differences_shows_rows_that_differ(self):
        found = compared(*self.items, options=Options(only_differences=True))
        assert [one.key for one in found.shown()] == ["mass", "other"]
        assert found.equal == 1

    def test_hidden_rows_are_not_shown_and_can_be_named(self):
        found = compared(*self.items, options=Options(hide=("same", "nonsense")))
        assert [one.key for one in found.shown()] == ["mass", "other"]
        assert [one.key for one in found.hidden] == ["same"]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [("mass", "cab"), ("-mass", "acb"), ("nonsense", "abc"), ("", "abc"), ("-", "abc")],
    )
    def test_sort_orders_the_columns_and_the_missing_come_last(self, sort, order):
        found = compared(*self.items, options=Options(sort=sort))
        assert "".join(found.slugs) == order
        assert [cell.item for cell in found.rows[0].cells] == list(order)
        assert found.requested == ("a", "b", "c")

    def test_nonsense_is_passed_over_and_named(self):
        read = read_options({"only": "x", "units": "furlongs", "hide": ",,a,", "sort": "$where"})
        assert read.options == Options(hide=("a",), sort="$where")
        assert len(read.notices) == 2

    def test_a_query_reads_back_equal(self):
        options = Options(only_differences=True, units="imperial", hide=("a", "b"), sort="-mass")
        assert read_options(options.to_query()).options == options


class TestExports:
    items = (
        make_item(
            "A|B", text("=Sum", "-1\n2"), number("Mass", 2, "kg"), make_attribute("Gap", state=State.NONE)
        ),
        make_item("=C", number("Mass", 1, "kg")),
    )

    def test_csv_is_guarded_against_formulas(self):
        lines = list(csv.reader(io.StringIO(to_csv(compared(*self.items)), newline="")))
        assert lines[0] == ["Attribute", "A|B", "'=C"]
        assert lines[1] == ["'=Sum", "'-1\n2", ""]
        assert lines[3] == ["Gap", "None", ""]

    def test_markdown_escapes_pipes_and_line_breaks(self):
        lines = to_markdown(compared(*self.items)).splitlines()
        assert lines[0] == r"| Attribute | A\|B | =C |"
        assert lines[2] == "| =Sum | -1<br>2 | *Not recorded* |"

    def test_json_has_the_shape_of_the_contract(self):
        found = to_json(compared(*self.items))
        assert [item["title"] for item in found["items"]] == ["A|B", "=C"]
        mass = found["rows"][1]
        assert mass["cells"][0] | {"display": ""} == {
            "item": "a-b",
            "state": "value",
            "value": {"amount": "2", "unit": "kg"},
            "display": "",
            "best": False,
        }
        assert found["rows"][0]["cells"][1]["state"] == "missing"
        assert found["rows"][0]["cells"][1]["value"] is None
        assert found["coverage"]["known"] == 1


class TestQueries:
    def test_two_queries_and_a_third_only_for_references(self):
        category = make_category("Countries")
        plain = make_stores(make_item("A"), make_item("B"), categories=[category])
        compare(plain, ["a", "b"], Options(), RenderContext())
        assert plain.asked == ["items", "categories"]
        neighbour = make_attribute("Neighbour", Reference("b"), "reference")
        linked = make_stores(make_item("A", neighbour), make_item("B"), categories=[category])
        found = compare(linked, ["a", "b"], Options(), RenderContext())
        assert linked.asked == ["items", "categories", "heads"]
        assert found.rows[0].cells[0].display.text == "B"

    def test_a_repeated_comparison_asks_for_stamps_alone(self):
        stores, cache = make_stores(make_item("A"), make_item("B")), ComparisonCache(4)
        for _ in range(3):
            compare(stores, ["a", "b"], Options(), RenderContext(), cache)
        assert stores.asked == ["items", "categories", *["stamps", "categories"] * 2]

    def test_a_new_revision_is_seen_at_once(self):
        stores, cache = make_stores(make_item("A", text("X", "old")), make_item("B")), ComparisonCache(4)
        before = compare(stores, ["a", "b"], Options(), RenderContext(), cache)
        stores.items.known["a"] = make_item("A", text("X", "new"), revision=2)
        after = compare(stores, ["a", "b"], Options(), RenderContext(), cache)
        assert after.rows[0].cells[0].display.text == "new"
        assert before.version != after.version

    def test_a_changed_category_is_seen_at_once(self):
        stores, cache = make_stores(make_item("A"), make_item("B")), ComparisonCache(4)
        stores.categories.known["countries"] = make_category("Countries")
        compare(stores, ["a", "b"], Options(), RenderContext(), cache)
        stores.categories.known["countries"] = make_category("Countries", make_property("Area"), revision=2)
        assert keys(compare(stores, ["a", "b"], Options(), RenderContext(), cache)) == ["area"]

    def test_a_renamed_reference_is_seen_at_once(self):
        linked = make_item("A", make_attribute("Next", Reference("c"), "reference"))
        stores, cache = make_stores(linked, make_item("B"), make_item("C")), ComparisonCache(4)
        compare(stores, ["a", "b"], Options(), RenderContext(), cache)
        stores.items.known["c"] = make_item("Sea", slug="c")
        found = compare(stores, ["a", "b"], Options(), RenderContext(), cache)
        assert found.rows[0].cells[0].display.text == "Sea"

    def test_units_and_language_do_not_share_a_memory(self):
        items = make_item("A", number("Mass", 1, "kg")), make_item("B", number("Mass", 2, "kg"))
        stores, cache = make_stores(*items), ComparisonCache(4)
        texts = {
            compare(stores, ["a", "b"], Options(units=units), RenderContext(), cache)
            .rows[0]
            .cells[1]
            .display.text
            for units in ("metric", "imperial")
        }
        assert len(texts) == 2


def test_sources_stay_with_their_cell():
    found = compared(make_item("A", text("X", "1", sources=(Source("https://example.org"),))), make_item("B"))
    assert found.rows[0].cells[0].attribute.sources[0].url == "https://example.org"


def test_anchors_of_groups_are_unique_and_no_other_id_of_the_page():
    names = ("Content", "A", "a!", "A 2", "", "Facts")
    cell = Cell("x", "value")
    rows = tuple(Row(f"row-{name}", "Row", "text", name, (cell,)) for name in names)
    anchors = [group.anchor for group in Comparison((), rows).groups]
    assert anchors == ["content-2", "a", "a-2", "a-2-2", "facts", "facts-2"]
