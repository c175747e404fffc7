"""Numbers as people type them, as JSON brings them, as the database sorts them and as a reader sees them.

Every number is an exact ``Decimal`` that keeps the digits it was given with: ``8.850`` stays ``8.850``.
Limits are those of the public contract: 34 significant digits, an exponent within ±6,000.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol, get_minus_sign_symbol

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message

MAX_DIGITS = 34
MAX_EXPONENT = 6_000
MAX_TYPED = 200
# The longest amount within the limits, "0.000…": sign, point and all its zeros.
_MAX_JSON = MAX_EXPONENT + MAX_DIGITS + 20


def _context(digits: int) -> Context:
    traps = [InvalidOperation, DivisionByZero, Overflow]
    return Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=traps)


# Wide enough that a sum or product of two numbers within the limits loses no digit.
EXACT = _context(13_000)
ROUNDED = _context(MAX_DIGITS)
_KEY = _context(40)

AMOUNT_PATTERN = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_PLAIN_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_JSON_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?0*(?P<exponent>[0-9]+))?")


def check_limits(amount: Decimal) -> Decimal:
    """Return ``amount`` if it is finite and within the limits, else raise ValueRefused."""
    if not amount.is_finite():
        raise ValueRefused(Message(N_("Expected a finite number.")))
    if len(amount.as_tuple().digits) > MAX_DIGITS:
        raise ValueRefused(Message(N_("Expected a number of at most 34 significant digits.")))
    if abs(amount.adjusted()) > MAX_EXPONENT:
        raise ValueRefused(Message(N_("Expected a number between 10^-6000 and 10^6000.")))
    return amount


def from_json_string(raw: str) -> Decimal:
    """Understand the exact decimal string of the contract: ``8.85``, ``-3``, ``1.5e3`` and nothing looser."""
    if len(raw) <= MAX_DIGITS and _PLAIN_AMOUNT.fullmatch(raw):
        return Decimal(raw)  # the usual case: too short to break a limit
    match = _JSON_AMOUNT.fullmatch(raw) if len(raw) <= _MAX_JSON else None
    if match is None:
        raise ValueRefused(
            Message(N_("Expected a decimal number such as “8.85”, without separators or unit."))
        )
    if len(match["exponent"] or "") > 5:
        raise ValueRefused(Message(N_("Expected a number between 10^-6000 and 10^6000.")))
    return check_limits(Decimal(raw))


def from_json_number(raw: object) -> Decimal:
    """Understand a JSON number however it was decoded (int, float, Decimal); a boolean is none."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise ValueRefused(Message(N_("Expected a number.")))
    if isinstance(raw, int) and abs(raw) >= 10**MAX_DIGITS:
        raise ValueRefused(Message(N_("Expected a number of at most 34 significant digits.")))
    # The shortest text that gives the float back is what was written.
    return check_limits(Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw))


def from_json_amount(raw: object) -> Decimal:
    """Understand an ``amount`` member: an exact decimal string or a JSON number."""
    return from_json_string(raw) if isinstance(raw, str) else from_json_number(raw)


def decimal_text(amount: Decimal) -> str:
    """Return the exact decimal string of an amount, its trailing zeros kept.

    ``8.850`` gives ``8.850``, ``1.5E+3`` gives ``1.5e3``; :func:`from_json_string` reads it back to the same
    digits and exponent.
    """
    text = str(amount)
    if "E" not in text:
        return text  # the usual case, and a fifth of the cost
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent <= 0 and amount.adjusted() >= -10:
        return format(amount, "f")
    return f"{_mantissa(amount)}e{amount.adjusted()}"


def _mantissa(amount: Decimal) -> str:
    return format(amount.scaleb(-amount.adjusted(), EXACT), "f")


# What people type.

_SUPERSCRIPTS = {
    **{ord(char): str(value) for value, char in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    ord("⁺"): "+",
    ord("⁻"): "-",
}
_SUPERSCRIPT_RUN = re.compile("[⁺⁻⁰¹²³⁴-⁹]+")
_BIDI_MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_SIGNS = str.maketrans({"−": "-", "‐": "-", "‑": "-", "’": "'", "ʼ": "'", "‘": "'", "٫": ".", "٬": "'"})
_SPACES = re.compile(r"\s+")


def normalize(text: str) -> str:
    """Return typed text with one spelling for each sign: NFKC, ASCII digits, ``-``, ``'``, single spaces.

    Superscripts become ``^2``, so that they stay apart from digits. Raises ValueRefused where the text is
    too long to be a value.
    """
    if len(text) > MAX_TYPED:
        raise ValueRefused(Message(N_("Expected at most 200 characters.")))
    raised = _SUPERSCRIPT_RUN.sub(lambda run: "^" + run[0].translate(_SUPERSCRIPTS), text)
    plain = _BIDI_MARKS.sub("", unicodedata.normalize("NFKC", raised)).translate(_SIGNS)
    return _SPACES.sub(" ", "".join(map(_ascii_digit, plain))).strip()


def _ascii_digit(char: str) -> str:
    return char if char.isascii() or not char.isdecimal() else str(unicodedata.decimal(char))


def quoted(text: str) -> str:
    """Return ``text`` fit to be repeated in a message: short, and without controls or surrogates."""
    safe = "".join(char if unicodedata.category(char) not in ("Cc", "Cs") else "\ufffd" for char in text[:40])
    return safe + "…" if len(text) > 40 else safe


@dataclass(frozen=True, slots=True)
class _Symbols:
    """The signs of a locale; ``group_sizes`` are those of the last and of all further groups.

    ``signs`` says what stands for the signs of Python's own format.
    """

    decimal: str
    group: str
    minus: str
    group_sizes: tuple[int, int]
    short_scale: bool
    signs: Mapping[int, str]


@lru_cache(maxsize=256)
def _symbols(locale: str) -> _Symbols:
    parsed = locale_of(locale)
    last, further = parsed.decimal_formats[None].grouping
    return _Symbols(
        get_decimal_symbol(parsed),
        get_group_symbol(parsed),
        get_minus_sign_symbol(parsed),
        (last, further),
        parsed.language in ("en", "zh"),
        {ord(","): get_group_symbol(parsed), ord("."): get_decimal_symbol(parsed)},
    )


@lru_cache(maxsize=256)
def locale_of(locale: str) -> Locale:
    """Return Babel's locale of an identifier such as ``zh_Hans_CN`` or ``de-CH``; English if unknown."""
    try:
        return Locale.parse(locale, sep="-" if "-" in locale else "_")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


DIGITS = r"(?:\d(?:[.,' ]?\d)*|[.,]\d+)"
_POWER = r"(?:[eE](?P<e>[+-]?\d+)|\s?[x×*·⋅]\s?10\^(?P<pow>[+-]?\d+))"
_SCALE = r"(?:\s?(?P<scale>万|萬|亿|億|(?:thousand|million|billion|trillion)\b))"
_HEAD = re.compile(
    rf"(?P<sign>[+-]?)\s?(?:10\^(?P<bare>[+-]?\d+)|(?P<digits>{DIGITS}){_POWER}?){_SCALE}?", re.IGNORECASE
)
# The same without names, for the grammar of other kinds (ranges).
NUMBER = re.sub(r"\?P<\w+>", "?:", _HEAD.pattern)
_SCALES = {"万": 4, "萬": 4, "亿": 8, "億": 8, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}


def parse_decimal(text: str, locale: str) -> Decimal:
    """Understand a number and nothing else, in the signs of ``locale``; raise ValueRefused otherwise."""
    amount, rest = split_amount(text, locale)
    if rest:
        raise _not_a_number(locale)
    return amount


def split_amount(text: str, locale: str) -> tuple[Decimal, str]:
    """Split typed text into the number at its beginning and the rest (a unit, or nothing).

    A sign that ``locale`` reads in one way is read so; where neither reading is right (``1,08`` in
    English) the number is refused.
    """
    plain = normalize(text)
    match = _HEAD.match(plain)
    if match is None:
        raise _not_a_number(locale)
    rest, scale = plain[match.end() :].strip(), match["scale"] or ""
    if scale.isascii() and scale and not _symbols(locale).short_scale:
        # "Billion" is 10^9 in some languages and 10^12 in others; Chinese has no such word of its own.
        raise _not_a_number(locale)
    digits = "1" if match["bare"] else _plain_digits(match["digits"], _symbols(locale))
    if digits is None or rest[:1] in tuple(".,'^⁄±+:"):
        raise _not_a_number(locale)
    exponent = _small_int(match["bare"] or match["e"] or match["pow"] or "0")
    amount = Decimal(match["sign"] + digits)
    check_limits(amount)
    amount = check_limits(amount.scaleb(exponent + _SCALES.get(scale.lower(), 0), EXACT))
    # 1.08万 is how 10800 is said, not a claim about its precision.
    return round_to(amount, 0) if scale and _fits_whole(amount) else amount, rest


def _fits_whole(amount: Decimal) -> bool:
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent > 0 and amount.adjusted() < MAX_DIGITS


def _small_int(text: str) -> int:
    return int(text) if len(text) < 9 else 10**8


def _not_a_number(locale: str) -> ValueRefused:
    example = format_amount(Decimal("1080.5"), locale)
    return ValueRefused(Message(N_("Expected a number such as “%(example)s”."), {"example": example}))


def _plain_digits(text: str, symbols: _Symbols) -> str | None:
    """Return typed digits as ``1080.5``, or None where their separators make no sense in the locale."""
    point = _decimal_sign(text, symbols)
    whole, _, fraction = text.partition(point) if point else (text, "", "")
    if fraction and not fraction.isdigit():
        return None
    if not whole.isdigit() and whole:
        signs = set(re.sub(r"\d", "", whole))
        if len(signs) != 1 or not _is_grouped(whole, signs.pop(), symbols):
            return None
    return re.sub(r"\D", "", whole or "0") + ("." + fraction if fraction else "")


def _decimal_sign(text: str, symbols: _Symbols) -> str:
    """Return the sign that divides whole from fraction in ``text``, "" if there is none."""
    if symbols.decimal in text:
        return symbols.decimal
    other = "," if symbols.decimal == "." else "."
    # Where the locale gives the other sign no meaning it can only be a point; three digits
    # after it might still be a foreigner's thousands.
    if symbols.group != other and re.fullmatch(rf".*\{other}(?!\d{{3}}$)\d+", text):
        return other
    return ""


def _is_grouped(whole: str, sign: str, symbols: _Symbols) -> bool:
    """Say whether ``sign`` divides the digits into groups as the locale does; spaces and ' do in all."""
    if sign not in (symbols.group, " ", "'", normalize(symbols.group) or " "):
        return False
    groups = whole.split(sign)
    last, further = symbols.group_sizes
    return (
        groups[0][:1] != "0"
        and 1 <= len(groups[0]) <= max(last, further)
        and len(groups[-1]) == last
        and all(len(group) in (further, last) for group in groups[1:-1])
        and len({len(group) for group in groups[1:-1]}) <= 1
    )


# What a reader sees.


def typed_amount(amount: Decimal, locale: str) -> str:
    """Return the exact amount without groups, as :func:`parse_decimal` reads it back in ``locale``."""
    return decimal_text(amount).replace(".", _symbols(locale).decimal)


def is_scientific(amount: Decimal) -> bool:
    """Say whether an amount is too large or too small to be written out."""
    if not amount:
        return False
    magnitude = amount.adjusted()
    if -6 <= magnitude < 15:
        return False  # the usual case; to ask for the exponent costs as much as all the rest
    exponent = amount.as_tuple().exponent
    written_out = isinstance(exponent, int) and exponent <= 0
    return magnitude < -6 or magnitude >= (21 if written_out else 15)


def format_amount(amount: Decimal, locale: str, decimals: int | None = None) -> str:
    """Return an amount for a reader of ``locale``: grouped, ``1.67 × 10⁻²⁷`` where it is extreme.

    With ``decimals`` it is rounded (half to even) or padded to that many. Without, it shows exactly the
    digits it has, so nothing but zero reads as zero.
    """
    symbols = _symbols(locale)
    if decimals is None and is_scientific(amount):
        return _scientific(amount, symbols)
    return _written_out(amount if decimals is None else round_to(amount, decimals), symbols)


def written_out(amount: Decimal, locale: str) -> str:
    """Return an amount for a reader of ``locale``, grouped and with exactly the digits it has."""
    return _written_out(amount, _symbols(locale))


def _written_out(amount: Decimal, symbols: _Symbols) -> str:
    if symbols.group_sizes == (3, 3):
        text = format(amount.copy_abs(), ",f").translate(symbols.signs)
    else:
        whole, _, fraction = format(amount.copy_abs(), "f").partition(".")
        text = _grouped(whole, symbols) + (symbols.decimal + fraction if fraction else "")
    return symbols.minus + text if amount < 0 else text


def round_to(amount: Decimal, decimals: int) -> Decimal:
    """Return the amount with exactly ``decimals`` decimals, half to even; negative ones round tens."""
    return amount.quantize(_step(decimals), context=EXACT)


@lru_cache(maxsize=256)
def _step(decimals: int) -> Decimal:
    return Decimal((0, (1,), -decimals))


def _grouped(whole: str, symbols: _Symbols) -> str:
    last, further = symbols.group_sizes
    head, groups = whole[:-last], [whole[-last:]]
    while head:
        groups.append(head[-further:])
        head = head[:-further]
    return symbols.group.join(reversed(groups))


_TO_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _scientific(amount: Decimal, symbols: _Symbols) -> str:
    mantissa = _mantissa(amount).replace(".", symbols.decimal).replace("-", symbols.minus)
    return f"{mantissa} × 10{str(amount.adjusted()).translate(_TO_SUPERSCRIPT)}"


# What the database sorts.

_EXPONENT_ORIGIN = 50_000
_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def sort_key(value: Decimal | Fraction) -> str:
    """Return a string of ``value`` whose code-point order is the order of the numbers.

    ``1`` is zero; ``2``, the exponent in five digits and the significant digits are a positive number;
    ``0``, their nines' complement and ``~`` a negative one. No key is the beginning of a key that sorts
    before it, whatever of lower code point follows. Values are rounded to 40 significant digits, so the
    same exact value has the same key by whatever unit it came.
    """
    rounded = _rounded_for_key(value)
    if not rounded:
        return "1"
    digits = format(rounded.copy_abs(), "E").partition("E")[0].replace(".", "").rstrip("0")
    key = f"{rounded.adjusted() + _EXPONENT_ORIGIN:05d}{digits}"
    return "2" + key if rounded > 0 else "0" + key.translate(_COMPLEMENT) + "~"


def _rounded_for_key(value: Decimal | Fraction) -> Decimal:
    if isinstance(value, Decimal):
        return _KEY.plus(value)
    return _KEY.divide(Decimal(value.numerator), Decimal(value.denominator))


class Line(NamedTuple):
    """A linear function, ``(amount * times + plus) / over``, its terms ready for exact arithmetic."""

    times: Decimal
    plus: Decimal
    over: Decimal

    def at(self, amount: Decimal, *, for_key: bool = False) -> Decimal:
        """Return the value at ``amount``, rounded once: to 34 digits, or to those of a sort key."""
        total = EXACT.multiply(amount, self.times)
        if self.plus:
            total = EXACT.add(total, self.plus)
        return (_KEY if for_key else ROUNDED).divide(total, self.over)


def line(scale: Fraction, shift: Fraction) -> Line:
    """Return the function ``amount * scale + shift``."""
    return Line(
        Decimal(scale.numerator * shift.denominator),
        Decimal(shift.numerator * scale.denominator),
        Decimal(scale.denominator * shift.denominator),
    )
