"""Numbers typed, in JSON, as sort keys and for readers."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ValueRefused
from app.kinds import numerals

LOCALES = ("en", "de", "fr", "de_CH", "en_IN", "zh_Hans_CN")
HOSTILE = [
    "",
    " ",
    "abc",
    "\x00",
    "1\x002",
    "\ud800",
    "🎉",
    "NaN",
    "Infinity",
    "-",
    "+",
    ".",
    ",",
    "1,,000",
    "1..2",
    "5.",
    "--5",
    "1e",
    "1e99999",
    "1e-99999",
    "1e999999999999999999999",
    "10^99999",
    "0x10",
    "1_000",
    "½",
    "1/2",
    "1" * 35,
    "9" * 10_000,
    "1" + "0" * 6_000,
    "$",
    "{$gt: 1}",
    "9**9**9",
    "1 2 3",
    "2²",
    "\u202e5\u202cx",
]


@st.composite
def amounts(draw, most_exponent=5_900):
    digits = draw(st.integers(0, 10**34 - 1))
    exponent = draw(st.one_of(st.integers(-6, 6), st.integers(-most_exponent, most_exponent)))
    return Decimal((draw(st.integers(0, 1)), tuple(map(int, str(digits))), exponent))


@pytest.mark.parametrize(
    ("typed", "locale", "expected"),
    [
        ("1,080.5", "en", "1080.5"),
        ("1.080,5", "de", "1080.5"),
        ("8,850", "de", "8.850"),
        ("8.850", "en", "8.850"),
        ("1 080,5", "fr", "1080.5"),
        ("1\u202f080,5", "fr", "1080.5"),
        ("1\u00a0080,5", "fr", "1080.5"),
        ("1.5", "fr", "1.5"),
        ("1’080.5", "de_CH", "1080.5"),
        ("1'080'000", "de_CH", "1080000"),
        ("12,34,567", "en_IN", "1234567"),
        ("１２３．５", "zh_Hans_CN", "123.5"),
        ("1.08万", "zh_Hans_CN", "10800"),
        ("14.1亿", "zh_Hans_CN", "1410000000"),
        ("9.1 million", "en", "9100000"),
        ("9.1 million", "zh_Hans_CN", "9100000"),
        ("٣٤٥", "en", "345"),
        ("−5", "en", "-5"),
        ("+5", "en", "5"),
        (".5", "en", "0.5"),
        ("999.00", "en", "999.00"),
        ("1.5e3", "en", "1.5e3"),
        ("1.5E-3", "en", "0.0015"),
        ("1.5×10^3", "en", "1.5e3"),
        ("1.5 × 10³", "en", "1.5e3"),
        ("1,67 × 10⁻²⁷", "de", "1.67e-27"),
        ("10³", "en", "1e3"),
    ],
)
def test_typed_numbers_are_read_in_the_signs_of_the_locale(typed, locale, expected):
    assert numerals.decimal_text(numerals.parse_decimal(typed, locale)) == expected


@pytest.mark.parametrize(
    ("typed", "locale"),
    [("1,08", "en"), ("1.5", "de"), ("0,123", "en"), ("1,00,000", "en"), ("1.080", "fr"), ("1,080", "fr_CH")],
)
def test_separators_that_the_locale_would_not_write_are_refused(typed, locale):
    if locale == "fr_CH":
        assert numerals.parse_decimal(typed, locale) == Decimal("1.080")
        return
    with pytest.raises(ValueRefused):
        numerals.parse_decimal(typed, locale)


def test_words_for_large_numbers_are_refused_where_they_mean_others():
    with pytest.raises(ValueRefused):
        numerals.parse_decimal("1 billion", "de")


@pytest.mark.parametrize("text", ["½", "1½ kg", "3:30", "5±1", "5+"])
def test_what_follows_a_number_without_being_a_unit_is_not_called_one(text):
    with pytest.raises(ValueRefused, match="Expected a number"):
        numerals.split_amount(text, "en")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_what_is_no_number_is_refused_with_a_message_that_can_be_shown(text, locale):
    with pytest.raises(ValueRefused) as refused:
        numerals.parse_decimal(text, locale)
    assert len(str(refused.value).encode()) < 300


@pytest.mark.parametrize(
    "raw", ["1", "-1.50", "0", "1e6000", "1.5E+3", "9" * 34, "007", "0." + "0" * 5_999 + "1"]
)
def test_exact_decimal_strings_are_accepted(raw):
    assert numerals.from_json_string(raw) == Decimal(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " 1",
        "1 ",
        "+1",
        ".5",
        "5.",
        "1,000",
        "１",
        "1e",
        "NaN",
        "Infinity",
        "0x1",
        "1_0",
        "1\n",
        "--1",
        "1e6001",
        "1e-6001",
        "1e99999999999999999999",
        "9" * 35,
        "9" * 10_000,
        "1\x00",
    ],
)
def test_other_strings_are_no_amounts(raw):
    with pytest.raises(ValueRefused):
        numerals.from_json_amount(raw)


@pytest.mark.parametrize(
    "raw",
    [
        True,
        False,
        None,
        [],
        {},
        [1],
        float("nan"),
        float("inf"),
        10**4_000,
        -(10**34),
        Decimal("NaN"),
        Decimal("1e6001"),
    ],
)
def test_what_is_no_json_number_within_the_limits_is_refused(raw):
    with pytest.raises(ValueRefused):
        numerals.from_json_amount(raw)


def test_a_json_float_means_the_digits_that_were_written():
    assert numerals.from_json_amount(json.loads("8.85")) == Decimal("8.85")
    assert numerals.from_json_amount(10**34 - 1) == 10**34 - 1


@pytest.mark.parametrize(
    "text", ["8.850", "999.00", "0", "0.00", "-5", "1.5e3", "1e-7", "6.02214076e23", "1.67e-27"]
)
def test_the_exact_string_keeps_value_and_precision(text):
    written = numerals.decimal_text(Decimal(text))
    assert Decimal(written).as_tuple() == Decimal(text).as_tuple()


def test_trailing_zeros_come_back_as_typed():
    assert [numerals.decimal_text(Decimal(text)) for text in ("8.850", "999.00", "0.0000001")] == [
        "8.850",
        "999.00",
        "0.0000001",
    ]


@given(amounts())
def test_the_exact_string_round_trips(amount):
    assert numerals.from_json_string(numerals.decimal_text(amount)).as_tuple() == amount.as_tuple()


@given(amounts(), st.sampled_from(LOCALES))
def test_what_is_typed_back_is_read_as_the_same(amount, locale):
    if len(numerals.typed_amount(amount, locale)) <= numerals.MAX_TYPED:
        assert numerals.parse_decimal(numerals.typed_amount(amount, locale), locale) == amount


@given(st.text(max_size=250), st.sampled_from(LOCALES))
def test_any_text_is_read_or_refused(text, locale):
    try:
        numerals.split_amount(text, locale)
    except ValueRefused as refused:
        str(refused).encode()


@given(amounts(), amounts())
def test_sort_keys_order_as_the_numbers_do(a, b):
    first, second = numerals.sort_key(a), numerals.sort_key(b)
    assert (first > second) - (first < second) == (a > b) - (a < b)


@given(st.fractions(), st.fractions())
def test_sort_keys_of_fractions_order_as_they_do(a, b):
    first, second = numerals.sort_key(a), numerals.sort_key(b)
    if abs(a - b) > Fraction(1, 10**30) * max(abs(a), abs(b)):
        assert (first < second) == (a < b)
    elif a == b:
        assert first == second


@given(amounts(), amounts())
def test_keys_keep_their_order_with_something_appended(a, b):
    first, second = numerals.sort_key(a) + "\x00zz", numerals.sort_key(b) + "\x00aa"
    if a != b:
        assert (first < second) == (a < b)


def test_zero_has_one_key():
    keys = {numerals.sort_key(Decimal(text)) for text in ("0", "-0", "0.000", "0e6000", "-0e-10")}
    assert keys == {numerals.sort_key(Fraction(0))}


def test_equal_numbers_have_equal_keys_however_written():
    assert len({numerals.sort_key(Decimal(text)) for text in ("1000", "1e3", "1000.00", "1.0e3")}) == 1
    assert numerals.sort_key(Fraction(2, 6)) == numerals.sort_key(Fraction(1, 3))


@pytest.mark.parametrize(
    ("amount", "locale", "expected"),
    [
        ("1080.5", "en", "1,080.5"),
        ("1080.50", "de", "1.080,50"),
        ("1234567", "fr", "1\u202f234\u202f567"),
        ("1234567", "en_IN", "12,34,567"),
        ("-5", "en", "-5"),
        ("0.0000025", "en", "0.0000025"),
        ("1.67e-27", "en", "1.67 × 10⁻²⁷"),
        ("6.022e23", "de", "6,022 × 10²³"),
        ("1.5e3", "en", "1,500"),
        ("0.00", "en", "0.00"),
    ],
)
def test_numbers_are_shown_with_just_their_digits(amount, locale, expected):
    assert numerals.format_amount(Decimal(amount), locale) == expected


@given(amounts(), st.sampled_from(LOCALES))
def test_nothing_but_zero_is_shown_as_zero(amount, locale):
    shown = numerals.format_amount(amount, locale)
    assert any(char in "123456789" for char in shown.partition("×")[0]) == bool(amount)


@given(amounts(), st.sampled_from(LOCALES))
def test_what_is_shown_can_be_typed(amount, locale):
    shown = numerals.format_amount(amount, locale)
    if len(shown) <= numerals.MAX_TYPED and len(shown) < 40:
        assert numerals.parse_decimal(shown, locale) == amount


def test_an_unknown_locale_reads_as_english():
    assert numerals.parse_decimal("1,080.5", "xx_nowhere") == Decimal("1080.5")
    assert numerals.parse_decimal("1.080,5", "de-AT") == Decimal("1080.5")
