"""Money: typed, JSON, stored, shown, ordered."""

from decimal import Decimal

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.money import CURRENCIES, Money, MoneyKind

KIND = MoneyKind()
MONEY = st.builds(
    Money,
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=3),
    st.sampled_from(sorted(CURRENCIES)),
)


def parsed(text, locale="en", **context):
    return KIND.parse(text, ParseContext(locale, **context))


@pytest.mark.parametrize(
    ("typed", "locale", "amount", "currency"),
    [
        ("999 EUR", "en", "999", "EUR"),
        ("eur 999.00", "en", "999.00", "EUR"),
        ("€999", "en", "999", "EUR"),
        ("€ 999", "en", "999", "EUR"),
        ("1.299,00 €", "de", "1299.00", "EUR"),
        ("1\u202f299,50 €", "fr", "1299.50", "EUR"),
        ("US$ 5", "en", "5", "USD"),
        ("$0.0000025", "en", "0.0000025", "USD"),
        ("-$5", "en", "-5", "USD"),
        ("$-5", "en", "-5", "USD"),
        ("−5 €", "en", "-5", "EUR"),
        ("¥5", "en", "5", "JPY"),
        ("¥5", "zh_Hans_CN", "5", "CNY"),
        ("￥５", "zh_Hans_CN", "5", "CNY"),
        ("5元", "zh_Hans_CN", "5", "CNY"),
        ("100万元", "zh_Hans_CN", "1000000", "CNY"),
        ("5 元", "zh_Hant_TW", "5", "TWD"),
        ("100 kr", "sv", "100", "SEK"),
        ("CHF 1’299.50", "de_CH", "1299.50", "CHF"),
        ("5 euros", "en", "5", "EUR"),
    ],
)
def test_what_a_person_types(typed, locale, amount, currency):
    value = parsed(typed, locale)
    assert KIND.to_json(value) == {"amount": amount, "currency": currency}


def test_without_a_currency_the_propertys_unit_is_meant():
    assert parsed("999", unit="EUR") == Money(Decimal(999), "EUR")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "EUR",
        "5 XYZ",
        "5 XXX",
        "€",
        "$",
        "$gt",
        "€€5",
        "5 EUR USD",
        "EUR 1,08",
        "-€-5",
        "9**9 EUR",
        "5\x00 EUR",
        "\ud800 5",
        "1" * 10_000 + " EUR",
        "🎉5",
        "EUR NaN",
        "100 kr",
        "Infinity EUR",
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
        5,
        "999 EUR",
        [],
        {},
        {"amount": "5"},
        {"amount": "5", "currency": "eur"},
        {"amount": "5", "currency": "€"},
        {"amount": "5", "currency": None},
        {"amount": "5", "currency": ["EUR"]},
        {"amount": True, "currency": "EUR"},
        {"amount": "5", "currency": "EUR", "x": 1},
        {"amount": float("nan"), "currency": "EUR"},
        {"amount": "5", "currency": {"$ne": 1}},
        {"amount": "5", "currency": "XXX"},
    ],
)
def test_other_json_is_refused(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, ParseContext())


def test_the_exact_amount_comes_back():
    json = {"amount": "999.00", "currency": "EUR"}
    assert KIND.to_json(KIND.from_json(json, ParseContext())) == json


@given(MONEY, st.sampled_from(["en", "de", "fr", "zh_Hans_CN"]))
def test_round_trips(value, locale):
    assert KIND.from_json(KIND.to_json(value), ParseContext()) == value
    assert KIND.from_stored(bson.decode(bson.encode({"v": KIND.to_stored(value)}))["v"]) == value
    assert KIND.parse(KIND.typed(value, locale), ParseContext(locale)) == value


@given(MONEY, MONEY)
def test_amounts_order_within_a_currency(a, b):
    order = (a.amount > b.amount) - (a.amount < b.amount)
    assert KIND.compare(Money(a.amount, "EUR"), Money(b.amount, "EUR")) == order
    assert KIND.compare(Money(a.amount, "EUR"), Money(b.amount, "USD")) is None


@pytest.mark.parametrize(
    ("typed", "locale", "text"),
    [
        ("999 EUR", "en", "€999"),
        ("999.5 EUR", "en", "€999.50"),
        ("999,00 EUR", "de", "999,00\u00a0€"),
        ("0.0000025 USD", "en", "$0.0000025"),
        ("-5 EUR", "en", "-€5"),
        ("5 CHF", "en", "CHF\u00a05"),
    ],
)
def test_amounts_are_shown_as_the_language_writes_them(typed, locale, text):
    assert KIND.text(parsed(typed, locale), RenderContext(locale)) == text


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (["999 EUR", "1299.50 EUR", None], ["€999.00", "€1,299.50", None]),
        (["15 USD", "0.0000025 USD"], ["$15", "$0.0000025"]),
        (["999.50 EUR", "5 USD"], ["€999.50", "$5"]),
    ],
)
def test_a_row_has_equal_decimals_for_each_currency(row, shown):
    displays = KIND.display_row([text and parsed(text) for text in row], RenderContext())
    assert [display and display.text for display in displays] == shown
