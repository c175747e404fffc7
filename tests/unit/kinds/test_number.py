"""Quantities: typed, JSON, stored, shown, ordered."""

from decimal import Decimal

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ValueRefused
from app.kinds import units
from app.kinds.base import ParseContext, RenderContext
from app.kinds.number import NumberKind, Quantity

KIND = NumberKind()
ENGLISH = ParseContext()
ALL = [None, "people", *(symbol for dimension in units.dimensions() for symbol in units.symbols(dimension))]


@st.composite
def quantities(draw):
    digits = draw(st.integers(0, 10**34 - 1))
    exponent = draw(st.one_of(st.integers(-6, 6), st.integers(-5_900, 5_900)))
    amount = Decimal((draw(st.integers(0, 1)), tuple(map(int, str(digits))), exponent))
    return Quantity(amount, draw(st.sampled_from(ALL)))


def quantity(text, **context):
    return KIND.parse(text, ParseContext(**context))


def texts(*typed, units="original", locale="en"):
    context = RenderContext(locale, units)
    return [shown and shown.text for shown in KIND.display_row([t and quantity(t) for t in typed], context)]


@pytest.mark.parametrize(
    ("typed", "json"),
    [
        ("8.85 kg", {"amount": "8.85", "unit": "kg"}),
        ("8.850kg", {"amount": "8.850", "unit": "kg"}),
        ("1,080", {"amount": "1080", "unit": None}),
        ("66 million years", {"amount": "66000000", "unit": "a"}),
        ("1.5×10³ m²", {"amount": "1.5e3", "unit": "m²"}),
        ("5 eV", {"amount": "5", "unit": "eV"}),
        ("100%", {"amount": "100", "unit": "%"}),
        ("−40 ℃", {"amount": "-40", "unit": "°C"}),
    ],
)
def test_what_a_person_types(typed, json):
    assert KIND.to_json(quantity(typed)) == json


def test_a_typed_number_without_a_unit_is_of_the_propertys():
    assert quantity("1,080", unit="kg") == Quantity(Decimal(1080), "kg")
    assert quantity("5", unit="goals") == Quantity(Decimal(5), "goals")
    assert quantity("2 t", unit="kg") == Quantity(Decimal(2), "t")


def test_json_without_a_unit_stays_a_plain_number():
    assert KIND.from_json({"amount": 5, "unit": None}, ParseContext(unit="kg")).unit is None
    assert KIND.from_json({"amount": 5}, ParseContext(unit="kg")).unit is None


def test_units_that_a_category_declares_are_accepted_as_declared():
    context = ParseContext(count_units=frozenset({"goals"}))
    assert KIND.parse("5 Goals", context) == Quantity(Decimal(5), "goals")
    assert KIND.from_json({"amount": "5", "unit": "goals"}, context).unit == "goals"
    with pytest.raises(ValueRefused, match="goals"):
        quantity("5 goals")


def test_json_units_may_be_spelled_out_and_are_stored_as_symbols():
    assert KIND.from_json({"amount": "1", "unit": "kilograms"}, ENGLISH).unit == "kg"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kg",
        "8.85 foo",
        "9**9**9",
        "1" * 10_000,
        "5\x00",
        "5 \ud800",
        "5 $",
        "$5",
        "5 \u202egk",
        "5 🎉",
        "1,08 kg",
        "5 kg kg",
        "5 mw",
        "{}",
        "5 <b>",
        "1e9999 kg",
        "5 kg; drop",
    ],
)
def test_hostile_text_is_refused(text):
    with pytest.raises(ValueRefused) as refused:
        quantity(text)
    str(refused.value).encode()


@pytest.mark.parametrize(
    "raw",
    [
        None,
        True,
        5,
        "5 kg",
        [],
        {},
        {"amount": None},
        {"amount": True},
        {"amount": "5 kg"},
        {"amount": " 5"},
        {"amount": "1,080"},
        {"amount": {"$numberDecimal": "5"}},
        {"amount": ["5"]},
        {"amount": "NaN"},
        {"amount": float("inf")},
        {"amount": "5", "unit": 5},
        {"amount": "5", "unit": ""},
        {"amount": "5", "unit": "foo"},
        {"amount": "5", "unit": ["kg"]},
        {"amount": "5", "unit": "kg", "extra": 1},
        {"amount": "5", "$gt": ""},
        {"amount": "1" * 35},
        {"unit": "kg"},
        {"amount": "5", "unit": "\ud800"},
        {"amount": "5", "unit": "k\x00g"},
    ],
)
def test_other_json_is_refused(raw):
    with pytest.raises(ValueRefused) as refused:
        KIND.from_json(raw, ENGLISH)
    str(refused.value).encode()


def test_a_refusal_names_the_member():
    with pytest.raises(ValueRefused) as refused:
        KIND.from_json({"amount": "5", "unit": "foo"}, ENGLISH)
    assert refused.value.path == "unit"


@given(quantities())
def test_json_round_trips(value):
    returned = KIND.from_json(KIND.to_json(value), ENGLISH)
    assert returned == value
    assert KIND.to_json(returned) == KIND.to_json(value)


@given(quantities())
def test_the_database_gives_back_what_it_got(value):
    document = bson.decode(bson.encode({"value": KIND.to_stored(value)}))
    assert KIND.from_stored(document["value"]) == value


@given(quantities(), st.sampled_from(["en", "de", "fr", "zh_Hans_CN"]))
def test_typed_text_reads_back_equal(value, locale):
    if len(KIND.typed(value, locale)) <= 200:
        assert KIND.parse(KIND.typed(value, locale), ParseContext(locale)) == value


@given(quantities())
def test_every_value_can_be_shown_in_every_system(value):
    for system in ("original", "metric", "imperial"):
        assert KIND.display(value, RenderContext("en", system)).text


@pytest.mark.parametrize(
    "stored", [None, 5, {"amount": "5"}, {"amount": "x", "unit": None}, {"amount": "5", "unit": 1}]
)
def test_damaged_values_are_refused(stored):
    with pytest.raises(ValueRefused):
        KIND.from_stored(stored)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("1 t", "1,001 kg"),
        ("-5 °C", "24 °F"),
        ("1 mi", "2 km"),
        ("9", "10"),
        ("30 mpg", "40 mpg"),
        ("999 m", "1 km"),
    ],
)
def test_amounts_compare_across_units(less, more):
    a, b = quantity(less), quantity(more)
    assert (KIND.compare(a, b), KIND.compare(b, a), KIND.equal(a, b)) == (-1, 1, False)
    assert KIND.sort_keys(a).low < KIND.sort_keys(b).low


def test_equal_amounts_are_equal_in_any_unit():
    assert KIND.equal(quantity("1 t"), quantity("1,000 kg"))
    assert KIND.equal(quantity("10 L/100km"), quantity("10 km/L"))
    assert not KIND.equal(quantity("5"), quantity("5 kg"))


@pytest.mark.parametrize(
    ("a", "b"), [("1 kg", "1 m"), ("1", "1 kg"), ("5 people", "5 tokens"), ("5 L/100km", "30 mpg")]
)
def test_different_things_have_no_order(a, b):
    assert KIND.compare(quantity(a), quantity(b)) is None


def test_a_filter_finds_equal_amounts_whatever_their_unit():
    low, high = KIND.filter_range("2 t", ParseContext(unit="kg"))
    stored = KIND.sort_keys(quantity("2,000 kg")).low + "\x00" + "5" * 24
    assert low <= stored < high
    assert KIND.filter_range("2000", ParseContext(unit="kg")) == (low, high)


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (["8.85 kg", "10 kg", None], ["8.85 kg", "10.00 kg", None]),
        (["1 t", "300 kg", "2 kg"], ["1,000 kg", "300 kg", "2 kg"]),
        (["5 kg", "3 m", "4000 g"], ["5 kg", "3 m", "4 kg"]),
        (["1.67e-27 kg", "5 kg"], ["1.67 × 10⁻²⁷ kg", "5 kg"]),
        (["0.00008988 g/cm³", "19.3 g/cm³"], ["0.00008988 g/cm³", "19.3 g/cm³"]),
        (["12.011 u", "196.966570 u"], ["12.011 u", "196.967 u"]),
        (["17,098,242 km²", "0.44 km²"], ["17,098,242.00 km²", "0.44 km²"]),
        (["5 s", "1.234 s"], ["5.000 s", "1.234 s"]),
        (["5 s", "2021.123456 s"], ["5 s", "2,021 s"]),
        (["3.14159265", "2.7182"], ["3.1416", "2.7182"]),
        (["1000.001", "1000.004", "5"], ["1,000.001", "1,000.004", "5.000"]),
        (["1000.00001", "1000"], ["1,000.00001", "1,000"]),
        (["4,500 kg", "0.000123 kg"], ["4,500 kg", "0.000123 kg"]),
        (["1,000", "20"], ["1,000", "20"]),
        (["5%", "3.5%"], ["5.0%", "3.5%"]),
    ],
)
def test_a_row_has_one_unit_and_equal_decimals_where_that_makes_sense(row, shown):
    assert texts(*row) == shown


def test_a_readers_system_converts_with_sensible_precision():
    assert texts("83,871 km²", "41,285 km²", units="imperial") == ["32,383 mi²", "15,940 mi²"]
    assert texts("8,849 m", units="imperial") == ["29,032 ft"]
    assert texts("15 gal", units="metric") == ["56.8 L"]
    assert texts("36.6 °C", units="imperial") == ["97.9 °F"]
    assert texts("5.5 L/100km", units="imperial") == ["42.8 mpg"]
    assert texts("5 people", "3 %", units="imperial") == ["5 people", "3%"]


@pytest.mark.parametrize(
    ("row", "units", "shown"),
    [
        (["1.5 kg", "1500 g"], "imperial", "3.307 lb"),
        (["100 mph", "160.9344 km/h"], "metric", "160.9344 km/h"),
        (["1000 gal", "3785.411784 L"], "metric", "3,785.411784 L"),
        (["100 mph", "160.9344 km/h", "0.00001 km/h"], "metric", "160.93440 km/h"),
    ],
)
def test_equal_amounts_look_equal_however_they_were_given(row, units, shown):
    assert texts(*row, units=units)[:2] == [shown, shown]


def test_a_converted_amount_is_filled_up_with_its_own_digits_instead_of_zeros():
    assert texts("100 mph", "160.5 km/h", units="metric") == ["160.9 km/h", "160.5 km/h"]


def test_what_was_given_goes_with_what_was_converted_or_rounded():
    shown = KIND.display(quantity("1 mi"), RenderContext(units="metric"))
    assert (shown.text, shown.original, shown.unit) == ("1.61 km", "1 mi", "km")
    assert shown.magnitude == Decimal("1.609344")
    rounded = KIND.display_row([quantity("12.011 u"), quantity("196.966570 u")], RenderContext())
    assert [display.original for display in rounded] == ["", "196.966570 u"]
    padded = KIND.display_row([quantity("5 s"), quantity("1.25 s"), quantity("1e1 s")], RenderContext())
    assert [display.original for display in padded] == ["5 s", "", "10 s"]


def test_a_consumption_of_zero_stays_in_its_unit():
    assert texts("5 L/100km", "6 L/100km", "0 mpg")[2] == "0 mpg"


def test_numbers_are_written_in_the_readers_language():
    value = quantity("1080.5 kg")
    assert KIND.text(value, RenderContext("de")) == "1.080,5 kg"
    assert KIND.text(quantity("5.5 %"), RenderContext("de")) == "5,5\u00a0%"
    german = RenderContext("de", gettext={"people": "Menschen"}.get)
    assert KIND.text(quantity("5 people"), german) == "5 Menschen"


def test_markup_escapes_the_unit():
    shown = KIND.display(Quantity(Decimal(5), "<b>"), RenderContext())
    assert shown.html == "<bdi>5 &lt;b&gt;</bdi>"


def test_the_schema_is_closed():
    schema = KIND.json_schema()
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["amount"]
