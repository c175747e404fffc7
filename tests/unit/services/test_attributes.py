"""Attributes from and to JSON and forms: what is refused, and where."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.errors import InvalidInput
from app.domain.items import Attribute, Source, State
from app.kinds import registry
from app.kinds.number import Quantity
from app.services.attributes import (
    Scope,
    attribute_from_json,
    attribute_from_typed,
    attribute_to_json,
    count_units,
)
from tests.factories import make_attribute, make_category, make_property

SCOPE = Scope()
MASS = {"name": "Mass", "kind": "number", "value": {"amount": "8.85", "unit": "kg"}}


def read(**changes: object) -> Attribute:
    return attribute_from_json({**MASS, **changes}, SCOPE)


def refusals(**changes: object) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        read(**changes)
    assert all(str(error.message) for error in refused.value.errors)
    return [error.path for error in refused.value.errors]


def test_the_least_is_a_name_a_kind_and_a_value():
    assert read() == Attribute("mass", "Mass", "number", State.VALUE, Quantity(Decimal("8.85"), "kg"))


def test_all_members_are_read():
    found = read(
        key="mass",
        state="value",
        group="Body",
        note="Measured\nat noon",
        sources=[{"url": "https://example.org/", "title": "Scale"}, {"title": "A book"}],
        verified_on="2026-02-28",
    )
    assert found.group == "Body"
    assert found.note == "Measured\nat noon"
    assert found.sources == (Source("https://example.org/", "Scale"), Source("", "A book"))
    assert found.verified_on == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"name": None}, ["name"]),
        ({"name": "  "}, ["name"]),
        ({"name": 5}, ["name"]),
        ({"name": "x" * 121}, ["name"]),
        ({"name": "a\x00b"}, ["name"]),
        ({"kind": None}, ["kind"]),
        ({"kind": "sparkline"}, ["kind"]),
        ({"kind": ["number"]}, ["kind"]),
        ({"key": "weight"}, ["key"]),
        ({"key": 5}, ["key"]),
        ({"state": "perhaps"}, ["state"]),
        ({"state": []}, ["state"]),
        ({"state": "none"}, ["value"]),
        ({"value": None}, ["value"]),
        ({"value": "8.85 kg"}, ["value"]),
        ({"value": {"amount": "heavy", "unit": "kg"}}, ["value.amount"]),
        ({"value": {"amount": "1", "unit": "stone-throws"}}, ["value.unit"]),
        ({"group": "x" * 81}, ["group"]),
        ({"group": "a\nb"}, ["group"]),
        ({"note": "x" * 1001}, ["note"]),
        ({"note": {}}, ["note"]),
        ({"sources": "https://example.org/"}, ["sources"]),
        ({"sources": [{}]}, ["sources.0.url"]),
        ({"sources": [{"url": "https://example.org/"}, {"url": "javascript:alert(1)"}]}, ["sources.1.url"]),
        ({"sources": [{"url": "https://example.org/", "title": "x" * 301}]}, ["sources.0.title"]),
        ({"sources": [{"url": "https://example.org/", "by": "me"}]}, ["sources.0.by"]),
        ({"sources": [None]}, ["sources.0"]),
        ({"sources": [{"title": "x"}] * 21}, ["sources"]),
        ({"verified_on": "2026-02-30"}, ["verified_on"]),
        ({"verified_on": "20260228"}, ["verified_on"]),
        ({"verified_on": "2026-02-28T00:00:00Z"}, ["verified_on"]),
        ({"verified_on": 5}, ["verified_on"]),
        ({"colour": "red"}, ["colour"]),
        ({"$set": {}}, ["$set"]),
        ({"name": None, "state": "perhaps", "note": 5}, ["name", "state", "note"]),
    ],
)
def test_every_refusal_has_its_path(changes, paths):
    assert refusals(**changes) == paths


@pytest.mark.parametrize("raw", [None, [], "text", 5])
def test_no_object_is_refused(raw):
    with pytest.raises(InvalidInput):
        attribute_from_json(raw, SCOPE)


def test_an_unprintable_member_is_named_printably():
    (path,) = refusals(**{"a\x00\u202eb" + "x" * 500: 1})
    assert path.isprintable()
    assert len(path) <= 80


@pytest.mark.parametrize("state", ["none", "unknown", "not_applicable"])
def test_other_states_go_without_a_value(state):
    found = read(state=state, value=None)
    assert found.state == state
    assert found.value is None


def test_null_and_empty_stand_for_what_is_not_there():
    assert read(group=None, note=None, sources=None, verified_on=None, state=None) == read()
    assert read(group="", note="", sources=[], verified_on="") == read()


def test_an_attribute_keeps_its_key_when_its_name_changes():
    found = attribute_from_json({**MASS, "name": "Weight", "key": "mass"}, SCOPE, known_keys={"mass"})
    assert (found.key, found.name) == ("mass", "Weight")


def test_a_property_says_what_unit_is_meant_and_which_count_units_there_are():
    category = make_category("Cities", make_property("Inhabitants", unit="people"))
    scope = Scope(category, count_units=count_units([category]))
    raw = {"name": "Inhabitants", "kind": "number", "value": "1,080"}
    assert attribute_from_typed(raw, scope).value == Quantity(Decimal(1080), "people")
    with pytest.raises(InvalidInput):
        attribute_from_typed({**raw, "value": "5 goblins"}, scope)


def test_a_form_takes_what_a_person_types():
    assert attribute_from_typed({**MASS, "value": " 8.85 kilograms "}, SCOPE).value == read().value
    with pytest.raises(InvalidInput) as refused:
        attribute_from_typed({**MASS, "value": "heavy"}, SCOPE)
    assert [error.path for error in refused.value.errors] == ["value"]


def test_a_form_may_leave_the_value_of_other_states_empty():
    assert attribute_from_typed({**MASS, "state": "unknown", "value": ""}, SCOPE).value is None


def test_json_has_every_member():
    assert attribute_to_json(make_attribute("Colour", "blue")) == {
        "key": "colour",
        "name": "Colour",
        "kind": "text",
        "state": "value",
        "value": "blue",
        "group": "",
        "note": "",
        "sources": [],
        "verified_on": None,
    }


def test_json_reads_back():
    found = read(note="n", sources=[{"url": "https://example.org/"}], verified_on="2026-02-28")
    assert attribute_from_json(attribute_to_json(found), SCOPE) == found


def test_an_unknown_kind_is_shown_as_text():
    value = registry.get("sparkline").from_stored({"points": [1, 2]})
    shown = attribute_to_json(make_attribute("Trend", value, "sparkline"))
    assert shown["kind"] == "sparkline"
    assert shown["value"] == '{"points":[1,2]}'
