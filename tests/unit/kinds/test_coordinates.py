"""Coordinates: typed, JSON, stored, shown, and how far apart."""

from decimal import Decimal

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.coordinates import Coordinates, CoordinatesKind, distance_km

KIND = CoordinatesKind()
JSON = st.fixed_dictionaries({"lat": st.floats(-90, 90), "lon": st.floats(-180, 180)})


def place(lat, lon):
    return Coordinates(Decimal(lat), Decimal(lon))


def parsed(text, locale="en"):
    return KIND.parse(text, ParseContext(locale))


@pytest.mark.parametrize(
    ("typed", "locale", "lat", "lon"),
    [
        ("48.2, 16.37", "en", "48.2", "16.37"),
        ("48.2 16.37", "en", "48.2", "16.37"),
        ("(−33.9; 151.2)", "en", "-33.9", "151.2"),
        ("48,2; 16,37", "de", "48.2", "16.37"),
        ("48,2, 16,37", "de", "48.2", "16.37"),
        ("48.20°, 16.370°", "en", "48.2", "16.37"),
        ("48°12′30″N 16°22′23″E", "en", "48.208333", "16.373056"),
        ("48°12'30\"N, 16°22'23\"W", "en", "48.208333", "-16.373056"),
        ("16°30′E 48°12′S", "en", "-48.2", "16.5"),
        ("N 48° 12' E 16° 30'", "en", "48.2", "16.5"),
        ("48.2° N, 16.37° E", "en", "48.2", "16.37"),
        ("48.2N 16.37E", "en", "48.2", "16.37"),
        ("s48.2, w16.37", "en", "-48.2", "-16.37"),
        ("北纬48.2，东经16.37", "zh_Hans_CN", "48.2", "16.37"),
        ("北纬48度12分 东经16度30分", "zh_Hans_CN", "48.2", "16.5"),
        ("48°12′N 16°30′O", "de", "48.2", "16.5"),
        ("48°12′N 16°30′O", "fr", "48.2", "-16.5"),
    ],
)
def test_what_a_person_types(typed, locale, lat, lon):
    assert parsed(typed, locale) == place(lat, lon)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "48.2",
        "91, 0",
        "-90.1, 0",
        "0, 180.5",
        "48.2, 16.37, 5",
        "48°N 16°N",
        "48°60′N 16°E",
        "48′N 16′E",
        "a, b",
        "NaN, 0",
        "1e5, 3",
        "\x00",
        "\ud800",
        "🎉",
        "$",
        "9**9, 1",
        "1" * 10_000,
        "48°12′30″X 16°E",
        "0x1, 2",
    ],
)
def test_hostile_text_is_refused(text):
    with pytest.raises(ValueRefused):
        parsed(text)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        True,
        "48.2, 16.37",
        [48.2, 16.37],
        {},
        {"lat": 1},
        {"lat": "48.2", "lon": "16.37"},
        {"lat": True, "lon": 1},
        {"lat": 91, "lon": 0},
        {"lat": 0, "lon": -181},
        {"lat": float("nan"), "lon": 0},
        {"lat": 0, "lon": 0, "alt": 1},
        {"lat": {"$gt": 1}, "lon": 0},
        {"lat": None, "lon": 0},
    ],
)
def test_other_json_is_refused(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, ParseContext())


def test_the_json_form_of_the_contract():
    json = {"lat": 48.2, "lon": 16.37}
    assert KIND.to_json(KIND.from_json(json, ParseContext())) == json


@given(JSON, st.sampled_from(["en", "de", "fr", "zh_Hans_CN"]))
def test_round_trips(raw, locale):
    value = KIND.from_json(raw, ParseContext())
    assert abs(float(value.lat) - raw["lat"]) < 1e-10
    assert KIND.from_json(KIND.to_json(value), ParseContext()) == value
    assert KIND.from_stored(bson.decode(bson.encode({"v": KIND.to_stored(value)}))["v"]) == value
    assert KIND.parse(KIND.typed(value, locale), ParseContext(locale)) == value


def test_places_are_equal_or_not_but_have_no_order():
    assert KIND.compare(parsed("48.2, 16.37"), parsed("48.20, 16.370")) == 0
    assert KIND.compare(parsed("48.2, 16.37"), parsed("48.3, 16.37")) is None
    assert KIND.equal(place("0", "180"), place("0", "-180"))


@pytest.mark.parametrize(
    ("lat", "lon", "text"),
    [
        ("48.2", "16.37", "48.2° N, 16.37° E"),
        ("-33.9", "151.2", "33.9° S, 151.2° E"),
        ("40.7", "-74", "40.7° N, 74° W"),
        ("-0.1", "-0.2", "0.1° S, 0.2° W"),
        ("48.208333333", "0", "48.20833° N, 0° E"),
    ],
)
def test_places_are_shown_with_the_letters_of_the_compass(lat, lon, text):
    assert KIND.text(place(lat, lon), RenderContext()) == text


def test_the_shown_decimals_are_those_of_the_locale():
    assert KIND.text(place("48.2", "16.37"), RenderContext("de")) == "48,2° N, 16,37° E"


def test_the_distance_is_the_great_circle():
    quarter = 6371.0088 * 3.141592653589793 / 2
    assert distance_km(place(0, 0), place(0, 90)) == pytest.approx(quarter)
    assert distance_km(place(90, 0), place(0, 45)) == pytest.approx(quarter)
    assert distance_km(place(0, 0), place(0, 180)) == pytest.approx(2 * quarter)
    assert distance_km(place("48.2082", "16.3738"), place("52.52", "13.405")) == pytest.approx(523.5, abs=0.5)
    assert distance_km(place(5, 5), place(5, 5)) == 0
    assert distance_km(place(0, "179.5"), place(0, "-179.5")) == pytest.approx(quarter / 90)
