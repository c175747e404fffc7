"""Dates that may lack the day, or the month as well.

Years are counted astronomically, as in ISO 8601 and its expanded form: 0 is 1 BC, -0044 is 45 BC. The
calendar is the Gregorian one, also before its introduction.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds import numerals
from app.kinds.base import Kind, ParseContext, RenderContext, SortKeys, isolated

FIRST_YEAR, LAST_YEAR = -999_999, 9_999
_EXPECTED = Message(N_("Expected a date such as 2021, 2021-07 or 2021-07-14."))

# More than four digits only before our era: 202107 is rather a month without its hyphen.
ISO_PATTERN = r"^([0-9]{4}|-[0-9]{4}|-[1-9][0-9]{4,5})(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_ISO = re.compile(r"(-?[0-9]{4,6})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day of the calendar, a month (``day`` is None) or a year (``month`` too). Year 0 is 1 BC."""

    year: int
    month: int | None = None
    day: int | None = None


class DateKind(Kind[PartialDate]):
    """Partial dates: they keep their precision, and sort before every finer date inside them."""

    tag = "date"
    label = N_("Date")
    widget = "date"

    def parse(self, text: str, context: ParseContext) -> PartialDate:
        """Understand ISO 8601, names of months (English, the locale's), ``2021年7月14日``, ``44 BC``."""
        plain = numerals.normalize(text).casefold()
        found = _typed_iso(plain) or _chinese(plain) or _dotted(plain, context.locale)
        found = found or _named(plain, context.locale)
        if found is None:
            raise ValueRefused(_EXPECTED)
        return found

    def from_json(self, raw: object, context: ParseContext) -> PartialDate:
        """Take the ISO form alone."""
        return self.from_stored(raw)

    def to_json(self, value: PartialDate) -> object:
        """Return the ISO form, years in at least four digits."""
        return iso(value)

    def from_stored(self, stored: object) -> PartialDate:
        """Read the ISO form."""
        if not isinstance(stored, str) or len(stored) > 20 or not re.match(ISO_PATTERN, stored):
            raise ValueRefused(_EXPECTED)
        match = _ISO.fullmatch(stored)
        if match is None or match[1] == "-0000":
            raise ValueRefused(_EXPECTED)
        return _from_groups(match)

    def typed(self, value: PartialDate, locale: str) -> str:
        """Return the ISO form."""
        return iso(value)

    def text(self, value: PartialDate, context: RenderContext) -> str:
        """Return the date as the reader's language writes it, with its era before the year 1000."""
        return _written(value, context.locale)

    def render(self, value: PartialDate, context: RenderContext) -> Markup:
        """Return the date as HTML; those of our era can be read by programs too."""
        text = self.text(value, context)
        if value.year < 1:
            return isolated(text)
        return Markup(f'<time datetime="{iso(value)}">{isolated(text)}</time>')  # noqa: S704 - digits and escaped text

    def sort_keys(self, value: PartialDate) -> SortKeys:
        """Sort by time; a year comes right before its months, a month before its days."""
        finer = "".join(f"{part:02d}" for part in (value.month, value.day) if part)
        return SortKeys(f"date {value.year - FIRST_YEAR:07d}{finer}")

    def filter_range(self, text: str, context: ParseContext) -> tuple[str, str]:
        """Return the bounds of all dates inside the typed one: 2021 covers each day of it."""
        key = self.sort_keys(self.parse(text, context)).low
        # ":" follows the digits, with which the keys of finer dates go on.
        return key + "\x00", key + ":"

    def json_schema(self) -> dict[str, object]:
        """A string in ISO form."""
        return {"type": "string", "pattern": ISO_PATTERN}


def iso(value: PartialDate) -> str:
    """Return ``2021``, ``2021-07`` or ``2021-07-14``; years before our era as ``-0044``."""
    year = f"{'-' if value.year < 0 else ''}{abs(value.year):04d}"
    return "-".join([year, *(f"{part:02d}" for part in (value.month, value.day) if part)])


def _checked(year: int, month: int | None = None, day: int | None = None) -> PartialDate:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueRefused(_EXPECTED)
    if month is not None and not 1 <= month <= 12:
        raise ValueRefused(Message(N_("Expected a month from 01 to 12.")))
    if month is not None and day is not None and not 1 <= day <= _days(year, month):
        raise ValueRefused(Message(N_("Expected a day that this month has.")))
    return PartialDate(year, month, day)


def _days(year: int, month: int) -> int:
    # The calendar repeats after 400 years, so any year has a twin that the library knows.
    return monthrange(2000 + year % 400, month)[1]


def _from_groups(match: re.Match[str], *, before_era: bool = False) -> PartialDate:
    year, month, day = (int(part) if part else None for part in match.groups())
    return _checked(_astronomical(year or 0, before_era=before_era), month, day)


def _astronomical(year: int, *, before_era: bool) -> int:
    """Return the year of our era, or 1 − year of the one before; there is no year 0 in either."""
    if before_era and year < 1:
        raise ValueRefused(_EXPECTED)
    return 1 - year if before_era else year


# What people type. The text is normalised and case-folded.

_TYPED_ISO = re.compile(r"([0-9]{4}|-[0-9]{4,6})(?:([-/.])([0-9]{1,2})(?:\2([0-9]{1,2}))?)?")
_CHINESE = re.compile(r"(公元前|前|公元)?([0-9]{1,6})年(?:([0-9]{1,2})月(?:([0-9]{1,2})[日号])?)?")
_DOTTED = re.compile(r"(?:([0-9]{1,2})([./-]) ?)?([0-9]{1,2})([./-]) ?([0-9]{4})")
_BEFORE_ERA = ("before christ", "b.c.e.", "b.c.", "bce", "bc", "v. chr.", "v.chr.", "av. j.-c.", "av. j.c.")
_OF_ERA = ("a.d.", "c.e.", "ad", "ce", "n. chr.", "n.chr.", "ap. j.-c.", "ap. j.c.")


def _typed_iso(text: str) -> PartialDate | None:
    match = _TYPED_ISO.fullmatch(text)
    if match is None or match[1] == "-0000":
        return None
    year, _, month, day = match.groups()
    return _checked(int(year), int(month) if month else None, int(day) if day else None)


def _chinese(text: str) -> PartialDate | None:
    match = _CHINESE.fullmatch(text.replace(" ", ""))
    if match is None:
        return None
    era, year, month, day = match.groups()
    before = era in ("公元前", "前")
    known = _astronomical(int(year), before_era=before)
    return _checked(known, int(month) if month else None, int(day) if day else None)


def _dotted(text: str, locale: str) -> PartialDate | None:
    """Understand ``14.7.2021``, and ``7/14/2021`` where only one order makes sense or the locale tells it."""
    match = _DOTTED.fullmatch(text)
    if match is None or (match[2] and match[2] != match[4]):
        return None
    if match[1] is None:
        return _checked(int(match[5]), int(match[3]))
    first, second, year = int(match[1]), int(match[3]), int(match[5])
    if match[2] == "." or first > 12 or first == second:
        return _checked(year, second, first)
    if second > 12:
        return _checked(year, first, second)
    parsed = numerals.locale_of(locale)
    if parsed.language == "zh" or (parsed.language == "en" and parsed.territory is None):
        message = N_("Day or month first? Expected a date such as 2021-07-14 or 14 July 2021.")
        raise ValueRefused(Message(message))
    month_first = parsed.date_formats["short"].pattern.casefold().startswith("m")
    return _checked(year, first, second) if month_first else _checked(year, second, first)


def _named(text: str, locale: str) -> PartialDate | None:
    """Understand dates with the name of a month, and years with an era: ``Jul 2021``, ``44 BC``."""
    before_era, bare = _without_era(text, locale)
    has_era = bare != text
    month, numbers = None, []
    for word in _words(bare):
        name = word.rstrip(".")
        if word.isdecimal():
            numbers.append(word)
        elif month is None and name in _months(locale):
            month = _months(locale)[name]
        elif word not in (".", "de", "of", "the", "le", "den"):
            return None
    if not 1 <= len(numbers) <= (2 if month else 1) or not (month or has_era):
        return None
    year, day = _year_and_day(numbers, has_era=has_era)
    return None if year is None else _checked(_astronomical(year, before_era=before_era), month, day)


def _words(text: str) -> list[str]:
    """Return numbers without ordinal endings and separators (4th; 10,000), names and other signs."""
    bare = re.sub(r"([0-9])(?:st|nd|rd|th|er)\b", r"\1", text)
    return re.findall(
        r"[0-9]+|[^\W\d_]+\.?|[^\s,]", re.sub(r"(?<![0-9])([0-9]{1,3}),([0-9]{3})(?![0-9])", r"\1\2", bare)
    )


def _year_and_day(numbers: list[str], *, has_era: bool) -> tuple[int | None, int | None]:
    """Return which of one or two numbers is the year: the long one, or the later where an era follows."""
    long = [number for number in numbers if len(number) >= 3]
    if len(long) > 1 or any(len(number) > 6 for number in numbers) or not (long or has_era):
        return None, None
    year = long[0] if long else numbers[-1]
    rest = list(numbers)
    rest.remove(year)
    return int(year), int(rest[0]) if rest else None


def _without_era(text: str, locale: str) -> tuple[bool, str]:
    """Return whether the text names the era before ours, and the text without its era."""
    for before, names in _eras(locale):
        for name in names:
            if text.endswith(name) and not text[: -len(name)][-1:].isalpha():
                return before, text[: -len(name)].strip()
            if text.startswith(name) and not text[len(name) :][:1].isalpha():
                return before, text[len(name) :].strip()
    return False, text


@lru_cache(maxsize=64)
def _eras(locale: str) -> tuple[tuple[bool, tuple[str, ...]], ...]:
    eras = numerals.locale_of(locale).eras
    named = [
        (index == 0, _normal(widths[index]))
        for widths in eras.values()
        for index in (0, 1)
        if index in widths
    ]
    before = {name for is_before, name in named if is_before} | set(_BEFORE_ERA)
    after = {name for is_before, name in named if not is_before} | set(_OF_ERA)
    return (True, tuple(sorted(before, key=len, reverse=True))), (
        False,
        tuple(sorted(after, key=len, reverse=True)),
    )


def _normal(name: str) -> str:
    return numerals.normalize(name).casefold()


@lru_cache(maxsize=64)
def _months(locale: str) -> Mapping[str, int]:
    """Return the numbers of month names, English and the locale's, without their closing points."""
    return {name: number for language in ("en", locale) for name, number in _month_names(language)} | {
        "sept": 9
    }


def _month_names(locale: str) -> Iterator[tuple[str, int]]:
    months = numerals.locale_of(locale).months
    for use in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for number, name in months[use][width].items():
                if any(char.isalpha() for char in name):
                    yield _normal(name).rstrip("."), number


# How a date is written.

_FIELD = re.compile(r"'(?P<quoted>[^']*)'|(?P<field>[GyYMLd])(?P=field)*")


@lru_cache(maxsize=4096)
def _written(value: PartialDate, locale: str) -> str:
    """Fill the CLDR pattern of the locale; Python's own dates know neither years before 1 nor gaps."""
    return _FIELD.sub(lambda match: _field(match, value, locale), _pattern(value, locale)).strip()


def _pattern(value: PartialDate, locale: str) -> str:
    if value.year < 1000:
        return _skeleton(locale, "GyMMMd" if value.day else "GyMMM" if value.month else "Gy")
    if value.day:
        return str(numerals.locale_of(locale).date_formats["long"].pattern)
    return _skeleton(locale, "yMMMM" if value.month else "y")


def _skeleton(locale: str, skeleton: str) -> str:
    found = numerals.locale_of(locale).datetime_skeletons.get(skeleton)
    if found is not None:
        return str(found.pattern)
    return {"y": "y", "yMMMM": "MMMM y", "Gy": "y G", "GyMMM": "MMM y G"}.get(skeleton, "d MMM y G")


def _field(match: re.Match[str], value: PartialDate, locale: str) -> str:
    parsed, field = numerals.locale_of(locale), match["field"]
    if field is None:
        return match["quoted"] or "'"
    if field == "G":
        return str(parsed.eras["abbreviated"][0 if value.year < 1 else 1])
    if field in "yY":
        return str(value.year if value.year > 0 else 1 - value.year)
    if field == "d":
        return str(value.day).zfill(len(match[0]))
    width = len(match[0])
    if width < 3:
        return str(value.month).zfill(width)
    names = parsed.months["format" if field == "M" else "stand-alone"]
    return str(names["wide" if width == 4 else "abbreviated"][value.month])
