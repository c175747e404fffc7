"""Amounts of money in the currencies of ISO 4217. They are never converted: rates change, entries do not."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies
from markupsafe import Markup

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds import json_forms, measures, numerals
from app.kinds.base import Display, Kind, ParseContext, RenderContext, SortKeys

# ISO 4217, with the currencies of the past; XXX is "no currency", XTS is for tests.
CURRENCIES = frozenset(list_currencies()) - {"XXX", "XTS"}
NO_CURRENCY = Message(N_("Expected a currency code of ISO 4217 such as “EUR”."))

_SIGNS: Mapping[str, str] = {
    "€": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "欧元": "EUR",
    "$": "USD",
    "us$": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "美元": "USD",
    "£": "GBP",
    "pound": "GBP",
    "pounds": "GBP",
    "英镑": "GBP",
    "元": "CNY",
    "人民币": "CNY",
    "人民币元": "CNY",
    "rmb": "CNY",
    "cn¥": "CNY",
    "yuan": "CNY",
    "円": "JPY",
    "jp¥": "JPY",
    "yen": "JPY",
    "日元": "JPY",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "hk$": "HKD",
    "港元": "HKD",
    "港币": "HKD",
    "mx$": "MXN",
    "nt$": "TWD",
    "nz$": "NZD",
    "r$": "BRL",
    "s$": "SGD",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "₺": "TRY",
    "₴": "UAH",
    "₫": "VND",
    "₪": "ILS",
    "฿": "THB",
    "₱": "PHP",
    "₦": "NGN",
    "zł": "PLN",
    "kč": "CZK",
    "sfr.": "CHF",
    "fr.": "CHF",
}
# Signs that several countries write, by the language of the writer.
_LOCAL_SIGNS: Mapping[str, Mapping[str, str]] = {
    "¥": {"zh": "CNY", "": "JPY"},
    "kr": {"sv": "SEK", "nb": "NOK", "nn": "NOK", "no": "NOK", "da": "DKK", "is": "ISK"},
}
_CURRENCY = r"[^\d\s+\-.,'][^\d\s+\-]*"
_BEFORE = re.compile(rf"(?P<sign>[+-]?)\s?(?P<currency>{_CURRENCY})\s?(?P<amount>[+-]?\s?[\d.,].*)")
_SPACES = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount, with all the digits it was given, and a code of ISO 4217."""

    amount: Decimal
    currency: str


class MoneyKind(Kind[Money]):
    """Money: only amounts of one currency have an order."""

    tag = "money"
    label = N_("Money")
    widget = "money"
    numeric = True

    def parse(self, text: str, context: ParseContext) -> Money:
        """Understand ``999 EUR``, ``€999``, ``1.299,00 €`` (German); the property's unit may be meant."""
        plain = numerals.normalize(text)
        before = _BEFORE.fullmatch(plain)
        if before:
            currency = _accepted(before["currency"], context)
            amount = before["amount"] if not before["sign"] else before["sign"] + before["amount"]
            return Money(numerals.parse_decimal(amount, context.locale), currency)
        number, rest = numerals.split_amount(plain, context.locale)
        return Money(number, _accepted(rest or context.unit or "", context))

    def from_json(self, raw: object, context: ParseContext) -> Money:
        """Take ``{"amount", "currency"}``: an exact decimal string or JSON number, and a code in capitals."""
        return self.from_stored(raw)

    def to_json(self, value: Money) -> object:
        """Return the amount as its exact decimal string."""
        return {"amount": numerals.decimal_text(value.amount), "currency": value.currency}

    def from_stored(self, stored: object) -> Money:
        """Read the JSON form."""
        found = json_forms.members(stored, '{"amount": "999.00", "currency": "EUR"}', ("amount", "currency"))
        with json_forms.within("amount"):
            amount = numerals.from_json_amount(found["amount"])
        currency = found["currency"]
        if not isinstance(currency, str) or currency not in CURRENCIES:
            raise ValueRefused(NO_CURRENCY, "currency")
        return Money(amount, currency)

    def typed(self, value: Money, locale: str) -> str:
        """Return all digits with the locale's decimal sign, and the code."""
        return f"{numerals.typed_amount(value.amount, locale)} {value.currency}"

    def text(self, value: Money, context: RenderContext) -> str:
        """Return the amount with its currency, as the reader's language writes it."""
        return _written(value, context.locale, _own_decimals(value))

    def display(self, value: Money, context: RenderContext) -> Display:
        """Return the value made ready for a reader, on its own."""
        return self._display(value, context, _own_decimals(value))

    def display_row(self, values: Sequence[Money | None], context: RenderContext) -> list[Display | None]:
        """Return the values of a row, those of one currency with equal decimals; none is rounded."""
        decimals = _row_decimals([value for value in values if value is not None])
        return [
            None if value is None else self._display(value, context, decimals[value.currency])
            for value in values
        ]

    def _display(self, value: Money, context: RenderContext, decimals: int | None) -> Display:
        text = _written(value, context.locale, decimals)
        return Display(Markup("<bdi>%s</bdi>") % text, text, "", value.amount, value.currency)

    def sort_keys(self, value: Money) -> SortKeys:
        """Sort within a currency by the amount."""
        return SortKeys(f"{value.currency} {numerals.sort_key(value.amount)}")

    def json_schema(self) -> dict[str, object]:
        """An amount and one of the codes."""
        currency = {"type": "string", "enum": sorted(CURRENCIES)}
        members = {"amount": measures.amount_schema(), "currency": currency}
        return measures.schema(members, "amount", "currency")


def _accepted(currency: str, context: ParseContext) -> str:
    """Return the code of what a person wrote for a currency, or raise ValueRefused."""
    word = currency.strip()
    code = word.upper() if word.upper() in CURRENCIES else _by_sign(word.casefold(), context.locale)
    if code is None:
        message = N_("Expected an amount with its currency, such as 999 EUR or €999.")
        raise ValueRefused(Message(message))
    return code


def _by_sign(sign: str, locale: str) -> str | None:
    parsed = numerals.locale_of(locale)
    if sign == "元" and parsed.territory == "TW":
        return "TWD"
    local = _LOCAL_SIGNS.get(sign)
    if local:
        return local.get(parsed.language) or local.get("")
    return _SIGNS.get(sign)


# How an amount is written.


@lru_cache(maxsize=1024)
def _precision(currency: str) -> int:
    return get_currency_precision(currency)


def _decimals(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _own_decimals(value: Money) -> int | None:
    """Return the decimals of one amount: none for whole ones, else at least the currency's."""
    decimals = _decimals(value.amount)
    if numerals.is_scientific(value.amount):
        return None
    return max(decimals, _precision(value.currency)) if decimals else 0


def _row_decimals(values: Sequence[Money]) -> dict[str, int | None]:
    """Return the decimals of each currency's amounts; None where each keeps its own."""
    found: dict[str, int | None] = {}
    for currency in {value.currency for value in values}:
        own = [_own_decimals(value) for value in values if value.currency == currency]
        known = [decimals for decimals in own if decimals is not None]
        alike = len(known) == len(own) and max(known) <= max(3, *known[:1], min(known))
        found[currency] = max(known) if alike else None
    return found


def _written(value: Money, locale: str, decimals: int | None) -> str:
    own = _own_decimals(value) if decimals is None else decimals
    before, after = _pattern(locale, value.currency, negative=value.amount < 0)
    return before + numerals.format_amount(value.amount.copy_abs(), locale, own) + after


@lru_cache(maxsize=4096)
def _pattern(locale: str, currency: str, *, negative: bool) -> tuple[str, str]:
    """Return what a language writes before and after an amount of ``currency``."""
    parsed = numerals.locale_of(locale)
    pattern = parsed.currency_formats["standard"]
    symbol = get_currency_symbol(currency, parsed)
    before, after = pattern.prefix[negative], pattern.suffix[negative]
    # A code would run into the digits where a sign does not: CHF 5, but €5.
    gap = "\u00a0" if symbol[-1].isalpha() and before.endswith("¤") else ""
    return before.replace("¤", symbol + gap), after.replace("¤", symbol)
