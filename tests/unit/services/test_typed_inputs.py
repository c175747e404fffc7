"""What a person typed, whole or in parts."""

from decimal import Decimal

import pytest

from app.domain.errors import ValueRefused
from app.kinds import registry
from app.kinds.base import ParseContext
from app.kinds.image import Image
from app.kinds.money import Money
from app.kinds.number import Quantity
from app.services import typed_inputs

IN_KILOGRAMS = ParseContext(unit="kg", count_units=frozenset({"kg", "people"}))


def read(tag, raw, context=IN_KILOGRAMS):
    return typed_inputs.read(registry.get(tag), raw, context)


def test_a_text_alone_means_the_unit_of_the_property():
    assert read("number", "5") == Quantity(Decimal(5), "kg")


def test_an_empty_unit_means_none():
    assert read("number", {"text": "5", "unit": ""}) == Quantity(Decimal(5), None)


@pytest.mark.parametrize(
    ("text", "unit", "expected"), [("5", "t", "t"), ("5 lb", "kg", "lb"), ("5", "people", "people")]
)
def test_the_unit_may_stand_in_either_field(text, unit, expected):
    assert read("number", {"text": text, "unit": unit}).unit == expected


def test_an_unknown_unit_is_refused_and_never_dropped():
    with pytest.raises(ValueRefused):
        read("number", {"text": "5", "unit": "blorps"})


def test_a_currency_may_stand_in_either_field():
    assert read("money", {"text": "999", "unit": "EUR"}) == Money(Decimal(999), "EUR")
    assert read("money", {"text": "$999", "unit": "EUR"}) == Money(Decimal(999), "USD")


def test_spaces_in_an_address_do_not_leak_into_the_description():
    found = read("image", {"text": "https://example.org/a b.png", "alt": "A cat"})
    assert found == Image("https://example.org/a%20b.png", None, "A cat")


def test_a_description_without_a_picture_is_refused():
    with pytest.raises(ValueRefused):
        read("image", {"text": " ", "alt": "https://example.org/"})


@pytest.mark.parametrize("raw", [None, 5, ["x"], {"text": 5}, {"odd": "x"}])
def test_other_shapes_are_refused(raw):
    with pytest.raises(ValueRefused):
        read("text", raw)


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("number", Quantity(Decimal("1080.5"), "kg")),
        ("number", Quantity(Decimal("1080.5"), None)),
        ("money", Money(Decimal("999.00"), "EUR")),
        ("image", Image("https://example.org/a.png", None, "A cat")),
        ("list", ("a, b", "c")),
    ],
)
@pytest.mark.parametrize("locale", ["en", "de", "zh_Hans_CN"])
def test_the_parts_of_a_value_read_back_as_the_value(tag, value, locale):
    parts = typed_inputs.split(registry.get(tag), value, locale)
    if tag == "list":
        parts.pop("unit")
    assert read(tag, parts, ParseContext(locale=locale, unit="kg", count_units=frozenset({"kg"}))) == value
