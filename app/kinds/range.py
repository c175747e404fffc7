"""Ranges of numbers, with a unit or without: ``10–12.5 h``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds import json_forms, measures, numerals, units
from app.kinds.base import Display, Kind, ParseContext, RenderContext, SortKeys

_DASHES = "–—‒―~〜∼"
_SEPARATOR = rf"(?:[{_DASHES}]|-|\bto\b|\bbis\b|à|至|到|\.{{2,3}})"
_TYPED = re.compile(
    rf"(?P<min>{numerals.NUMBER})\s?(?P<unit>[^\d\s{_DASHES}-][^{_DASHES}]*?)?\s?{_SEPARATOR}\s?"
    rf"(?P<max>{numerals.NUMBER}(?![.,'^]))\s?(?P<rest>\D.*)?",
    re.IGNORECASE,
)
_EXAMPLE = '{"min": "10", "max": "12.5", "unit": "h"}'


@dataclass(frozen=True, slots=True)
class QuantityRange:
    """Two exact amounts in one unit (None: plain numbers), ``min`` no greater than ``max``."""

    min: Decimal
    max: Decimal
    unit: str | None = None


class RangeKind(Kind[QuantityRange]):
    """Ranges: ordered by their lower end, then by their upper one, in the base unit of their dimension."""

    tag = "range"
    label = N_("Range")
    widget = "range"
    numeric = True

    def parse(self, text: str, context: ParseContext) -> QuantityRange:
        """Understand ``10–12.5 h``, ``10 to 12``, ``-5–-2 °C``, ``90 min – 2 h`` and a single amount."""
        match = _TYPED.fullmatch(numerals.normalize(text))
        if match is None:
            return self._single(text, context)
        last = match["rest"] or match["unit"]
        unit = measures.accept_unit(last, context) if last else measures.implied_unit(context) or None
        low = numerals.parse_decimal(match["min"], context.locale)
        high = numerals.parse_decimal(match["max"], context.locale)
        if match["rest"] and match["unit"] and unit:
            low = _in_unit(low, measures.accept_unit(match["unit"], context), unit)
        return _ordered(low, high, unit)

    def _single(self, text: str, context: ParseContext) -> QuantityRange:
        try:
            amount, rest = numerals.split_amount(text, context.locale)
        except ValueRefused as refused:
            raise ValueRefused(Message(N_("Expected a range such as 10–12 h."))) from refused
        unit = measures.accept_unit(rest, context) if rest else measures.implied_unit(context) or None
        return QuantityRange(amount, amount, unit)

    def from_json(self, raw: object, context: ParseContext) -> QuantityRange:
        """Take ``{"min", "max", "unit"}``; the ends are exact decimal strings or JSON numbers."""
        found = json_forms.members(raw, _EXAMPLE, ("min", "max"), ("unit",))
        with json_forms.within("min"):
            low = numerals.from_json_amount(found["min"])
        with json_forms.within("max"):
            high = numerals.from_json_amount(found["max"])
        with json_forms.within("unit"):
            unit = measures.json_unit(found.get("unit"), context)
        return _ordered(low, high, unit)

    def to_json(self, value: QuantityRange) -> object:
        """Return the ends as their exact decimal strings."""
        low, high = numerals.decimal_text(value.min), numerals.decimal_text(value.max)
        return {"min": low, "max": high, "unit": value.unit}

    def from_stored(self, stored: object) -> QuantityRange:
        """Read the JSON form, with any unit that was once declared."""
        found = json_forms.members(stored, _EXAMPLE, ("min", "max", "unit"))
        low, high = (numerals.from_json_amount(found[name]) for name in ("min", "max"))
        return _ordered(low, high, measures.stored_unit(found["unit"]))

    def typed(self, value: QuantityRange, locale: str) -> str:
        """Return both ends with all their digits, and the unit's symbol."""
        low, high = (numerals.typed_amount(end, locale) for end in (value.min, value.max))
        return f"{low} – {high} {value.unit or ''}".strip()

    def text(self, value: QuantityRange, context: RenderContext) -> str:
        """Return the value in the reader's units and locale."""
        return self.display(value, context).text

    def render(self, value: QuantityRange, context: RenderContext) -> Markup:
        """Return the value as HTML, in the reader's units and locale."""
        return self.display(value, context).html

    def display(self, value: QuantityRange, context: RenderContext) -> Display:
        """Return the value on its own, with its given form where the units of the reader are others."""
        return self._displays([value], context)[0]

    def display_row(
        self, values: Sequence[QuantityRange | None], context: RenderContext
    ) -> list[Display | None]:
        """Return the values of a row, those of one dimension in one unit and with equal decimals."""
        displays = iter(self._displays([value for value in values if value is not None], context))
        return [None if value is None else next(displays) for value in values]

    def _displays(self, values: Sequence[QuantityRange], context: RenderContext) -> list[Display]:
        ends = [measures.Measure(end, value.unit) for value in values for end in (value.min, value.max)]
        shown = measures.lay_out(ends, context)
        if len(values) == 1 and shown[0].unit == values[0].unit:
            # Alone and in its own unit it stays as it was given: there is nothing to line up with.
            texts = (numerals.format_amount(end.amount, context.locale) for end in shown)
            shown = [end._replace(text=text, altered=False) for end, text in zip(shown, texts, strict=True)]
        pairs = zip(values, shown[::2], shown[1::2], strict=True)
        return [_display(value, low, high, context) for value, low, high in pairs]

    def equal(self, a: QuantityRange, b: QuantityRange) -> bool:
        """Say whether both have equal ends, also between consumption and economy of fuel."""
        if a.unit and b.unit and units.run_opposite(a.unit, b.unit):
            return units.same_across(a.min, a.unit, b.max, b.unit) and units.same_across(
                a.max, a.unit, b.min, b.unit
            )
        return super().equal(a, b)

    def sort_keys(self, value: QuantityRange) -> SortKeys:
        """Sort low by the lower end, then the upper; high by the upper, then the lower."""
        scale, _, low = units.sort_key(value.min, value.unit).partition(" ")
        high = units.sort_key(value.max, value.unit).partition(" ")[2]
        return SortKeys(f"{scale} {low} {high}", f"{scale} {high} {low}")

    def json_schema(self) -> dict[str, object]:
        """Both ends, and a unit or null."""
        amount = measures.amount_schema()
        members = {"min": amount, "max": amount, "unit": measures.unit_schema()}
        return measures.schema(members, "min", "max")


def _ordered(low: Decimal, high: Decimal, unit: str | None) -> QuantityRange:
    if low > high:
        raise ValueRefused(Message(N_("Expected the lower end of the range first.")), "min")
    return QuantityRange(low, high, unit)


def _in_unit(amount: Decimal, source: str, target: str) -> Decimal:
    try:
        return numerals.check_limits(units.convert(amount, source, target))
    except ValueError as error:
        message = Message(N_("Expected both ends of the range in units of the same kind."))
        raise ValueRefused(message) from error


def _display(
    value: QuantityRange, low: measures.Shown, high: measures.Shown, context: RenderContext
) -> Display:
    if value.unit and low.unit and units.run_opposite(value.unit, low.unit):
        low, high = high, low
    text = measures.with_unit(_span(low.text, high.text), high.unit, context)
    original = ""
    if low.altered or high.altered:
        ends = (numerals.format_amount(end, context.locale) for end in (value.min, value.max))
        original = measures.with_unit(_span(*ends), value.unit, context)
    return Display(Markup("<bdi>%s</bdi>") % text, text, original, high.amount, high.unit or "")


def _span(low: str, high: str) -> str:
    """Return ``10–12``; with spaces where a sign or a power of ten would run into the dash."""
    if low == high:
        return low
    dash = "–" if low.replace(".", "").isalnum() and high[0].isdigit() else " – "
    return f"{low}{dash}{high}"
