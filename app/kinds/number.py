"""Numbers, with a unit or without."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from app.domain.messages import N_
from app.kinds import json_forms, measures, numerals, units
from app.kinds.base import Display, Kind, ParseContext, RenderContext, SortKeys, isolated


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount, with all the digits it was given, and its unit (None: a plain number)."""

    amount: Decimal
    unit: str | None = None


class NumberKind(Kind[Quantity]):
    """Quantities: compared in the base unit of their dimension, shown in one unit for each row."""

    tag = "number"
    label = N_("Number")
    widget = "number"
    numeric = True

    def parse(self, text: str, context: ParseContext) -> Quantity:
        """Understand ``8.85 kg`` and ``1,080``; without a unit the property's is meant."""
        amount, rest = numerals.split_amount(text, context.locale)
        unit = measures.accept_unit(rest, context) if rest else measures.implied_unit(context) or None
        return Quantity(amount, unit)

    def from_json(self, raw: object, context: ParseContext) -> Quantity:
        """Take ``{"amount", "unit"}``; the amount is an exact decimal string or a JSON number."""
        found = json_forms.members(raw, '{"amount": "8.85", "unit": "kg"}', ("amount",), ("unit",))
        with json_forms.within("amount"):
            amount = numerals.from_json_amount(found["amount"])
        with json_forms.within("unit"):
            return Quantity(amount, measures.json_unit(found.get("unit"), context))

    def to_json(self, value: Quantity) -> object:
        """Return the amount as its exact decimal string."""
        return {"amount": numerals.decimal_text(value.amount), "unit": value.unit}

    def from_stored(self, stored: object) -> Quantity:
        """Read the JSON form, with any unit that was once declared."""
        found = json_forms.members(stored, '{"amount": "8.85", "unit": "kg"}', ("amount", "unit"))
        return Quantity(numerals.from_json_amount(found["amount"]), measures.stored_unit(found["unit"]))

    def typed(self, value: Quantity, locale: str) -> str:
        """Return all digits with the locale's decimal sign, and the unit's symbol."""
        amount = numerals.typed_amount(value.amount, locale)
        return f"{amount} {value.unit}" if value.unit else amount

    def text(self, value: Quantity, context: RenderContext) -> str:
        """Return the value in the reader's units and locale."""
        return self.display(value, context).text

    def render(self, value: Quantity, context: RenderContext) -> Markup:
        """Return the value as HTML, in the reader's units and locale."""
        return self.display(value, context).html

    def display(self, value: Quantity, context: RenderContext) -> Display:
        """Return the value on its own, with its given form where the units of the reader are others."""
        return self._displays([value], context)[0]

    def display_row(self, values: Sequence[Quantity | None], context: RenderContext) -> list[Display | None]:
        """Return the values of a row, those of one dimension in one unit and with equal decimals."""
        displays = iter(self._displays([value for value in values if value is not None], context))
        return [None if value is None else next(displays) for value in values]

    def _displays(self, values: Sequence[Quantity], context: RenderContext) -> list[Display]:
        rows = measures.lay_out(values, context)
        return [_display(value, shown, context) for value, shown in zip(values, rows, strict=True)]

    def equal(self, a: Quantity, b: Quantity) -> bool:
        """Say whether both are the same amount, also between consumption and economy of fuel."""
        if a.unit and b.unit and a.unit != b.unit and units.run_opposite(a.unit, b.unit):
            return units.same_across(a.amount, a.unit, b.amount, b.unit)
        return units.order(a.amount, a.unit, b.amount, b.unit) == 0

    def compare(self, a: Quantity, b: Quantity) -> int | None:
        """Return -1, 0 or 1; None where the two measure different things."""
        return units.order(a.amount, a.unit, b.amount, b.unit)

    def sort_keys(self, value: Quantity) -> SortKeys:
        """Sort within a dimension by the amount in its base unit."""
        return SortKeys(units.sort_key(value.amount, value.unit))

    def json_schema(self) -> dict[str, object]:
        """An amount, and a unit or null."""
        members = {"amount": measures.amount_schema(), "unit": measures.unit_schema()}
        return measures.schema(members, "amount")


def _display(value: Quantity, shown: measures.Shown, context: RenderContext) -> Display:
    text = measures.with_unit(shown.text, shown.unit, context)
    original = ""
    if shown.altered:
        given = numerals.format_amount(value.amount, context.locale)
        original = measures.with_unit(given, value.unit, context)
    return Display(isolated(text), text, original, shown.amount, shown.unit or "")
