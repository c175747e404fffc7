"""Amounts with units: accepting the unit, and making the amounts of one row alike for a reader."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from math import floor, log10
from typing import NamedTuple, Protocol

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds import numerals, units
from app.kinds.base import ParseContext, RenderContext
from app.kinds.checks import clean_line

LONGEST_UNIT = 60


def accept_unit(spelling: str, context: ParseContext) -> str:
    """Return the symbol that a unit is stored under, or raise ValueRefused.

    A unit of the table comes back as its symbol; one that the category declares, as declared.
    """
    found = units.find(spelling)
    if found is not None:
        return found.symbol
    declared = {*context.count_units, *filter(None, [context.unit])}
    if spelling in declared:
        return spelling
    same = [unit for unit in declared if _plain(unit) == _plain(spelling)]
    if len(same) == 1:
        return same[0]
    examples = _examples(context)
    message = N_("Unknown unit “%(unit)s”; expected one such as %(examples)s.")
    raise ValueRefused(Message(message, {"unit": numerals.quoted(spelling), "examples": examples}))


def _plain(unit: str) -> str:
    return numerals.normalize(unit[: numerals.MAX_TYPED]).casefold()


def _examples(context: ParseContext) -> str:
    alike = units.symbols(units.dimension_of(implied_unit(context))) if context.unit else ()
    return ", ".join(alike[:5]) or context.unit or "kg, km/h, °C, %"


def implied_unit(context: ParseContext) -> str:
    """Return the symbol meant where no unit was typed, "" for none."""
    found = units.find(context.unit) if context.unit else None
    return found.symbol if found else context.unit or ""


def json_unit(raw: object, context: ParseContext) -> str | None:
    """Understand the ``unit`` member of the JSON forms: a string of a known unit, or null."""
    return None if raw is None else accept_unit(_unit_text(raw), context)


def stored_unit(raw: object) -> str | None:
    """Read a stored unit, also one that no category declares any longer."""
    # A symbol of the table needs no second look.
    if raw is None or units.is_symbol(raw):
        return raw
    return _unit_text(raw)


def _unit_text(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueRefused(Message(N_("Expected a unit such as “kg”, or null.")))
    return clean_line(raw, LONGEST_UNIT)


# Making a row alike.


class Measured(Protocol):
    """An amount as it was given. ``unit`` is a stored symbol, or None for a plain number."""

    @property
    def amount(self) -> Decimal:
        """How much."""

    @property
    def unit(self) -> str | None:
        """Of what."""


class Measure(NamedTuple):
    """An amount with its unit and nothing else."""

    amount: Decimal
    unit: str | None


class Shown(NamedTuple):
    """An amount as a row shows it: ``amount`` is exact in ``unit``, ``text`` what is worth showing of it.

    ``altered`` says that the text is in another unit, or has fewer digits, than what was given.
    """

    amount: Decimal
    unit: str | None
    text: str
    altered: bool


def lay_out(measures: Sequence[Measured], context: RenderContext) -> list[Shown]:
    """Return the amounts of a row in one unit for each dimension, with equal decimals where sensible."""
    if len({measure.unit for measure in measures}) == 1:
        return _alike(measures, context)
    groups: dict[str | None, list[int]] = {}
    for index, measure in enumerate(measures):
        dimension = None if measure.unit is None else units.dimension_of(measure.unit)
        groups.setdefault(dimension, []).append(index)
    shown: dict[int, Shown] = {}
    for indexes in groups.values():
        shown.update(zip(indexes, _alike([measures[i] for i in indexes], context), strict=True))
    return [shown[index] for index in range(len(measures))]


# The exact amount in the row's unit, what of it is worth showing, that unit, and what was given.
_Converted = tuple[Decimal, Decimal, str | None, Measured]


def _alike(measures: Sequence[Measured], context: RenderContext) -> list[Shown]:
    given = [measure.unit for measure in measures if measure.unit is not None]
    if not given:
        return _written([(m.amount, m.amount, None, m) for m in measures], context)
    unit = units.display_unit(given, context.units, [measure.amount for measure in measures])
    converted = [_converted(measure, unit) for measure in measures]
    return _written(converted if set(given) == {unit} else _equally_worth(converted), context)


def _equally_worth(converted: Sequence[_Converted]) -> Sequence[_Converted]:
    """Let equal amounts be rounded alike, whatever they were given in: 1.5 kg and 1,500 g in pounds."""
    finest: dict[Decimal, Decimal] = {}
    for amount, worth, _, _ in converted:
        known = finest.get(amount)
        finest[amount] = worth if known is None else max(known, worth, key=_decimals)
    return [(amount, finest[amount], unit, given) for amount, _, unit, given in converted]


def _converted(measure: Measured, unit: str) -> _Converted:
    if measure.unit is None or measure.unit == unit:
        return measure.amount, measure.amount, measure.unit, measure
    try:
        amount = units.convert(measure.amount, measure.unit, unit)
    except ValueError:
        # A consumption of zero is no finite economy.
        return measure.amount, measure.amount, measure.unit, measure
    return amount, _worthwhile(measure, amount, unit), unit, measure


def _worthwhile(measure: Measured, amount: Decimal, unit: str) -> Decimal:
    """Return ``amount`` rounded to about the precision of what was given, at least three digits."""
    rounded = numerals.round_to(amount, -_last_place(measure, amount, unit))
    if rounded != amount:
        return rounded
    # Exact: its own digits are enough, without zeros that come from the rounding alone.
    return amount if amount.as_tuple().exponent == 0 else _trimmed(amount)


def _trimmed(amount: Decimal) -> Decimal:
    bare = amount.normalize(numerals.EXACT)
    exponent = bare.as_tuple().exponent
    return numerals.round_to(bare, 0) if isinstance(exponent, int) and 0 < exponent < 15 else bare


def _last_place(measure: Measured, amount: Decimal, unit: str) -> int:
    """Return the power of ten of the last digit worth showing."""
    source = measure.unit or unit
    step = _step(source, unit)
    _, digits, exponent = measure.amount.as_tuple()
    if step is None or not isinstance(exponent, int):
        return amount.adjusted() - max(len(digits) - 1, 2)
    # A step of 3.28 ft or 2.54 cm still shows ones; one of 3.8 L or more shows tens.
    place = floor(exponent + step + 0.45)
    if not amount or units.is_affine(source) or units.is_affine(unit):
        return min(place, 0)
    return min(place, amount.adjusted() - 2)


@lru_cache(maxsize=1024)
def _step(source: str, unit: str) -> float | None:
    """Return the power of ten that a step of one unit is in another, None if they run opposite ways."""
    factor = units.scale_factor(source, unit)
    return None if factor is None else log10(factor)


def _written(converted: Sequence[_Converted], context: RenderContext) -> list[Shown]:
    decimals = common_decimals([worth for _, worth, _, _ in converted])
    shown = []
    for amount, worth, unit, given in converted:
        if decimals is None:
            text, altered = numerals.format_amount(worth, context.locale), unit != given.unit
        else:
            # Where the row has more decimals than this is worth, the digits of the exact amount are no
            # more made up than zeros, and 100 mph stays equal to 160.9 km/h.
            source = worth if decimals <= _decimals(worth) else amount
            rounded = numerals.round_to(source, decimals)
            text = numerals.written_out(rounded, context.locale)
            # A zero that was added is no digit that was given either.
            rewritten = not rounded.same_quantum(worth) and (decimals > 0 or rounded != worth)
            altered = unit != given.unit or rewritten
        shown.append(Shown(amount, unit, text, altered))
    return shown


# Amounts of up to so many digits are padded to the most precise without a second thought.
_EASY_DIGITS, _EASY_ZEROS = 7, 2
_LEAST_DIGITS = 4
_MOST_ZEROS = 3


def common_decimals(amounts: Sequence[Decimal]) -> int | None:
    """Return how many decimals all amounts of a row are to have; None if each keeps its own.

    Few missing zeros are added; else all are rounded to as few decimals as leave four digits of each and
    keep different amounts apart. A row of 0.00009 and 19.3 would need more than three zeros that nobody
    measured, so neither is done to it (docs/decisions/equal-decimals.md).
    """
    if len(amounts) < 2 or any(map(numerals.is_scientific, amounts)):
        return None
    places = [_decimals(amount) for amount in amounts]
    least, most = min(places), max(places)
    if least == most:
        return most
    largest = max(amount.adjusted() for amount in amounts) + 1
    if most - least <= _EASY_ZEROS and max(largest, 1) + most <= _EASY_DIGITS:
        return most
    fewest = _fewest_decimals(amounts, places)
    return fewest if fewest - least <= _MOST_ZEROS else None


def _fewest_decimals(amounts: Sequence[Decimal], places: Sequence[int]) -> int:
    """Return the decimals that leave four digits of each amount, or all that it has, and none alike."""
    telling = [
        min(place, _LEAST_DIGITS - 1 - amount.adjusted()) if amount else 0
        for amount, place in zip(amounts, places, strict=True)
    ]
    fewest, distinct = max(min(places), *telling), len(set(amounts))
    while len({numerals.round_to(amount, fewest) for amount in amounts}) < distinct:
        fewest += 1
    return fewest


def _decimals(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def with_unit(text: str, unit: str | None, context: RenderContext) -> str:
    """Return a formatted amount followed by its unit, as the reader's language writes it."""
    if unit is None:
        return text
    if unit in ("%", "‰"):
        return text + _percent_gap(context.locale) + unit
    return f"{text} {context.gettext(unit) if units.is_word(unit) else unit}"


@lru_cache(maxsize=256)
def _percent_gap(locale: str) -> str:
    suffix = numerals.locale_of(locale).percent_formats[None].suffix[0]
    return str(suffix).partition("%")[0]


def schema(members: Mapping[str, object], *required: str) -> dict[str, object]:
    """Return the JSON Schema of an object of just these members."""
    return {
        "type": "object",
        "properties": dict(members),
        "required": list(required),
        "additionalProperties": False,
    }


def amount_schema() -> dict[str, object]:
    """Return the JSON Schema of an amount."""
    return {"anyOf": [{"type": "string", "pattern": numerals.AMOUNT_PATTERN}, {"type": "number"}]}


def unit_schema() -> dict[str, object]:
    """Return the JSON Schema of a unit; which ones there are depends on the category as well."""
    return {"type": ["string", "null"], "minLength": 1, "maxLength": LONGEST_UNIT}
