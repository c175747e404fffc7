"""Ratings: typed, JSON, stored, shown, ordered."""

from decimal import Decimal

import bson
import pytest

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.rating import RatingKind

KIND = RatingKind()
HALVES = [Decimal(half) / 2 for half in range(11)]


@pytest.mark.parametrize(
    ("typed", "locale", "expected"),
    [
        ("4.5", "en", 4.5),
        ("4,5", "de", 4.5),
        ("4½", "en", 4.5),
        ("½", "en", 0.5),
        ("4.5/5", "en", 4.5),
        ("4.5 of 5", "en", 4.5),
        ("3 stars", "en", 3),
        ("4星", "zh_Hans_CN", 4),
        ("★★★★½", "en", 4.5),
        ("★★★☆☆", "en", 3),
        ("0", "en", 0),
        ("5.0", "en", 5),
    ],
)
def test_what_a_person_types(typed, locale, expected):
    assert KIND.to_json(KIND.parse(typed, ParseContext(locale))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5.5",
        "4.3",
        "-1",
        "-0.5",
        "6",
        "1e6000",
        "1e-6000",
        "NaN",
        "4.5 kg",
        "★" * 6,
        "½½",
        "4.5½",
        "\x00",
        "\ud800",
        "9**9",
        "1" * 10_000,
    ],
)
def test_hostile_text_is_refused(text):
    with pytest.raises(ValueRefused):
        KIND.parse(text, ParseContext())


@pytest.mark.parametrize(
    "raw", [None, True, "4.5", [], {}, 5.5, -0.5, 4.3, float("nan"), float("inf"), 10**40, {"$gt": 1}]
)
def test_other_json_is_refused(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, ParseContext())


@pytest.mark.parametrize("value", HALVES)
@pytest.mark.parametrize("locale", ["en", "de", "fr", "zh_Hans_CN"])
def test_round_trips(value, locale):
    assert KIND.from_json(KIND.to_json(value), ParseContext()) == value
    assert KIND.from_stored(bson.decode(bson.encode({"v": KIND.to_stored(value)}))["v"]) == value
    assert KIND.parse(KIND.typed(value, locale), ParseContext(locale)) == value


def test_keys_order_as_the_stars_do():
    keys = [KIND.sort_keys(value).low for value in HALVES]
    assert keys == sorted(set(keys))
    assert KIND.compare(HALVES[1], HALVES[10]) == -1


def test_stars_are_for_the_eye_and_words_for_all():
    shown = KIND.display(Decimal("4.5"), RenderContext())
    assert shown.text == "4.5 of 5"
    assert 'aria-hidden="true">★★★★½<' in shown.html
    assert "4.5 of 5" in shown.html
    assert shown.magnitude == Decimal("4.5")
    assert KIND.text(Decimal("4.5"), RenderContext("de")) == "4,5 of 5"
