"""Partial dates: typed, JSON, stored, shown, ordered."""

from datetime import date

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.date import DateKind, PartialDate, iso

KIND = DateKind()


@st.composite
def dates(draw, first=-999_999):
    year = draw(st.one_of(st.integers(1, 9999), st.integers(first, 9999)))
    month = draw(st.one_of(st.none(), st.integers(1, 12)))
    day = draw(st.one_of(st.none(), st.integers(1, 28))) if month else None
    return PartialDate(year, month, day)


def parsed(text, locale="en"):
    return KIND.parse(text, ParseContext(locale))


@pytest.mark.parametrize(
    ("typed", "locale", "expected"),
    [
        ("2021", "en", "2021"),
        ("2021-07", "en", "2021-07"),
        ("2021-07-14", "en", "2021-07-14"),
        ("2021/7/4", "en", "2021-07-04"),
        ("Jul 2021", "en", "2021-07"),
        ("Sept. 2021", "en", "2021-09"),
        ("14 July 2021", "en", "2021-07-14"),
        ("July 14, 2021", "en", "2021-07-14"),
        ("july 4th, 1776", "en", "1776-07-04"),
        ("2021年7月14日", "en", "2021-07-14"),
        ("2021年7月", "zh_Hans_CN", "2021-07"),
        ("2021年", "zh_Hans_CN", "2021"),
        ("14.7.2021", "de", "2021-07-14"),
        ("14. Juli 2021", "de", "2021-07-14"),
        ("Juli 2021", "de", "2021-07"),
        ("1er août 2021", "fr", "2021-08-01"),
        ("7/14/2021", "en", "2021-07-14"),
        ("7/8/2021", "en_US", "2021-07-08"),
        ("7/8/2021", "en_GB", "2021-08-07"),
        ("0987", "en", "0987"),
        ("AD 79", "en", "0079"),
        ("-0044", "en", "-0044"),
        ("44 BC", "en", "-0043"),
        ("44 BCE", "en", "-0043"),
        ("15 March 44 BC", "en", "-0043-03-15"),
        ("10,000 BC", "en", "-9999"),
        ("前44年", "zh_Hans_CN", "-0043"),
        ("公元前44年3月15日", "zh_Hans_CN", "-0043-03-15"),
        ("44 v. Chr.", "de", "-0043"),
        ("44 av. J.-C.", "fr", "-0043"),
        ("1 BC", "en", "0000"),
    ],
)
def test_what_a_person_types(typed, locale, expected):
    assert KIND.to_json(parsed(typed, locale)) == expected


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_an_order_of_day_and_month_that_nobody_can_know_is_refused(locale):
    with pytest.raises(ValueRefused, match="Day or month"):
        parsed("7/8/2021", locale)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "21",
        "202107",
        "20210714",
        "14 July",
        "July",
        "2021-13",
        "2021-00",
        "2021-02-29",
        "1900-02-29",
        "2021-04-31",
        "0 BC",
        "-0000",
        "July 2021 May",
        "14 15 July 2021",
        "2021-07-",
        "🎉",
        "\ud800",
        "2021\x00",
        "$2021",
        "9" * 10_000,
        "BC",
        "٢٠٢١-",
        "99999999 BC",
        "1 1 1 1 BC",
        "2021-07-14T00:00:00Z",
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
        2021,
        2021.5,
        [],
        {},
        ["2021"],
        {"$date": 0},
        "21",
        "2021-7",
        "2021-7-4",
        "2021/07/14",
        "Jul 2021",
        "44 BC",
        " 2021",
        "2021 ",
        "2021\n",
        "２０２１",
        "+2021",
        "20210714",
        "12021",
        "-44",
        "-00044",
        "-0000",
        "2021-13",
        "2021-02-30",
        "2021-07-14T00:00:00Z",
        "-" * 5_000,
        "2021-00",
        "2021-01-00",
    ],
)
def test_json_takes_the_iso_form_alone(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, ParseContext())


@pytest.mark.parametrize(
    "text", ["2021", "2021-07", "2021-07-14", "0987", "0000", "-0044", "-0044-03-15", "-10000", "2020-02-29"]
)
def test_dates_keep_their_precision(text):
    assert KIND.to_json(KIND.from_json(text, ParseContext())) == text


def test_leap_years_go_on_before_our_era():
    # 1 BC is the astronomical year 0 and divisible by 400; 5 BC is −4.
    assert parsed("0000-02-29").day == 29
    assert parsed("-0004-02-29").day == 29
    for year in ("-0001", "-0003", "-0100"):
        with pytest.raises(ValueRefused):
            parsed(f"{year}-02-29")


@given(dates(), st.sampled_from(["en", "de", "fr", "zh_Hans_CN"]))
def test_round_trips(value, locale):
    assert KIND.from_json(KIND.to_json(value), ParseContext()) == value
    assert KIND.from_stored(bson.decode(bson.encode({"v": KIND.to_stored(value)}))["v"]) == value
    assert KIND.parse(KIND.typed(value, locale), ParseContext(locale)) == value


@given(dates(first=-9_998), st.sampled_from(["en", "zh_Hans_CN", "de"]))
def test_what_is_shown_can_be_typed(value, locale):
    assert parsed(KIND.text(value, RenderContext(locale)), locale) == value


@given(st.dates(), st.dates())
def test_keys_order_as_time_does(a, b):
    keys = [KIND.sort_keys(PartialDate(day.year, day.month, day.day)).low for day in (a, b)]
    assert (keys[0] < keys[1]) == (a < b)


@given(dates(), dates())
def test_keys_order_coarser_dates_before_the_finer_ones_inside(a, b):
    def order(value):
        return (value.year, value.month or 0, value.day or 0)

    assert KIND.compare(a, b) == (order(a) > order(b)) - (order(a) < order(b))


def test_years_before_our_era_come_first():
    ordered = [
        "-10000",
        "-0044",
        "-0043-03-15",
        "0000",
        "0987",
        "2021",
        "2021-01",
        "2021-01-01",
        "2021-07",
        "2022",
    ]
    assert sorted(ordered, key=lambda text: KIND.sort_keys(parsed(text)).low) == ordered


@pytest.mark.parametrize(
    ("bound", "inside"),
    [("2021", "2021-07-14"), ("2021", "2021"), ("2021-07", "2021-07-31"), ("-0044", "-0044-12")],
)
def test_a_coarse_bound_covers_every_finer_date_inside(bound, inside):
    low, high = KIND.filter_range(bound, ParseContext())
    assert low <= KIND.sort_keys(parsed(inside)).low + "\x00id" < high


@pytest.mark.parametrize("outside", ["2020-12-31", "2022", "2022-01-01", "2020"])
def test_a_coarse_bound_covers_no_other_date(outside):
    low, high = KIND.filter_range("2021", ParseContext())
    assert not low <= KIND.sort_keys(parsed(outside)).low + "\x00id" < high


@pytest.mark.parametrize(
    ("value", "locale", "text"),
    [
        ("2021-07-14", "en", "July 14, 2021"),
        ("2021-07-14", "de", "14. Juli 2021"),
        ("2021-07-14", "zh_Hans_CN", "2021年7月14日"),
        ("2021-07", "en", "July 2021"),
        ("2021", "zh_Hans_CN", "2021年"),
        ("-0043", "en", "44 BC"),
        ("-0043-03-15", "zh_Hans_CN", "公元前44年3月15日"),
        ("0079", "en", "79 AD"),
    ],
)
def test_dates_are_written_in_the_readers_language(value, locale, text):
    assert KIND.text(parsed(value), RenderContext(locale)) == text


def test_programs_can_read_the_markup():
    assert 'datetime="2021-07"' in KIND.render(parsed("2021-07"), RenderContext())


@given(st.dates())
def test_the_iso_form_is_that_of_the_standard_library(day):
    assert iso(PartialDate(day.year, day.month, day.day)) == date.isoformat(day)
