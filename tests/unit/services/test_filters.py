"""Filters as query parameters say them."""

import pytest

from app.kinds import registry
from app.services import filters
from app.storage.queries import AttributeFilter
from tests.factories import make_category, make_property

CATEGORY = make_category(
    "Planets",
    make_property("Mass", unit="kg"),
    make_property("Moons", "list"),
    make_property("Orbit", "range", unit="d"),
    make_property("Ringed", "boolean"),
)


def read(*parameters, categories=(CATEGORY,), locale="en"):
    return filters.read(parameters, categories, locale)


def error_paths(conditions):
    return [error.path for error in conditions.errors]


def test_a_bound_is_open_at_its_other_end_but_stays_among_comparable_values():
    (at_least,) = read(("attr.mass.gte", "5")).filters
    (at_most,) = read(("attr.mass.lte", "5")).filters
    (low, top), (bottom, high) = at_least.ranges[0], at_most.ranges[0]
    assert bottom < low < high < top
    assert {key.partition(" ")[0].rstrip("!") for key in (low, top, bottom, high)} == {low.partition(" ")[0]}


def test_a_number_without_a_unit_is_in_the_propertys():
    assert read(("attr.mass", "2000")).filters == read(("attr.mass", "2 t")).filters


def test_numbers_are_read_in_the_readers_language():
    assert read(("attr.mass", "1,5"), locale="de").filters == read(("attr.mass", "1.5")).filters


def test_all_of_a_range_is_to_be_below_its_upper_bound():
    assert read(("attr.orbit.lte", "400")).filters[0].upper
    assert not read(("attr.mass.lte", "400")).filters[0].upper


def test_a_list_is_asked_for_its_members():
    (found,) = read(("attr.moons", "Io, Europa")).filters
    assert isinstance(found, AttributeFilter)
    assert len(found.members) == 2


def test_any_of_several_values_may_match():
    assert len(read(("attr.mass", "1"), ("attr.mass", "2")).filters[0].ranges) == 2


def test_a_key_that_no_category_expects_is_tried_as_every_kind_that_understands_it():
    ranges = read(("attr.colour", "#fff")).filters[0].ranges
    assert {low.partition(" ")[0] for low, _ in ranges} >= {"text", "color"}


def test_empty_and_other_parameters_are_passed_over():
    assert read(("attr.mass", "  "), ("sort", "title"), ("q", "x")) == filters.Conditions()


@pytest.mark.parametrize(
    "name",
    ["attr.", "attr..gte", "attr.mass.eq", "attr.mass.gte.gte", "attr.$where", "attr.Mass", "attr.a b"],
)
def test_a_malformed_name_is_refused(name):
    assert error_paths(read((name, "1"))) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attr.mass.gte", "heavy"),
        ("attr.mass", "1 parsec"),
        ("attr.ringed", "perhaps"),
        ("attr.ringed.gte", "true"),
        ("attr.moons.lte", "Io"),
        ("attr.mass", "9" * 501),
    ],
)
def test_a_value_that_cannot_be_understood_is_refused_and_the_others_stay(name, value):
    conditions = read((name, value), ("attr.orbit.gte", "1 d"))
    assert error_paths(conditions) == [name]
    assert [condition.key for condition in conditions.filters] == ["orbit"]


def test_the_number_of_filters_is_limited():
    conditions = read(*((f"attr.k{number}", "1") for number in range(filters.MOST + 1)))
    assert error_paths(conditions) == ["attr"]
    assert conditions.filters == ()


@pytest.mark.parametrize("tag", sorted(registry.KINDS))
def test_no_text_makes_a_filter_of_any_kind_fail(tag):
    category = make_category("All", make_property("Thing", tag))
    for text in ("\x00", "\ud800", "1e999999999", "-", "🏳️‍🌈", "{}", "::", "0" * 500, "‮"):
        for ending in ("", ".gte", ".lte"):
            read((f"attr.thing{ending}", text), categories=(category,))


def test_a_key_that_no_category_expects_may_be_that_of_a_list():
    (found,) = read(("attr.colours", "Red")).filters
    assert found.members == ("red",)
    assert "text" in {low.partition(" ")[0] for low, _ in found.ranges}


def test_what_is_no_element_of_a_list_may_still_be_a_value_of_another_kind():
    (found,) = read(("attr.separator", ",")).filters
    assert found.ranges
    assert not found.members


def test_a_key_that_categories_expect_as_text_and_as_a_list_is_both():
    other = make_category("Dwarfs", make_property("Moons", "text"))
    (found,) = read(("attr.moons", "Io"), categories=(CATEGORY, other)).filters
    assert found.members == ("io",)
    assert len(found.ranges) == 1
