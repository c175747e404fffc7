"""Ranges: typed, JSON, stored, shown, ordered."""

from decimal import Decimal

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.range import QuantityRange, RangeKind

KIND = RangeKind()
UNITS = [None, "h", "°C", "m²", "L/100km", "mpg-imp", "J/(kg·K)", "people", "%", "in"]


@st.composite
def ranges(draw):
    ends = [
        draw(
            st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=p)
        )
        for p in (draw(st.integers(0, 4)), draw(st.integers(0, 4)))
    ]
    scale = draw(st.sampled_from([0, 0, 0, -30, 30, 5000]))
    low, high = sorted(end.scaleb(scale) for end in ends)
    return QuantityRange(low, high, draw(st.sampled_from(UNITS)))


def parsed(text, locale="en", **context):
    return KIND.parse(text, ParseContext(locale, **context))


@pytest.mark.parametrize(
    ("typed", "locale", "expected"),
    [
        ("10–12.5 h", "en", ("10", "12.5", "h")),
        ("10-12.5h", "en", ("10", "12.5", "h")),
        ("10 to 12 h", "en", ("10", "12", "h")),
        ("10 h – 12 h", "en", ("10", "12", "h")),
        ("90 min – 2 h", "en", ("1.5", "2", "h")),
        ("-5–-2 °C", "en", ("-5", "-2", "°C")),
        ("-5--2 °C", "en", ("-5", "-2", "°C")),
        ("−5 – −2 °C", "en", ("-5", "-2", "°C")),
        ("10~12", "en", ("10", "12", None)),
        ("10‒12 h", "en", ("10", "12", "h")),
        ("10 h ― 12 h", "en", ("10", "12", "h")),
        ("10〜12 小时", "zh_Hans_CN", ("10", "12", "h")),
        ("10～12 小时", "zh_Hans_CN", ("10", "12", "h")),
        ("10至12小时", "zh_Hans_CN", ("10", "12", "h")),
        ("1,5–2,5 km", "de", ("1.5", "2.5", "km")),
        ("1,5 bis 2,5 km", "de", ("1.5", "2.5", "km")),
        ("1 000 à 2 000 m²", "fr", ("1000", "2000", "m²")),
        ("1e-3-2e-3 m", "en", ("0.001", "0.002", "m")),
        ("20 mpg-imp - 30 mpg-imp", "en", ("20", "30", "mpg-imp")),
        ("5-6 L/100km", "en", ("5", "6", "L/100km")),
        ("10 h", "en", ("10", "10", "h")),
    ],
)
def test_what_a_person_types(typed, locale, expected):
    low, high, unit = expected
    assert parsed(typed, locale) == QuantityRange(Decimal(low), Decimal(high), unit)


def test_without_a_unit_the_propertys_is_meant():
    assert parsed("10–12", unit="h").unit == "h"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "–",
        "10–",
        "–12 kg–",
        "12–10",
        "10–12–13",
        "10 kg – 12 m",
        "10–12 foo",
        "a–b",
        "9**9–9**9",
        "1" * 5_000 + "–2",
        "10–12\x00",
        "\ud800–5",
        "🎉",
        "$5–$6",
        "1,08–2",
        "-" * 200,
        "1 " * 99,
        "1-" * 99,
        "1.." * 60,
    ],
)
def test_hostile_text_is_refused(text):
    with pytest.raises(ValueRefused) as refused:
        parsed(text)
    str(refused.value).encode()


@pytest.mark.parametrize(
    "raw",
    [
        None,
        True,
        "10–12 h",
        [10, 12],
        {},
        {"min": "1"},
        {"min": "2", "max": "1", "unit": None},
        {"min": "1", "max": True},
        {"min": "1", "max": "2", "unit": "foo"},
        {"min": "1", "max": "2", "unit": None, "x": 1},
        {"min": None, "max": "2"},
        {"min": "1", "max": float("nan"), "unit": None},
        {"min": {"$gt": 1}, "max": "2"},
    ],
)
def test_other_json_is_refused(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, ParseContext())


def test_the_json_form_of_the_contract():
    json = {"min": "10", "max": "12.5", "unit": "h"}
    assert KIND.to_json(KIND.from_json(json, ParseContext())) == json


@given(ranges())
def test_json_and_database_round_trip(value):
    assert KIND.from_json(KIND.to_json(value), ParseContext()) == value
    assert KIND.from_stored(bson.decode(bson.encode({"v": KIND.to_stored(value)}))["v"]) == value


@given(ranges(), st.sampled_from(["en", "de", "fr", "zh_Hans_CN"]))
def test_typed_text_reads_back_equal(value, locale):
    assert KIND.parse(KIND.typed(value, locale), ParseContext(locale)) == value


@given(ranges(), ranges())
def test_ranges_sort_by_their_lower_end_and_bounds_by_their_upper(a, b):
    a, b = QuantityRange(a.min, a.max, "m"), QuantityRange(b.min, b.max, "m")
    first, second = KIND.sort_keys(a), KIND.sort_keys(b)
    assert (first.low < second.low) == ((a.min, a.max) < (b.min, b.max))
    assert (first.high < second.high) == ((a.max, a.min) < (b.max, b.min))


def test_equal_ranges_are_equal_in_any_unit():
    assert KIND.equal(parsed("1–2 h"), parsed("60–120 min"))
    assert KIND.equal(parsed("5–10 L/100km"), parsed("10–20 km/L"))
    assert not KIND.equal(parsed("1–2 h"), parsed("1–3 h"))


def test_a_filter_bounds_both_ends():
    low, high = KIND.filter_range("12 h", ParseContext())
    inside, outside = KIND.sort_keys(parsed("10–12 h")), KIND.sort_keys(parsed("10–12.5 h"))
    assert inside.high + "\x00id" < high <= outside.high + "\x00id"
    assert KIND.sort_keys(parsed("12–13 h")).low + "\x00id" >= low > inside.low + "\x00id"


@pytest.mark.parametrize(
    ("typed", "units", "text", "original"),
    [
        ("10–12.5 h", "original", "10–12.5 h", ""),
        ("-5–-2 °C", "original", "-5 – -2 °C", ""),
        ("10 h", "original", "10 h", ""),
        ("10–20 kg", "imperial", "22.0–44.1 lb", "10–20 kg"),
        ("5–6 L/100km", "imperial", "39.2–47.0 mpg", "5–6 L/100km"),
    ],
)
def test_display(typed, units, text, original):
    shown = KIND.display(parsed(typed), RenderContext(units=units))
    assert (shown.text, shown.original) == (text, original)


def test_all_ends_of_a_row_have_equal_decimals():
    shown = KIND.display_row([parsed("10–12.5 h"), parsed("8 h")], RenderContext())
    assert [(display.text, display.original) for display in shown] == [
        ("10.0–12.5 h", "10–12.5 h"),
        ("8.0 h", "8 h"),
    ]


def test_a_row_has_one_unit():
    shown = KIND.display_row([parsed("1–2 h"), None, parsed("30–90 min"), parsed("3–4 h")], RenderContext())
    assert [display and display.text for display in shown] == ["1.0–2.0 h", None, "0.5–1.5 h", "3.0–4.0 h"]
    assert shown[2].original == "30–90 min"
