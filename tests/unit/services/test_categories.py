"""Categories: read from JSON, changed by moderators, made by imports."""

from datetime import UTC, datetime

import pytest

from app.domain.categories import Category, Direction
from app.domain.errors import Forbidden, InvalidInput, Unauthenticated
from app.domain.users import ANONYMOUS, Actor, Role
from app.services import categories
from app.services.categories import category_from_json, category_to_json
from app.storage.stores import Stores

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ADA, MOD = Actor("ada", Role.EDITOR), Actor("mo", Role.MODERATOR)
MASS = {
    "name": "Mass",
    "kind": "number",
    "unit": "kg",
    "direction": "lower",
    "group": "Body",
    "aliases": ["Weight"],
}


@pytest.fixture
def stores(mock_database) -> Stores:
    return Stores.connect(mock_database)


def refusals(raw: object) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        category_from_json(raw, "planets")
    return [error.path for error in refused.value.errors]


def test_properties_are_read_and_their_keys_follow_from_their_names():
    found = category_from_json({"name": "Planets", "properties": [MASS]}, "planets")
    (mass,) = found.properties
    assert (mass.key, mass.unit, mass.direction, mass.aliases) == ("mass", "kg", Direction.LOWER, ("Weight",))


def test_json_reads_back():
    raw = {
        "name": "Planets",
        "properties": [{**MASS, "labels": {"zh": "质量"}}],
        "labels": {"zh": "行星"},
        "group_labels": {"Body": {"zh": "本体"}},
    }
    found = category_from_json(raw, "planets")
    assert category_from_json(category_to_json(found), "planets") == found


@pytest.mark.parametrize(
    ("raw", "paths"),
    [
        ({}, ["name"]),
        ([], [""]),
        ({"name": "x", "colour": 1}, ["colour"]),
        ({"name": "x", "properties": {}}, ["properties"]),
        ({"name": "x", "properties": [{}]}, ["properties.0.name", "properties.0.kind"]),
        ({"name": "x", "properties": [{**MASS, "kind": "sparkline"}]}, ["properties.0.kind"]),
        ({"name": "x", "properties": [{**MASS, "direction": "sideways"}]}, ["properties.0.direction"]),
        ({"name": "x", "properties": [{**MASS, "kind": "money"}]}, ["properties.0.unit"]),
        ({"name": "x", "properties": [{**MASS, "key": "Not A Key"}]}, ["properties.0.key"]),
        ({"name": "x", "properties": [MASS, MASS]}, ["properties.1.key"]),
        ({"name": "x", "labels": ["zh"]}, ["labels"]),
        ({"name": "x", "labels": {"zh": 5}}, ["labels"]),
    ],
)
def test_every_refusal_has_its_path(raw, paths):
    assert refusals(raw) == paths


def test_moderators_put_categories(stores):
    category = category_from_json({"name": "Planets", "properties": [MASS]}, "planets")
    with pytest.raises(Forbidden):
        categories.put(stores, ADA, category, NOW)
    with pytest.raises(Unauthenticated):
        categories.put(stores, ANONYMOUS, category, NOW)
    assert categories.put(stores, MOD, category, NOW).properties == category.properties
    assert categories.put(stores, MOD, category, NOW).revision == 2


@pytest.mark.parametrize("slug", ["", "Not A Slug", "a/b", "$set"])
def test_a_slug_that_no_name_gives_is_refused(stores, slug):
    with pytest.raises(InvalidInput):
        categories.put(stores, MOD, Category(slug, "x"), NOW)


@pytest.mark.parametrize(
    ("name", "slug", "shown"),
    [
        ("Garden tools", "garden-tools", "Garden tools"),
        ("garden-tools", "garden-tools", "Garden tools"),
        ("豆", "豆", "豆"),
    ],
)
def test_a_category_that_is_named_is_there_afterwards(stores, name, slug, shown):
    made = categories.ensure(stores, ADA, name, NOW)
    assert (made.slug, made.name) == (slug, shown)
    assert categories.ensure(stores, ADA, slug, NOW) == made


@pytest.mark.parametrize("name", ["", " ", "x" * 200, "a\x00b"])
def test_a_name_that_cannot_be_one_is_refused(stores, name):
    with pytest.raises(InvalidInput) as refused:
        categories.ensure(stores, ADA, name, NOW)
    assert [error.path for error in refused.value.errors] == ["category"]
